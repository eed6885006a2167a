"""The forms of replies that servers send, read by one reader; and a real server on this machine."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.llm import Toolbox, demonstrations
from inwit.llm.endpoint import TRIES, Endpoint
from inwit.llm.protocol import Refusal, response
from inwit.llm.scoring import evaluate_model
from inwit.llm.written_calls import read_calls
from tests.ecosystem.stub_server import calculating, calling, serving

HERE = Path(__file__).parent


def table(name):
    return [json.loads(line) for line in (HERE / name).read_text().splitlines()]


FORMS = table("replies.jsonl")
"""A server, the source of the form (names and numbers are ours), the body of a response, the calls
in it (no arguments: they cannot be read; no name: nor can the call), the text beside them."""
REFUSALS = table("refusals.jsonl")
"""A server, the source, status and body, what the user is told, and the requests."""
UNREAD = {"llama.cpp: arguments that are cut off", "Groq: a call that is cut off"}
"""Calls whose name can be read, but not their arguments."""


@pytest.mark.parametrize("form", [*FORMS, *REFUSALS], ids=lambda form: form["server"])
def test_a_form_has_a_source(form):
    assert form["source"].startswith("https://") != form["server"].startswith("made up")


def asked(form, tries=1):
    """The reply to a request that is answered in this form."""
    body = form["body"] if isinstance(form["body"], str) else json.dumps(form["body"])
    with serving(lambda request: (form.get("status", 200), body.encode(), {})) as stub:
        model = Endpoint(f"{stub.url}#stub", pause=0.001)
        try:
            return model.reply([[{"role": "user", "content": "3*7"}]], Toolbox("stages").schemas)[0]
        finally:
            assert len(stub.asked) == tries


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["server"])
def test_a_reply_is_read_whatever_its_form(form):
    reply = asked(form)
    assert [[call.name, call.arguments] for call in reply.calls] == form["calls"]
    mistaken = [not name or form["server"] in UNREAD for name, _ in form["calls"]]
    assert [bool(call.mistake) for call in reply.calls] == mistaken
    assert reply.text == form["text"]
    back = reply.message.get("tool_calls", [])
    assert all(
        call["id"] and json.loads(call["function"]["arguments"]) is not None for call in back
    )
    assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", call["function"]["name"]) for call in back)
    assert len({call["id"] for call in back}) == len(back) == len(form["calls"])


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form["server"])
def test_a_model_in_this_process_is_read_alike(form):
    if "choices" not in form["body"]:
        return
    message = form["body"]["choices"][0]["message"]
    if isinstance(message.get("content"), str) and not message.get("tool_calls"):
        text, calls = read_calls(message["content"])
        assert [[call.name, call.arguments] for call in calls] == form["calls"]
        assert text == form["text"]


@pytest.mark.parametrize("form", REFUSALS, ids=lambda form: form["server"])
def test_a_refusal_is_told_in_the_words_of_the_server(form):
    tries = TRIES if form["tries"] == "again" else form["tries"]
    with pytest.raises(InvalidOption) as told:
        asked(form, tries)
    assert form["says"] in str(told.value)


def test_ids_are_as_mistral_wants_them_and_differ_within_a_chat():
    """Nine letters and digits, where the server gave none."""
    calls = [{"name": "recall", "arguments": {}}] * 2
    content = "".join(f"<tool_call>{json.dumps(each)}</tool_call>" for each in calls)
    seen = []

    def answer(request):
        seen.append(
            [each["tool_call_id"] for each in request["messages"] if "tool_call_id" in each]
        )
        return {"role": "assistant", "content": content if len(seen) < 3 else "21"}

    with serving(answer) as stub:
        evaluate_model(Endpoint(f"{stub.url}#stub"), Toolbox("stages"), count=1, seed=0, levels=[2])
    assert len(set(seen[-1])) == 4
    assert all(re.fullmatch("[a-zA-Z0-9]{9}", each) for each in seen[-1])


def test_thoughts_go_back_to_a_server_that_sends_them_apart():
    """DeepSeek refuses a chat without them, and an empty text counts as one."""
    for thoughts in ("", "I multiply."):
        message = {**calling("mul", {"a": 3, "b": 7}), "reasoning_content": thoughts}
        assert asked({"body": {"choices": [{"message": message}]}}).message == {
            **{"role": "assistant", "content": "", "reasoning_content": thoughts},
            "tool_calls": message["tool_calls"],
        }
    message["reasoning_content"] = None
    assert "reasoning_content" not in asked({"body": {"choices": [{"message": message}]}}).message


def test_signatures_of_thoughts_go_back_where_they_were():
    """Gemini and OpenRouter (github.com/8monkey-ai/hebo-gateway/issues/226)."""
    message = calling("mul", {"a": 3, "b": 7})
    message["tool_calls"][0]["extra_content"] = {"google": {"thought_signature": "c2lnbg=="}}
    message["reasoning_details"] = [{"type": "reasoning.encrypted", "data": "c2lnbg=="}]
    back = asked({"body": {"choices": [{"message": message}]}}).message
    assert back == message | {"content": ""}


def refusing(option, text, code):
    error = {"message": text, "type": "invalid_request_error", "param": option, "code": code}
    return 400, json.dumps({"error": error}).encode(), {}


def test_options_that_a_model_does_not_take_are_left_out(capsys):
    """OpenAI's reasoning models (github.com/holoviz/lumen/pull/1087, bmen25124's issue 16)."""

    def answer(request):
        if "max_tokens" in request:
            return refusing(
                "max_tokens",
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
                "'max_completion_tokens' instead.",
                "unsupported_parameter",
            )
        if "temperature" in request:
            return refusing(
                "temperature",
                "Unsupported value: 'temperature' does not support 0 with this model. Only the "
                "default (1) value is supported.",
                "unsupported_value",
            )
        assert request["max_completion_tokens"] == 1024
        return calculating(request)

    with serving(answer) as stub:
        main(["evaluate", "--agent", f"llm:{stub.url}#o", "--task", "stages", "--count", "9"])
    told = capsys.readouterr().out
    assert told.count("9 of 9") >= 3
    assert "o refuses temperature 0: its replies are sampled" in told


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (  # github.com/OpenHands/software-agent-sdk/issues/1837
            400,
            {
                "message": "Unsupported parameter: 'temperature' is not supported with this model.",
                "param": "temperature",
                "code": None,
            },
        ),
        (  # LiteLLM: github.com/Vivswan/litellm-vscode-chat/issues/18
            400,
            {
                "message": "litellm.UnsupportedParamsError: gpt-5 models (including gpt-5-codex) "
                "don't support temperature=0. Only temperature=1 is supported.",
                "param": None,
                "code": "400",
            },
        ),
        (422, {"message": "Refused", "param": "temperature", "code": "unsupported_parameter"}),
    ],
)
def test_a_temperature_may_be_refused_in_other_words(status, error):
    found = response(status, json.dumps({"error": error}).encode(), 0)
    assert isinstance(found, Refusal)
    assert found.option == "temperature"


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
