"""Addresses, keys and connections that fail are told in one line, and a key is never shown."""

import pytest

from inwit.errors import InvalidOption
from inwit.llm.chats import text_of
from inwit.llm.endpoint import Endpoint
from inwit.llm.protocol import Refusal


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
