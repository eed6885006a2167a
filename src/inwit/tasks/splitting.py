"""Which problems are held out: about a fifth, by a text of what makes a problem what it is.

The text must be the same wherever a problem is the same: in every process, and whether a number is
written `3` or `3.0`. A value that has no such text (its class has neither fields nor a `__repr__`,
or that names a place in memory) counts by its type alone, so that all of them are on one side.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum

from pydantic import BaseModel

from inwit.tools import is_number, text_of, to_float

HELD_OUT = 5
"""One of so many problems is held out."""
_UNSTABLE = re.compile("0x[0-9a-fA-F]{4,}|[{]")
"""A place in memory, or what may be a set: another process writes it otherwise."""


def is_held_out(text: str) -> bool:
    """Whether the problem that a text stands for is held out."""
    return zlib.crc32(text.encode(errors="surrogatepass")) % HELD_OUT == 0


def canonical(value: object) -> str:
    """A text that equal values of a type have in common, in every process."""
    found = _written(value)
    return f"<{type(value).__qualname__}>" if found is None else found


def is_canonical(value: object) -> bool:
    """Whether a value has a text by which it can be told from others."""
    return _written(value) is not None


def _written(value: object) -> str | None:
    if is_number(value):
        return repr(to_float(value) + 0.0)  # -0.0 is 0.0
    if value is None or isinstance(value, (str, bytes, bool)):
        return repr(value)
    if isinstance(value, Enum):
        return f"{type(value).__qualname__}.{value.name}"
    parts = _parts(value)
    if parts is not None:
        return f"{type(value).__qualname__}{parts}"
    try:
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


def _parts(value: object) -> str | None:
    """The texts of what a collection or a dataclass holds, in an order of their own."""
    order: Callable[[list[str]], list[str]] = list
    if isinstance(value, Mapping):
        texts = [f"{canonical(key)}: {canonical(each)}" for key, each in value.items()]
        order = sorted
    elif isinstance(value, AbstractSet):
        texts, order = list(map(canonical, value)), sorted
    elif isinstance(value, (tuple, list)):
        texts = list(map(canonical, value))
    elif is_dataclass(value) and not isinstance(value, type):
        compared = [each.name for each in fields(value) if each.compare]
        texts = [f"{name}={canonical(getattr(value, name))}" for name in compared]
    elif isinstance(value, BaseModel):
        texts = [f"{name}={canonical(getattr(value, name))}" for name in type(value).model_fields]
    else:
        return None
    return f"[{', '.join(order(texts))}]"
