"""The forms of replies that servers send, read by one reader; and a real server on this machine."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from inwit.cli.main import main
from inwit.llm import Toolbox, demonstrations
from inwit.llm.chats import read_calls
from inwit.llm.endpoint import Endpoint
from tests.ecosystem.stub_server import serving

LINES = Path(__file__).with_name("replies.jsonl").read_text().splitlines()
FORMS = [json.loads(line) for line in LINES]
"""A server, its message, the calls in it (no name: it cannot be read), the text beside them."""


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["server"])
def test_a_reply_is_read_whatever_its_form(form):
    with serving(lambda request: form["message"]) as stub:
        model = Endpoint(f"{stub.url}#stub", pause=0.01)
        (reply,) = model.reply([[{"role": "user", "content": "3*7"}]], Toolbox("stages").schemas)
    assert [[call.name, call.arguments] for call in reply.calls] == form["calls"]
    assert [bool(call.mistake) for call in reply.calls] == [not name for name, _ in form["calls"]]
    assert reply.text == form["text"]
    back = reply.message.get("tool_calls", [])
    assert all(
        call["id"] and json.loads(call["function"]["arguments"]) is not None for call in back
    )
    assert len({call["id"] for call in back}) == len(back) == len(form["calls"])


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["server"])
def test_a_model_in_this_process_is_read_alike(form):
    content = form["message"]["content"]
    if isinstance(content, str) and not form["message"].get("tool_calls"):
        calls = [[call.name, call.arguments] for call in read_calls(content)]
        assert calls == form["calls"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """`transformers serve` with a tiny model that was shown the form of calls, in a few steps."""
    pytest.importorskip("transformers.cli.serve", reason="transformers serve is not installed")
    for package in ("fastapi", "uvicorn", "openai", "typer"):
        pytest.importorskip(package, reason=f"transformers serve needs {package}")
    from inwit.llm.tiny import tiny_model, tiny_tokenizer, warm_up

    chats = demonstrations("expressions", 300, level=1)
    tokenizer = tiny_tokenizer(chats)
    model = tiny_model(tokenizer)
    warm_up(model, tokenizer, chats, steps=50)
    folder = tmp_path_factory.mktemp("served") / "model"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder.with_name("log")
    command = [
        *(sys.executable, "-c", "from transformers.cli.transformers import main; main()", "serve"),
        *(str(folder), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"),
    ]
    cache = {"HF_HOME": str(folder.with_name("cache"))}
    offline = os.environ | cache | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with log.open("w") as lines:
        process = subprocess.Popen(command, stdout=lines, stderr=lines, env=offline)
    try:
        wait_for(port, process, log)
        yield folder, f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port, process, log, seconds=240):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


@pytest.mark.slow
def test_a_real_server_scores_as_the_model_in_this_process(server, tmp_path, capsys):
    """The same model, once behind HTTP and once in this process, has the same episodes."""
    folder, url = server
    read = []
    for name, agent in (("served", f"llm:{url}#{folder}"), ("local", f"llm:{folder}")):
        scores = tmp_path / f"{name}.json"
        options = ["--task", "expressions", "--lengths", "1", "--count", "12", "--seed", "7"]
        main(["evaluate", "--agent", agent, *options, "--json", str(scores)])
        read.append(json.loads(scores.read_text()))
    assert "1 operation" in capsys.readouterr().out
    served, local = read
    assert (
        sum(call["name"] == "answer" for each in served["episodes"] for call in each["calls"]) > 3
    )
    for here, there in zip(local["episodes"], served["episodes"], strict=True):
        assert (there["outcome"] == "right") == (there["answer"] == eval(there["problem"]))
        assert there["calls"] == here["calls"]
        assert there["answer"] == here["answer"]
