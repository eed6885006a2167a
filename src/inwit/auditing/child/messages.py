"""Messages to and from a child: lines of JSON, no Python objects."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

from inwit.texts import to_json

MAX_DEPTH = 20
NUMBER = "__number__"
"""Marks numbers that are not finite, which JSON lacks."""


def encode(value: object) -> bytes:
    """A message as a line."""
    return to_json(plain(value)).encode() + b"\n"


def decode(line: bytes) -> Any:
    """The message of a line."""
    return json.loads(line, object_hook=_restored)


def plain(value: object, depth: int = 0) -> Any:
    """A value in JSON: arrays become lists, unknown objects their `repr`."""
    if value is None or isinstance(value, (bool, int, str)):
        return str(value) if type(value) not in (type(None), bool, int, str) else value
    if isinstance(value, float):
        return float(value) if isfinite(value) else {NUMBER: str(float(value))}
    if depth > MAX_DEPTH:
        return repr(type(value))
    if isinstance(value, Mapping):
        return {str(name): plain(each, depth + 1) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each, depth + 1) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(each, depth + 1) for each in value), key=repr)
    listed = getattr(value, "tolist", None)  # arrays, tensors and their scalars
    return plain(listed(), depth + 1) if callable(listed) else repr(value)


def _restored(found: dict[str, Any]) -> Any:
    return float(found[NUMBER]) if found.keys() == {NUMBER} else found
