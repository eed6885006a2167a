"""What can be a tool: every form of a function that could never be called is refused at once."""

import functools
import inspect
import math
import operator
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any, Literal, NamedTuple, NewType

import numpy as np
import pydantic
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.errors import InvalidOption
from inwit.tokens import RESERVED
from inwit.tools import Tool
from inwit.tools.signatures import read_signature


class Grade(IntEnum):
    LOW = 1
    HIGH = 2


@dataclass
class Open:
    value: float


@dataclass(frozen=True)
class Closed:
    value: float


class Pair(NamedTuple):
    value: float
    more: float = 0.0


class Frozen(pydantic.BaseModel, frozen=True):
    value: float


Number = NewType("Number", float)


class Scale:
    """Multiplies."""

    def __init__(self, factor=2.0):
        self.factor = factor

    def __call__(self, value: float) -> float:
        return self.factor * value

    def apply(self, value: float) -> float:
        """Multiplied."""
        return self.factor * value

    @staticmethod
    def double(value: float) -> float:
        return 2 * value

    @classmethod
    def twice(cls, value: float) -> float:
        return 2 * value


class Later:
    async def __call__(self, value: float) -> float:
        return value


def double(value: float) -> float:
    """Twice as much."""
    return 2 * value


def power(value: float, exponent: float = 2, *, factor: float = 2.0) -> float:
    return factor * value ** (exponent - 1)


def only(value: float, /) -> float:
    return 2 * value


async def later(value: float) -> float:
    return value


@functools.wraps(later)
def now(*given, **named):
    """Without an event loop of its own: another test of the process may run one."""
    with pytest.raises(StopIteration) as done:
        later(*given, **named).send(None)
    return 2 * done.value.value


@functools.lru_cache
def remembered(value: float) -> float:
    return 2 * value


@functools.wraps(double)
def wrapped(*given, **named):
    return double(*given, **named)


CALLABLE = {
    double: "DOUBLE",
    only: "ONLY",
    wrapped: "DOUBLE",
    now: "LATER",
    remembered: "REMEMBERED",
    functools.partial(power, exponent=2): "POWER",
    functools.partial(functools.partial(power, exponent=5), exponent=2): "POWER",
    Scale(): "SCALE",
    Scale().apply: "APPLY",
    Scale.double: "DOUBLE",
    Scale.__dict__["double"]: "DOUBLE",  # as it is where a decorator stands above it in the class
    Scale.twice: "TWICE",
    inwit.tool(double): "DOUBLE",
}


@pytest.mark.parametrize("function", CALLABLE, ids=lambda each: type(each).__name__)
def test_whatever_can_be_called_with_a_number_is_a_tool(function):
    tool = inwit.tool(function)
    assert (tool.name, tool.arity) == (CALLABLE[function], 1)
    assert tool.call(torch.tensor([[3.0]], dtype=torch.double)).tolist() == [6.0]
    assert tool(3.0) == 6.0


@pytest.mark.parametrize(("kind", "arity"), [(Closed, 1), (Pair, 2)])
def test_a_class_is_a_tool_that_makes_its_objects(kind, arity):
    tool = inwit.tool(kind)
    assert tool.arity == arity
    result = tool.call(torch.tensor([[3.0, 4.0]], dtype=torch.double)).item()
    assert tool.function.objects.decode(result).value == 3.0


def test_defaults_stand_in_the_row_unless_they_stand_behind_a_star():
    tool = inwit.tool(power)
    assert tool.arity == 2  # value and exponent
    arguments = torch.tensor([[3.0, 3.0]], dtype=torch.double)
    assert tool.call(arguments).tolist() == [2 * 3.0**2]
    assert tool(3.0) == 6.0
    assert tool(3.0, factor=1.0) == 3.0


def plain(value: float, *, more: float) -> float: ...
def spread(*values: float) -> float: ...
def named(value: float, **more: float) -> float: ...
def yields(value: float) -> float:
    yield value


async def yields_later(value: float) -> float:
    yield value


def untyped(value) -> float: ...
def resultless(value: float): ...
def nullary() -> float: ...
def nothing(value: float) -> None: ...
def unknown(value: "Nowhere") -> float: ...  # noqa: F821
def divided(value: "1 / 0") -> float: ...
def numbered(value: 3) -> float: ...
def starred(*, value: float = 1.0) -> float: ...


