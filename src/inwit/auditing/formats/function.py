"""`FILE.py:FUNCTION --data FILE.jsonl`: any `score(reply, row) -> float`."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from inwit.auditing.base import Item
from inwit.auditing.formats.files import Rows, import_file, member
from inwit.auditing.formats.options import known, stated_range
from inwit.errors import InvalidOption


def open_target(reference: str, options: Mapping[str, Any]) -> "Function":
    """Import the file and read the rows."""
    path, _, name = reference.rpartition(":")
    given = dict(options.get("set") or {})
    known(given, ("range",))
    return Function(member(import_file(Path(path)), name), Rows(options), reference, given)


class Function:
    """Graded text: rows, and a function of a reply and a row."""

    def __init__(
        self, score: Callable[..., Any], rows: Rows, reference: str, options: Mapping[str, Any]
    ) -> None:
        """Check that it can be called.

        Raises:
            InvalidOption: it takes other arguments.
        """
        name = Path(reference).name
        if not callable(score):
            raise InvalidOption(f"{name} is {type(score).__name__}: a function score(reply, row)")
        try:
            inspect.signature(score).bind("", {})
        except TypeError:
            signature = inspect.signature(score)
            raise InvalidOption(f"{name}{signature}: it must take (reply, row)") from None
        self.function, self.rows = score, rows
        self.items, self.held_out = rows.items, rows.held_out
        code = getattr(score, "__code__", None)
        self.about = {
            "versions": {},
            "names": list(code.co_varnames) if code else [],
            "correctness": rows.gold is not None,
            "fixed": True,
            "held_out": bool(rows.apart),
            **stated_range(options),
        }

    def score(self, reply: object, item: Item) -> float:
        """The score of a reply; the function gets a copy of the row, so it cannot change ours."""
        paid: float = self.function(reply, dict(item.fields))
        return paid
