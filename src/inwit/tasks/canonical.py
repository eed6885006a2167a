"""A canonical text for any value; the held-out split hashes it.

Equal problems must have equal texts in every process, whether a number is written `3` or `3.0`.
A value without such a text (no attributes and no `__repr__`, or one that shows an address) is
represented by its type alone, so all of them fall on one side.
"""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum

from inwit.tools import is_number, text_of, to_float

DEEPEST = 8
"""Maximum nesting; deeper values are represented by their type."""
_UNSTABLE = re.compile("0x[0-9a-fA-F]{4,}|[{]")
"""An address or a possible set in a `repr`: it differs between processes."""


def canonical(value: object, depth: int = 0) -> str:
    """A text that is equal for equal values, in every process.

    Args:
        value: an operand, or a part of one.
        depth: its nesting; values that are nested too deep are represented by their type.
    """
    found = _written(value, depth)
    return f"<{type(value).__qualname__}>" if found is None else found


def is_canonical(value: object) -> bool:
    """Whether a value has a canonical text of its own."""
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
    except BaseException:  # a user's type may raise anything
        return None
    if text is None or _UNSTABLE.search(text):
        return None
    return f"{type(value).__qualname__}({text})"


def _parts(value: object, depth: int) -> list[str] | None:
    """The texts of the parts of a collection or an object, in a canonical order."""
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