REFUSED = [
    (plain, "parameter 'more' is keyword-only: give it a default, or remove the *"),
    (spread, "takes *values: a tool takes a fixed number of arguments"),
    (named, "takes **more"),
    (later, "'later' is async"),
    (Later(), "'Later' is async"),
    (functools.partial(later), "'later' is async"),
    (Later().__call__, "is async"),
    (yields, "yields its results: return one instead"),
    (yields_later, "is async"),
    (untyped, "parameter 'value' has no type; write float"),
    (resultless, "its result has no type"),
    (nullary, "has no parameter"),
    (starred, "has no parameter"),
    (nothing, "its result is of type None: it must be a value"),
    (unknown, "its signature cannot be read (NameError: name 'Nowhere' is not defined)"),
    (divided, "its signature cannot be read (ZeroDivisionError"),
    (numbered, "parameter 'value' is of a type that cannot be checked"),
    (lambda value: value, "a lambda cannot have types: write a def"),
    (math.sqrt, "call it from a function of your own: def sqrt(value: float) -> float"),
    (operator.add, "call it from a function of your own: def add(value"),
    (functools.partial(math.pow, 2), "call it from a function of your own"),
    (max, "its signature cannot be read"),
    (np.sqrt, "call it from a function of your own"),
    (torch.add, "its signature cannot be read"),
    (float, "tool 'float'"),
    (Scale, "parameter 'factor' has no type"),
    (Scale.apply, "parameter 'self' has no type"),
    (Scale.__dict__["twice"], "the classmethod"),
    (Open, "its result is of type tests.tools.test_signatures.Open: it cannot be hashed"),
    (Grade, "tool 'Grade'"),
    (Frozen, "parameter 'value' is keyword-only"),
    (3, "the int 3 is not a tool: write a function with types"),
    ("double", "the str 'double' is not a tool"),
    ([double], "is not a tool"),
]


@pytest.mark.parametrize(
    ("function", "why"),
    REFUSED,
    ids=lambda each: each[:40] if isinstance(each, str) else type(each).__name__,
)
def test_what_could_never_be_called_is_refused_in_one_line(function, why):
    with pytest.raises(InvalidOption) as refused:
        inwit.tool(function)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


HELD = [float, str, bytes, Grade, Closed, Pair, Frozen, tuple[float, ...], frozenset[str], Number]
HELD += [Literal["a", 2], Any, object, int | None, int | list[int], type, Callable[[int], int]]
HELD += [Annotated[float, "metres"], Sequence[float], AbstractSet[int], tuple[None, int]]
UNHELD = [list, list[float], dict[str, int], set[int], bytearray, np.ndarray, Open, torch.Tensor]
UNHELD += [Mapping[str, int], list[int] | set[int], list[int] | None, tuple[float, list[int]]]
UNHELD += [tuple[list[int], ...], frozenset[Open], Iterator[float], Awaitable[float], complex]
UNHELD += [AsyncIterator[int], np.complex64, Annotated[list[int], "row"], type(None)]


def typed(taken, given):
    """A function of these types."""

    def function(value):
        return value

    function.__annotations__ = {"value": taken, "return": given}
    return function


@given(st.sampled_from(HELD), st.sampled_from(HELD))
def test_types_of_which_values_can_be_held_make_tools(taken, given):
    assert read_signature(typed(taken, given)).arguments[0].kind == taken
    assert inwit.tool(typed(taken, given)).arity == 1


@given(st.sampled_from(UNHELD), st.sampled_from(HELD + UNHELD))
def test_types_of_which_no_value_can_be_held_are_refused(bad, other):
    with pytest.raises(InvalidOption, match="parameter 'value' is of type"):
        inwit.tool(typed(bad, other))
    if other in HELD:
        with pytest.raises(InvalidOption, match="its result is of type"):
            inwit.tool(typed(other, bad))


@pytest.mark.parametrize("name", RESERVED)
def test_the_name_of_another_key_is_refused_when_the_tool_is_made(name):
    for made in {name, name.lower()}:
        with pytest.raises(InvalidOption, match=f"'{name}': this is the name of another key"):
            inwit.tool(name=made)(double)
    with pytest.raises(InvalidOption, match="this is the name of another key"):
        Tool(name=name, arity=1, function=torch.neg)


@pytest.mark.parametrize("name", ["two words", "0", "+", "a-b", "<lambda>"])
def test_a_name_that_is_no_word_is_refused(name):
    with pytest.raises(InvalidOption, match=r"must be one word|letters first"):
        inwit.tool(name=name)(double)


def test_a_signature_reads_as_python_writes_it():
    assert inwit.tool(power).signature == str(inspect.signature(power))
    assert inwit.tool(double).summary == "Twice as much."
    assert inwit.tool(Scale().apply).summary == "Multiplied."
    assert inwit.tool(functools.partial(double)).summary == "Twice as much."
