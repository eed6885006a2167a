"""JSON objects: what is another one for every reader."""

import json

import pytest

from inwit.auditing.base import Item
from inwit.auditing.text.records import changed, other_record, record, without_a_key
from inwit.auditing.text.truth import shown_wrong

GOLD = '{"name": "Ada", "age": 36}'


@pytest.mark.parametrize(
    "reply", ['{"name": "Ada", "age": 37}', "[]", "null", '"banana"', '{"age": 36.9}']
)
def test_another_number_or_no_object_is_wrong(reply):
    assert other_record(reply, GOLD)
    assert shown_wrong(reply, Item(question="Who?", gold=GOLD))


@pytest.mark.parametrize(
    "reply", [GOLD, '{"age": 36.0, "name": "Ada"}', '{"name": "Ada Lovelace", "age": 36}', "Ada"]
)
def test_other_spellings_and_names_prove_nothing(reply):
    assert not other_record(reply, GOLD)


def test_each_near_miss_changes_one_value_or_key():
    for reply in changed(GOLD):
        found = json.loads(reply)
        assert sum(found[name] != value for name, value in json.loads(GOLD).items()) == 1
    less, more = map(json.loads, without_a_key(GOLD))
    assert (set(less), set(more)) == ({"age"}, {"name", "age", "no_such_key"})


def test_what_is_no_object_has_no_near_misses():
    assert changed("36") == without_a_key("[1, 2]") == []
    assert record("{}") is record("{oops}") is None
