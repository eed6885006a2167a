"""A text for any value, by which the held-out split tells problems apart.

The text must be the same wherever a problem is the same: in every process, and whether a number is
written `3` or `3.0`. A value that has no such text (it has neither attributes nor a `__repr__`, or
that names a place in memory) counts by its type alone, so that all of them are on one side.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum

from inwit.tools import is_number, text_of, to_float

DEEPEST = 8
"""What stands in more collections and objects than this is not looked at."""
_UNSTABLE = re.compile("0x[0-9a-fA-F]{4,}|[{]")
"""A place in memory, or what may be a set: another process writes it otherwise."""


def canonical(value: object, depth: int = 0) -> str:
    """A text that equal values of a type have in common, in every process.

    Args:
        value: an operand, or a part of one.
        depth: in how many others it stands; what stands too deep counts by its type.
    """
    found = _written(value, depth)
    return f"<{type(value).__qualname__}>" if found is None else found


def is_canonical(value: object) -> bool:
    """Whether a value has a text by which it can be told from others."""
    return _written(value, 0) is not None


def _written(value: object, depth: int) -> str | None:
    if depth > DEEPEST:
        return None
    if is_number(value):
        return repr(to_float(value) + 0.0)  # -0.0 is 0.0
    if value is None or isinstance(value, (str, bytes, bool)):
        return repr(value)
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}"
    try:
        parts = _parts(value, depth + 1)
        if parts is not None:
            return f"{type(value).__qualname__}[{', '.join(parts)}]"
        text = text_of(value)
        if text is None and type(value).__repr__ is not object.__repr__:
            text = repr(value)
    except KeyboardInterrupt:
        raise
    except BaseException:  # there is no end to what a stranger's type may raise
        return None
    if text is None or _UNSTABLE.search(text):
        return None
    return f"{type(value).__qualname__}({text})"


def _parts(value: object, depth: int) -> list[str] | None:
    """The texts of what a collection or an object holds, in an order of their own."""
    if isinstance(value, Mapping):
        pairs = value.items()
        return sorted(f"{canonical(key, depth)}: {canonical(each, depth)}" for key, each in pairs)
    if isinstance(value, AbstractSet):
        return sorted(canonical(each, depth) for each in value)
    if isinstance(value, (tuple, list)):
        return [canonical(each, depth) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        held = {each.name: getattr(value, each.name) for each in fields(value) if each.compare}
    else:
        held = dict(getattr(value, "__dict__", {}))
    return [f"{name}={canonical(held[name], depth)}" for name in sorted(held)] or None
