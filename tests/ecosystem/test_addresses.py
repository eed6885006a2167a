"""Addresses, keys and connections that fail are told in one line, and a key is never shown."""

import gzip
import json

import pytest

from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.llm.chats import text_of
from inwit.llm.endpoint import Endpoint
from inwit.llm.protocol import Refusal
from tests.ecosystem.stub_server import calculating, serving

CHAT = [{"role": "user", "content": "what is 2*13"}]


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("http://[::1/v1#m", "cannot be read"),
        ("http://[zz]:80/v1#m", "cannot be read"),
        ("http://exa..mple/v1#m", "cannot be read"),
        (f"http://{'a' * 70}.com/v1#m", "cannot be read"),
        ("http://127.0.0.1:abc/v1#m", "cannot be read"),
        ("http://127.0.0.1/\u00fc/v1#m", "as %XX"),
        ("http://127.0.0.1/a b/v1#m", "as %XX"),
        ("http://:pw@127.0.0.1:9/v1#m", "put the key into INWIT_API_KEY"),
        ("http://127.0.0.1:9/v1?api-version=2024#m", "leave out what follows"),
    ],
)
def test_an_address_that_cannot_be_asked_is_told_at_once(place, why):
    with pytest.raises(InvalidOption, match=why):
        Endpoint(place, key="")


@pytest.mark.parametrize("key", ["secret\nsecret", "secret\u2026"])
def test_a_key_that_cannot_be_sent_is_not_shown(key):
    with pytest.raises(InvalidOption, match="INWIT_API_KEY") as told:
        Endpoint("http://127.0.0.1/v1#m", key=key)
    assert "secret" not in str(told.value)
    assert Endpoint("http://127.0.0.1/v1#m", key="secret\n").key == "secret"


def test_the_whole_address_may_be_given():
    whole = Endpoint("http://127.0.0.1/v1/chat/completions#m", key="")
    assert whole.url == Endpoint("http://127.0.0.1/v1/#m", key="").url


@pytest.mark.parametrize("error", [OSError(113, "No route to host"), ConnectionAbortedError(103)])
def test_a_connection_that_breaks_is_a_refusal(error, monkeypatch):
    def broken(body):
        raise error

    endpoint = Endpoint("http://127.0.0.1/v1#m", key="")
    monkeypatch.setattr(endpoint, "_fetch", broken)
    found, _ = endpoint._try(b"{}", 0)
    assert isinstance(found, Refusal)
    assert found.status == 408


def test_thoughts_in_parts_are_no_part_of_the_answer():
    parts = [{"type": "reasoning", "text": "Perhaps 18."}, {"type": "text", "text": "21"}]
    assert text_of(parts) == "21"
    assert text_of([{"text": "2"}, "1"]) == "21"


def test_a_response_may_be_compressed():
    def answer(request):
        plain = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "it is 26"}}]}
        return 200, gzip.compress(json.dumps(plain).encode()), {"Content-Encoding": "gzip"}

    with serving(answer) as stub:
        assert Endpoint(f"{stub.url}#m").reply([CHAT], [])[0].text == "it is 26"


def test_a_redirect_says_where_to():
    place = "https://elsewhere.example/v1"
    told = pytest.raises(InvalidOption, match=f"redirects are not followed: give {place}")
    with serving(lambda request: (301, b"", {"Location": place})) as stub, told:
        Endpoint(f"{stub.url}#m").reply([CHAT], [])
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            ["evaluate", "--agent", "llm:http://127.0.0.1:9/v1#m", "--device", "cuda"],
            "--device cuda is for models in this process",
        ),
        (["train", "stages", "--agent", "llm:tiny"], "stages and --task: give one of them"),
    ],
)
def test_what_an_agent_would_ignore_is_refused(given, says, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*given, "--task", "expressions"])
    assert stop.value.code == 2
    assert says in capsys.readouterr().err


def test_a_trace_is_of_the_first_level_by_default(capsys):
    with serving(calculating) as stub:
        agent = ["--agent", f"llm:{stub.url}#m", "--task", "stages"]
        main(["trace", *agent, "--count", "1"])
        alone = capsys.readouterr().out
        main(["trace", *agent, "--count", "1", "--level", "0"])
    assert alone == capsys.readouterr().out
