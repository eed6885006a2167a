"""Golds that are JSON objects: replies that differ from them for every reader, and near misses."""

import json
from collections.abc import Mapping
from typing import Any

from inwit.texts import to_json

CLOSE = 0.01
"""Numbers that differ by less, relative to the gold, may be the same."""
KINDS = ("[]", "null", "3", '"banana"', "{}", "true")
"""JSON other than an object with entries."""


def record(text: str) -> dict[str, Any] | None:
    """A text read as a JSON object; None if it is anything else, or empty."""
    text = text.strip()
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found or None if isinstance(found, dict) else None


def other_record(reply: str, gold: str) -> bool:
    """Whether a reply is JSON that no reader takes for the gold: a number in it differs."""
    wanted = record(gold)
    if wanted is None:
        return False
    if reply.strip() in KINDS:
        return True
    said = record(reply)
    return said is not None and any(
        _other_number(said.get(name), value) for name, value in wanted.items()
    )


def _other_number(said: object, wanted: object) -> bool:
    """Whether two values are numbers that differ."""
    if isinstance(wanted, bool) or not isinstance(wanted, (int, float)):
        return False
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        return False
    return abs(said - wanted) > CLOSE * abs(wanted)


def changed(gold: str) -> list[str]:
    """The object with one value changed: a number, a text or a truth value."""
    wanted = record(gold)
    if wanted is None:
        return []
    near = []
    for name, value in wanted.items():
        for other in _others(value):
            near.append(_written({**wanted, name: other}))
    return near


def without_a_key(gold: str) -> list[str]:
    """The object without one key, and with one more."""
    wanted = record(gold)
    if wanted is None:
        return []
    first = next(iter(wanted))
    less = {name: value for name, value in wanted.items() if name != first}
    return [_written(less), _written({**wanted, "no_such_key": 1})]


def _others(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1, value - 1, value + 0.9, -value - 1]
    if isinstance(value, str):
        return [f"{value}x", "banana"]
    return []


def _written(value: Mapping[str, object]) -> str:
    return to_json(value, ensure_ascii=False)
