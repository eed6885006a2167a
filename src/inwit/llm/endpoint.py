"""A model behind an HTTP endpoint that speaks the chat-completions protocol (OpenAI, vLLM, ...).

Every problem of a batch is one request, several at once. A request that fails is repeated; if it
keeps failing, scoring stops, since the server's faults are not the model's.
"""

import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from inwit.errors import InvalidOption
from inwit.llm.chats import (
    Asked,
    ChatModel,
    Reply,
    asked,
    read_calls,
    text_of,
    without_calls,
)
from inwit.llm.prompts import Message
from inwit.texts import to_json

KEY = "INWIT_API_KEY"
"""The environment variable with the API key, if the endpoint needs one."""
AGAIN = {408, 409, 425, 429, 500, 502, 503, 504}
"""HTTP statuses that are worth another try."""
TRIES, PAUSE, LONGEST_PAUSE = 5, 1.0, 60.0
"""Tries per request, and the seconds before the second one; doubled every time."""
SECONDS, AT_ONCE, TOKENS = 120.0, 8, 1024
MAX_BYTES = 2**23
"""Maximum bytes of a response."""
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Endpoint(ChatModel):
    """A chat model behind a URL."""

    def __init__(
        self,
        place: str,
        *,
        key: str | None = None,
        seconds: float = SECONDS,
        pause: float = PAUSE,
        tokens: int = TOKENS,
    ) -> None:
        """Nothing is sent yet.

        Args:
            place: `https://host/v1#model`.
            key: sent as a bearer token; by default the value of `INWIT_API_KEY`.
            seconds: timeout of one response.
            pause: seconds before the second try.
            tokens: maximum length of a reply.

        Raises:
            InvalidOption: the URL is malformed, or a key would be sent unencrypted.
        """
        self.url, self.model = _split(place)
        self.name, self.seconds, self.pause, self.tokens = self.model, seconds, pause, tokens
        self.key = os.environ.get(KEY, "") if key is None else key
        host = urlsplit(self.url).hostname or ""
        if self.key and host not in LOOPBACK and not self.url.startswith("https:"):
            raise InvalidOption(
                f"{self.url}: {KEY} is sent over https alone; unset it, or use https"
            )
        self.opener = _opener(host)

    def reply(
        self, chats: Sequence[Sequence[Message]], tools: Sequence[dict[str, object]]
    ) -> list[Reply]:
        """One message for each chat.

        Raises:
            InvalidOption: the endpoint cannot be reached, refuses, or keeps failing.
        """
        with ThreadPoolExecutor(AT_ONCE) as workers:
            waiting = [workers.submit(self._ask, chat, tools) for chat in chats]
            try:
                return [each.result() for each in waiting]
            except BaseException:
                workers.shutdown(wait=False, cancel_futures=True)
                raise

    def _ask(self, chat: Sequence[Message], tools: Sequence[dict[str, object]]) -> Reply:
        asking = {
            "model": self.model,
            "messages": list(map(_outgoing, chat)),
            "tools": list(tools),
            "temperature": 0,
            "max_tokens": self.tokens,
        }
        return _reply(self._send(to_json(asking).encode()))

    def _send(self, body: bytes) -> Mapping[str, Any]:
        """The response to a request, with retries."""
        reason = ""
        for tried in range(TRIES):
            wait = self.pause * 2 ** (tried - 1) if tried else 0.0
            try:
                return self._once(body)
            except HTTPError as error:
                with error:
                    reason = f"{error.code} {error.reason}: {_message(error.read(2000))}".rstrip(
                        ": "
                    )
                    if error.code not in AGAIN:
                        break
                    wait = _told_to_wait(error) or wait
            except (TimeoutError, ConnectionResetError, HTTPException, ValueError) as error:
                reason = _reason(error, self.seconds)
            except URLError as error:
                reason = _reason(error.reason, self.seconds)
                if not isinstance(error.reason, (TimeoutError, ConnectionResetError)):
                    break
            if tried < TRIES - 1:
                time.sleep(min(max(wait, self.pause), LONGEST_PAUSE))
        else:
            reason = f"after {TRIES} tries: {reason}"
        raise InvalidOption(f"{self.url}: {reason}")

    def _once(self, body: bytes) -> Mapping[str, Any]:
        """One request.

        Raises:
            ValueError: the response holds no message.
        """
        headers = {"Content-Type": "application/json", "User-Agent": "inwit"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = Request(self.url, data=body, headers=headers)
        with self.opener.open(request, timeout=self.seconds) as response:
            content = response.read(MAX_BYTES)
        try:
            message = json.loads(content)["choices"][0]["message"]
        except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
            raise ValueError(f"its response is not a chat completion: {content[:80]!r}") from error
        if not isinstance(message, dict):
            raise ValueError(f"its response is not a chat completion: {content[:80]!r}")
        return message


class _NoRedirects(HTTPRedirectHandler):
    """The key is never sent to another host."""

    def redirect_request(self, *given: Any, **named: Any) -> None:
        return None


def _opener(host: str) -> OpenerDirector:
    proxies: list[Any] = [ProxyHandler({})] if host in LOOPBACK else []
    return build_opener(_NoRedirects, *proxies)


def _split(place: str) -> tuple[str, str]:
    parts = urlsplit(place)
    base = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    if parts.scheme not in ("http", "https") or not parts.hostname or not parts.fragment:
        raise InvalidOption(f"llm:{place}: an endpoint is llm:https://host/v1#model")
    if parts.username or parts.query:
        raise InvalidOption(f"llm:{parts.hostname}: put the key into {KEY}, not into the URL")
    return f"{base}/chat/completions", parts.fragment


def _outgoing(message: Message) -> Message:
    """A message as it is sent: arguments as text, results with the id of their call."""
    return {name: value for name, value in message.items() if name != "name"}


def _reply(message: Mapping[str, Any]) -> Reply:
    """The text and calls of a message; what cannot be parsed is a mistake of the model.

    A server without support for calls leaves them in the text.
    """
    listed, text = message.get("tool_calls"), text_of(message.get("content"))
    calls = listed if isinstance(listed, list) else []
    if not calls and isinstance(single := message.get("function_call"), Mapping):
        calls = [{"function": single}]  # as before calls had a list
    wanted = [_asked(call, place) for place, call in enumerate(calls) if isinstance(call, Mapping)]
    if not wanted:
        found = enumerate(read_calls(text))
        wanted = [replace(call, identity=f"call_{place}") for place, call in found]
        text = without_calls(text) if wanted else text
    back: Message = {"role": "assistant", "content": text}
    if wanted:
        back["tool_calls"] = list(map(_sent, wanted))
    return Reply(text=text, calls=tuple(wanted), message=back)


def _asked(call: Mapping[str, Any], place: int) -> Asked:
    about = call.get("function")
    function = about if isinstance(about, Mapping) else {}
    identity = str(call.get("id") or f"call_{place}")
    return asked(function.get("name"), function.get("arguments"), identity)


def _sent(call: Asked) -> dict[str, object]:
    """A call in the form of the protocol."""
    function = {"name": call.name or "none", "arguments": to_json(call.arguments)}
    return {"id": call.identity, "type": "function", "function": function}


def _told_to_wait(error: HTTPError) -> float:
    """The seconds of `Retry-After`, if given."""
    try:
        return max(0.0, float(error.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0


def _message(body: bytes) -> str:
    """The error message of a server."""
    try:
        error = json.loads(body)["error"]
        return str(error["message"] if isinstance(error, Mapping) else error)[:200]
    except (ValueError, KeyError, TypeError, RecursionError):
        return body[:200].decode("utf8", "replace").strip()


def _reason(error: object, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no response within {seconds:g} seconds"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)[:200]
