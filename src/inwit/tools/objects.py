"""Values that are no numbers: float64 tensors hold a handle, a table of the task holds the object.

Handles are float64s from 2^1000 on, where no number is: one that is given is refused wherever it
enters, one that a tool computes is a fault (see `numbers`). What is no handle of the table stands
for itself, so that no value is ever taken for an object. Equal objects share a handle, and handles
are compared exactly. The table belongs to a task and goes with it.
"""

import copy
from collections.abc import Callable, Hashable, Iterator
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from inwit.errors import InvalidOption, InwitError
from inwit.tools.numbers import LARGEST, epsilon, is_number, scalar, to_float
from inwit.tools.quoting import described, quoted, told

if TYPE_CHECKING:
    from inwit.tools.base import Tool

HANDLES = LARGEST
"""The first handle; numbers are smaller."""
UNIT = 2.0**984
"""The distance between two handles."""
_Result = TypeVar("_Result")


class ObjectTable:
    """The objects of one task, and what its tools remember of them."""

    def __init__(self, *, booleans: bool = False) -> None:
        """Hold nothing.

        Args:
            booleans: a bool is a number here, 1 or 0, since a tool takes or gives one.
        """
        self.booleans, self.epsilon = booleans, 0.0
        """The coarsest relative precision of all numbers so far, if it is less than float64's."""
        self._objects: dict[float, Hashable] = {}
        self._handles: dict[tuple[type, Hashable], float] = {}
        self._tools: dict[Tool, Tool] = {}

    def __len__(self) -> int:
        return len(self._objects)

    def encode(self, value: object) -> float:
        """The float64 that stands for a value: itself for a number, a handle for anything else.

        Raises:
            InvalidOption: it is no number that can be held (see `to_float`), or an object that
                cannot be told from others: it cannot be hashed or compared.
        """
        if type(value) in (float, int) and abs(value) < LARGEST:  # type: ignore[arg-type]
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
        """As `encode`, but an object that is not in the table is None, and stays outside.

        Raises:
            InvalidOption: as `encode`.
        """
        number = self.number(value)
        return self._known(value) if number is None else number

    def number(self, value: object) -> float | None:
        """The float64 that stands for a number; None for anything else.

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
        """Take note of how precise a number is, or a tensor of them."""
        self.epsilon = max(self.epsilon, epsilon(number))

    def decode(self, number: float) -> object:
        """The object that a float64 stands for; the number itself if it is no handle."""
        return self._objects.get(number, number)

    def held(self, value: object) -> object:
        """A value as the machine holds it: a number as a float64, of equal objects the first.

        Raises:
            InvalidOption: as `encode`.
        """
        return self.decode(self.encode(value))

    def meaning(self, number: float) -> object:
        """What a float64 of the machine stands for; None where it is empty."""
        return None if number != number else self.decode(number)

    def bind(self, tool: "Tool") -> "Tool":
        """The tool with this table, always the same one; what it remembers goes with the table."""
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
    """Refuse what equality does not hold together."""
    if hash(value) != hash(value):
        raise InvalidOption(f"{described(value)}: its hash is another one each time")
    for part in _leaves(value):
        if not bool(part == part):
            what = "it does not equal itself" if part is value else f"it holds {quoted(part)}"
            raise InvalidOption(f"{described(value)}: {what}, so that it equals no other")
    kind: Any = type(value)
    if kind.__eq__ is not object.__eq__:
        other = _copied(value)
        if other == value and hash(other) != hash(value):
            raise InvalidOption(f"{described(value)}: an equal one has another hash")


def _leaves(value: object) -> Iterator[Any]:
    """What a value is made of, as far as its equality looks, and the value itself."""
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
    except Exception:  # not everything can be copied
        return value


def _safely(function: Callable[[Any], _Result], given: Any, value: object) -> _Result:
    """What a function makes of something, where that may call any method of a value.

    Raises:
        InvalidOption: a method fails.
    """
    try:
        return function(given)
    except (InwitError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise InvalidOption(
            f"{described(value)} cannot be hashed and compared ({told(error)}): a tuple, a string "
            "or a frozen dataclass can"
        ) from error
