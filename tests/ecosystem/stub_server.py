"""A server that speaks the chat-completions protocol, whose answers a test writes."""

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread


@dataclass
class Stub:
    """What it answers, and what it was asked."""

    answer: object
    """A function of the request's JSON: a message, or (status, body, headers)."""
    asked: list = field(default_factory=list)
    headers: list = field(default_factory=list)
    url: str = ""
    lock: Lock = field(default_factory=Lock)

    def take(self, request, headers):
        with self.lock:
            self.asked.append(request)
            self.headers.append(headers)
            return self.answer(request)


@contextmanager
def serving(answer):
    """A stub on a free port of this machine."""
    stub = Stub(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            given = stub.take(json.loads(body), dict(self.headers))
            status, content, headers = given if isinstance(given, tuple) else (200, given, {})
            if isinstance(content, dict):
                content = json.dumps({"choices": [{"index": 0, "message": content}]}).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *given):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stub.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield stub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def calling(name, arguments, identity="call_1", content=None):
    """A message that asks for one call; the arguments are text, as the protocol has them."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    function = {"name": name, "arguments": text}
    return {
        "role": "assistant",
        "content": content,
        "tool_calls": [{"id": identity, "type": "function", "function": function}],
    }


def calculating(request):
    """What a model would say that works `a*b+c`, `(a*b+c)-d`, `(a*b+c)-(d*e)` out rightly."""
    messages = request["messages"]
    question = next(each["content"] for each in messages if each["role"] == "user")
    numbers = [float(each) for each in question if each.isdigit()]
    results = [float(each["content"]) for each in messages if each["role"] == "tool"]
    a, b, c, *rest = numbers
    steps = [("mul", {"a": a, "b": b})]
    if results:
        steps.append(("add", {"a": results[0], "b": c}))
    if len(rest) == 1 and len(results) > 1:
        steps.append(("sub", {"a": results[1], "b": rest[0]}))
    if len(rest) == 2:
        if len(results) > 1:
            steps.append(("mul", {"a": rest[0], "b": rest[1]}))
        if len(results) > 2:
            steps.append(("sub", {"a": results[1], "b": results[2]}))
    if len(results) == 2 + len(rest):
        steps.append(("answer", {"value": results[-1]}))
    return calling(*steps[len(results)])
