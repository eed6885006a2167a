"""A language model behind an HTTP endpoint, in the harness of the small networks."""

import json
import signal
import socket
import threading
import time
from threading import Event

import pytest

from inwit.cli.main import main
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.evaluation.scores import evaluate_levels
from inwit.llm import Toolbox
from inwit.llm.endpoint import TRIES, Endpoint
from inwit.llm.scoring import evaluate_model
from inwit.policies import UniformRandom
from inwit.tasks import Stages
from tests.ecosystem.stub_server import calculating, calling, serving

TASK = ["--task", "stages"]


def endpoint(stub, **options):
    return Endpoint(f"{stub.url}#stub", **({"pause": 0.01} | options))


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, arguments)))
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "Traceback" not in told
    return told


def said(text):
    return {"role": "assistant", "content": text}


def scored(answer, count=4, levels=(0,), **options):
    toolbox = Toolbox("stages")
    with serving(answer) as stub:
        found = evaluate_model(
            endpoint(stub, **options), toolbox, count=count, seed=2026, levels=levels
        )
    return (*found, stub)


def test_a_model_that_calculates_is_right_beside_the_same_oracle_and_chance():
    scores, conduct, done, stub = scored(calculating, count=12, levels=(0, 1, 2))
    beside = evaluate_levels(UniformRandom(), Environment(Stages()), (0, 1, 2), count=12, seed=2026)
    assert [score.agent.right for score in scores] == [12, 12, 12]
    assert [score.oracle for score in scores] == [score.oracle for score in beside]
    assert [score.chance for score in scores] == [score.chance for score in beside]
    assert [each.calls for each in conduct] == [12 * 3, 12 * 4, 12 * 5]
    assert [each.faults + each.in_words + each.without_tools for each in conduct] == [0, 0, 0]
    for transcript in done:  # Python's own arithmetic
        assert transcript.answer == eval(transcript.problem)
    names = {each["function"]["name"] for each in stub.asked[0]["tools"]}
    assert names == {"mul", "add", "sub", "store", "recall", "answer"}
    assert stub.asked[0]["temperature"] == 0


def test_the_command_prints_the_tables_and_writes_the_episodes(capsys, tmp_path):
    with serving(calculating) as stub:
        agent = ["--agent", f"llm:{stub.url}#stub", *TASK]
        main(["evaluate", *agent, "--count", "3", "--json", str(tmp_path / "scores.json")])
        table = capsys.readouterr().out
        main(["trace", *agent, "--level", "2", "--count", "1"])
        traced = capsys.readouterr().out
    assert table.count("100.0 %  3 of 3") == 3
    assert "answered  in words  unread  no tool" in table
    told = json.loads((tmp_path / "scores.json").read_text())
    assert [level["agent"]["right"] for level in told["levels"]] == [3, 3, 3]
    assert [call["name"] for call in told["episodes"][0]["calls"]] == ["mul", "add", "answer"]
    assert "key" not in told
    assert "(right)" in traced
    assert "sub(a=" in traced


def test_messages_that_end_at_the_limit_are_counted(capsys, tmp_path):
    """As of a model that thinks for long; the others are whole."""

    def answer(request):
        whole = "1" in request["messages"][1]["content"]
        choice = {"message": said("Let me see"), "finish_reason": "stop" if whole else "length"}
        return 200, json.dumps({"choices": [choice]}).encode(), {}

    kept = tmp_path / "scores.json"
    with serving(answer) as stub:
        agent = ["--agent", f"llm:{stub.url}#stub", *TASK, "--lengths", "0", "--count", "20"]
        main(["evaluate", *agent, "--tokens", "99", "--json", str(kept)])
    told = json.loads(kept.read_text())
    wanted = sum("1" not in each["problem"] for each in told["episodes"])
    assert 0 < wanted < 20
    assert told["conduct"][0]["cut"] == wanted
    assert [bool(each["cut"]) for each in told["episodes"]] == [
        "1" not in each["problem"] for each in told["episodes"]
    ]
    line = f"{wanted} of 20 messages ended at the limit of 99 tokens; --tokens N allows more"
    assert line in capsys.readouterr().out
    assert stub.asked[0]["max_tokens"] == 99


def test_an_answer_in_words_counts_and_is_told_apart():
    def answer(request):
        a, b, c = (int(each) for each in request["messages"][1]["content"] if each.isdigit())
        return said(f"{a} times {b} and {c} more: the answer is {a * b + c}.")

    (score,), (conduct,), _, _ = scored(answer)
    assert score.agent.right == conduct.in_words == conduct.without_tools == 4
    assert conduct.calls == 0


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("{a: 1}", "not a JSON object"),
        ("[1, 2]", "not a JSON object"),
        ({"a": 1}, "mul takes a, b"),
        ({"a": 1, "b": "many"}, "does not fit"),
        ({"a": 1, "b": 10**400}, "number"),
        ('{"a": 1, "b": NaN}', "not a JSON object"),
        ('{"a": 1, "b": 1e999}', "finite"),
        ({"a": 1, "b": True}, "true and false are not numbers"),
        ({"a": "1 or 2", "b": 1}, "cannot be read as one number"),
        ('{"a": 1, "b": ' + "[" * 5000 + "]" * 5000 + "}", "not a JSON object"),
    ],
)
def test_a_call_that_cannot_be_made_is_a_fault_that_the_model_is_told(arguments, why):
    def answer(request):
        tried = any(each["role"] == "tool" for each in request["messages"])
        return calling("answer", {"value": 0}) if tried else calling("mul", arguments)

    _, (conduct,), done, stub = scored(answer, count=1)
    assert conduct.faults == 1
    assert why in done[0].calls[0].fault
    assert why in stub.asked[-1]["messages"][-1]["content"]
    assert stub.asked[-1]["messages"][-1]["tool_call_id"] == "call_1"


