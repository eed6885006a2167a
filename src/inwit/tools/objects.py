"""Objects behind float64 handles: tensors hold the handle, the task's table holds the object.

Handles are float64s from 2^1000 on. Numbers are smaller: a larger input is refused, and a larger
result is a fault (see `numbers`). A float64 that is not in the table stands for itself, so a number
is never mistaken for an object. Equal objects share a handle, and handles are compared exactly. The
table belongs to a task and is freed with it.
"""

import copy
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from inwit.errors import InvalidOption, InwitError
from inwit.progress import Deadline
from inwit.tools.numbers import NUMBER_LIMIT, epsilon, is_number, scalar, to_float
from inwit.tools.quoting import described, error_text, quoted

if TYPE_CHECKING:
    from inwit.tools.base import Tool

HANDLES = NUMBER_LIMIT
"""The first handle; numbers are smaller."""
UNIT = 2.0**984
"""The distance between two handles."""
_Result = TypeVar("_Result")


class ObjectTable:
    """The objects of one task, and its tools with their caches."""

    def __init__(self, *, booleans: bool = False) -> None:
        """Make an empty table.

        Args:
            booleans: treat a bool as the number 1 or 0, since a tool takes or returns bools.
        """
        self.booleans, self.epsilon = booleans, 0.0
        """The coarsest relative precision of all numbers so far, if coarser than float64's."""
        self.deadline: Deadline | None = None
        """When the tools are called no more, if ever."""
        self._objects: dict[float, Hashable] = {}
        self._handles: dict[tuple[type, Hashable], float] = {}
        self._tools: dict[Tool, Tool] = {}

    def __len__(self) -> int:
        return len(self._objects)

    @contextmanager
    def until(self, deadline: Deadline) -> Iterator[None]:
        """Set a deadline for the tools: once it is over, a call raises `OutOfTime`."""
        before, self.deadline = self.deadline, deadline
        try:
            yield
        finally:
            self.deadline = before

    def encode(self, value: object) -> float:
        """The float64 for a value: the number itself, or a handle for any other object.

        Raises:
            InvalidOption: the number cannot be held (see `to_float`), or the object cannot be
                hashed or compared.
        """
        if type(value) in (float, int) and abs(value) < NUMBER_LIMIT:  # type: ignore[arg-type]
            return float(value)  # type: ignore[arg-type]
        number = self.number(value)
        return self.handle(value) if number is None else number

    def handle(self, value: object) -> float:
        """The handle of an object, a new one if it has none.

        Raises:
            InvalidOption: as `encode`.
        """
        known, kept = self._known(value), scalar(value)
        return self._keep(kept) if known is None else known

    def find(self, value: object) -> float | None:
        """As `encode`, but None for an object that is not in the table; nothing is added.

        Raises:
            InvalidOption: as `encode`.
        """
        number = self.number(value)
        return self._known(value) if number is None else number

    def number(self, value: object) -> float | None:
        """The float64 for a number; None for anything else.

        Raises:
            InvalidOption: as `encode`.
        """
        if not _safely(is_number, value, value):
            return None
        if isinstance(scalar(value), bool) and not self.booleans:
            raise InvalidOption(
                f"{described(value)}: it counts as a number only where a tool has a parameter or "
                "result of type bool; write 1 or 0"
            )
        self.note(value)
        return to_float(value)

    def note(self, number: object) -> None:
        """Record the precision of a number or of a tensor of numbers."""
        self.epsilon = max(self.epsilon, epsilon(number))

    def decode(self, number: float) -> object:
        """The object of a handle; any other float64 unchanged."""
        return self._objects.get(number, number)

    def held(self, value: object) -> object:
        """A value as the machine holds it: a float64, or the first of equal objects.

        Raises:
            InvalidOption: as `encode`.
        """
        return self.decode(self.encode(value))

    def meaning(self, number: float) -> object:
        """The value that a float64 of the machine stands for; None if it is empty (NaN)."""
        return None if number != number else self.decode(number)

    def bind(self, tool: "Tool") -> "Tool":
        """The tool bound to this table, always the same one; its caches live in the table."""
        if tool not in self._tools:
            self._tools[tool] = tool.bound(self)
        return self._tools[tool]

    def _known(self, value: object) -> float | None:
        kept: Any = scalar(value)
        return _safely(self._handles.get, (type(kept), kept), value)

    def _keep(self, value: Any) -> float:
        _safely(_check, value, value)
        handle = HANDLES + UNIT * len(self._objects)
        self._handles[type(value), value], self._objects[handle] = handle, value
        return handle


def _check(value: Any) -> None:
    """Refuse values whose equality and hash disagree."""
    if hash(value) != hash(value):
        raise InvalidOption(f"{described(value)}: its hash changes from call to call")
    for part in _leaves(value):
        if not bool(part == part):
            what = "it does not equal itself" if part is value else f"it holds {quoted(part)}"
            raise InvalidOption(f"{described(value)}: {what}, so it never equals another value")
    kind: Any = type(value)
    if kind.__eq__ is not object.__eq__:
        other = _copied(value)
        if other == value and hash(other) != hash(value):
            raise InvalidOption(f"{described(value)}: an equal copy has a different hash")


def _leaves(value: object) -> Iterator[Any]:
    """The parts of a value that its equality compares, and the value itself."""
    found, seen = [value], set[int]()
    while found:
        part = found.pop()
        if id(part) not in seen:
            seen.add(id(part))
            found += _parts(part)
            yield part


def _parts(value: Any) -> list[object]:
    if isinstance(value, (tuple, frozenset)):
        return list(value)
    names = list(getattr(type(value), "__pydantic_fields__", ()))
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value) if field.compare]
    return [getattr(value, name) for name in names]


def _copied(value: Any) -> Any:
    try:
        return copy.copy(value)
    except Exception:  # some objects cannot be copied
        return value


def _safely(function: Callable[[Any], _Result], given: Any, value: object) -> _Result:
    """Call a function that may run any method of a user's value.

    Raises:
        InvalidOption: a method fails.
    """
    try:
        return function(given)
    except (InwitError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise InvalidOption(
            f"{described(value)} cannot be hashed and compared ({error_text(error)}): a tuple, a "
            "string or a frozen dataclass can"
        ) from error
