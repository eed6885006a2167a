"""The lines of the pytest plugin, and what `assert_sound` refuses before it audits."""

import pytest

from inwit.errors import InvalidOption, UnknownName
from inwit.testing import assert_sound
from inwit.testing.plugin import read_line


def test_a_line_is_a_target_and_its_options():
    line = "gymnasium:envs:Own-v0 items=12 seed=3 fail_on=warn set=size=4 set=name='a b=c'"
    settings = {"size": "4", "name": "a b=c"}
    options = {"items": 12, "seed": 3, "fail_on": "warn", "set": settings}
    assert read_line(line) == ("gymnasium:envs:Own-v0", options)
    assert read_line("rewards.py:score") == ("rewards.py:score", {})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("rows.jsonl", "'rows.jsonl': give key=value, where the key is one of baseline, data, "),
        ("ignore=x", "'ignore=x': give key=value, where the key is one of "),
        ("items=abc", "'items=abc': items is a whole number, such as items=12"),
        ("seed=-1", "'seed=-1': seed is a whole number, such as seed=12"),
        ("set=size", "'set=size': give set=key=value, such as set=size=4"),
        ("data='x", "No closing quotation, give TARGET key=value"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(words, told):
    line = f"rewards.py:score {words}"
    with pytest.raises(InvalidOption) as caught:
        read_line(line)
    assert str(caught.value).startswith(f"inwit_audit: {line}: ")
    assert told in str(caught.value)


@pytest.mark.parametrize("given", ["wrong", "pass", None])
def test_another_verdict_is_refused_before_the_audit(given):
    with pytest.raises(
        UnknownName, match=r"unknown verdict of fail_on '.*: it is one of fail, warn"
    ):
        assert_sound("no_such_file.py:score", fail_on=given, data="no_such_file.jsonl")