@pytest.mark.parametrize(
    "message",
    [
        said(None),
        said(""),
        {"content": 7, "tool_calls": "many"},
        {"tool_calls": [None, {"function": None}, {"function": {"name": 3}}]},
        calling("no_such_tool", {}),
        calling("answer", {"value": [1]}),
    ],
)
def test_what_makes_no_sense_is_wrong_and_ends(message):
    (score,), (conduct,), done, _ = scored(lambda request: message, count=2)
    assert score.agent.right == conduct.answered == 0
    assert all(transcript.answer is None for transcript in done)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_is_busy_or_fails_is_asked_again(status):
    times = iter(range(10**6))

    def answer(request):
        if next(times) < 2:
            return status, b"{}", {"Retry-After": "0"}
        return calculating(request)

    (score,), _, _, stub = scored(answer, count=1)
    assert score.agent.right == 1
    assert len(stub.asked) == 2 + 3


def test_an_interruption_does_not_wait_for_a_slow_server():
    asked, over = Event(), Event()

    def answer(request):
        asked.set()
        over.wait(60)
        return said("late")

    def interrupt():
        asked.wait(60)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with serving(answer) as stub:
            threading.Thread(target=interrupt).start()
            with pytest.raises(KeyboardInterrupt):
                endpoint(stub).reply([[{"role": "user", "content": "hi"}]], [])
            late = over.is_set()
            over.set()
    finally:
        signal.signal(signal.SIGINT, before)
    assert not late
    assert len(stub.asked) == 1


def test_a_server_that_is_slow_is_asked_again():
    times = iter(range(10**6))

    def answer(request):
        if next(times) == 0:
            time.sleep(0.6)
        return calculating(request)

    (score,), _, _, stub = scored(answer, count=1, seconds=0.3)
    assert score.agent.right == 1
    assert len(stub.asked) >= 1 + 3  # more where this machine is slow, too


@pytest.mark.parametrize(
    ("answer", "why", "tries"),
    [
        ((500, b"oh", {}), f"after {TRIES} tries: 500 Internal Server Error: oh", TRIES),
        ((200, b"not JSON", {}), "not a chat completion", TRIES),
        ((200, b'{"choices": []}', {}), "not a chat completion", TRIES),
        ((401, b'{"error": {"message": "no such key"}}', {}), "401 Unauthorized: no such key", 1),
        ((404, b"", {}), "404 Not Found", 1),
        ((302, b"", {"Location": "http://127.0.0.1:1/"}), "302", 1),
    ],
)
def test_a_server_that_refuses_ends_the_scoring(answer, why, tries):
    with serving(lambda request: answer) as stub:
        with pytest.raises(InvalidOption) as told:
            endpoint(stub).reply([[{"role": "user", "content": "hi"}]], [])
        assert why in str(told.value)
        assert len(stub.asked) == tries


def test_an_address_without_its_end_is_told():
    """Ollama answers so where /v1 is missing."""
    with serving(lambda request: (404, b"404 page not found", {})) as stub:
        short = Endpoint(f"{stub.url.removesuffix('/v1')}#stub")
        with pytest.raises(InvalidOption, match="not found; such addresses often end in /v1"):
            short.reply([[{"role": "user", "content": "hi"}]], [])


def test_nobody_listening_is_told_in_a_line(capsys):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    told = refused(
        capsys, "evaluate", "--agent", f"llm:http://127.0.0.1:{port}/v1#m", *TASK, "--count", 1
    )
    assert "connection refused" in told


def test_the_key_comes_from_the_environment_and_is_sent_as_a_token(monkeypatch):
    monkeypatch.setenv("INWIT_API_KEY", "secret")
    with serving(calculating) as stub:
        evaluate_model(endpoint(stub), Toolbox("stages"), count=1, seed=0, levels=[0])
    assert {headers["Authorization"] for headers in stub.headers} == {"Bearer secret"}
    with pytest.raises(InvalidOption, match="over https alone"):
        Endpoint("http://example.org/v1#model")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--agent", "gpt", *TASK], "llm:FOLDER"),
        (["--agent", "llm:", *TASK], "llm:FOLDER"),
        (["--agent", "llm:https://host/v1", *TASK], "llm:https://host/v1#model"),
        (["--agent", "llm:https://me:pass@host/v1#m", *TASK], "INWIT_API_KEY"),
        (["--agent", "llm:ftp://host/v1#m", *TASK], "llm:https://host/v1#model"),
        (["--agent", "llm:nowhere", *TASK], "no such folder or file"),
        (["--agent", "llm:https://host/v1#m"], "needs a --task"),
        (["--agent", "llm:https://host/v1#m", "--task", "stage"], "unknown task"),
        (["run", "--agent", "llm:https://host/v1#m", *TASK], "give one of them"),
        (["--agent", "llm:https://host/v1#m", *TASK, "--tokens", "0"], "--tokens 0: it must be"),
        (["--tokens", "5"], "--tokens is for language models"),
    ],
)
def test_what_cannot_be_an_agent_is_told(capsys, arguments, why):
    for command in ("evaluate", "trace"):
        assert why in refused(capsys, command, *arguments)
