"""Objects behind handles: each comes back, none is taken for another, and no number for any."""

import math
import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pydantic
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.errors import InvalidOption
from inwit.tools import ADD, ARITHMETIC, FAULT, HANDLES, ObjectTable, show

LEAVES = st.one_of(st.text(), st.dates(), st.none(), st.integers(), st.binary(max_size=3))
OBJECTS = st.one_of(
    st.text(),
    st.dates(),
    st.none(),
    st.tuples(LEAVES, LEAVES),
    st.frozensets(st.integers(), max_size=3),
)


@given(OBJECTS)
def test_an_object_comes_back(value):
    objects = ObjectTable()
    handle = objects.encode(value)
    assert handle >= HANDLES
    assert torch.tensor(handle, dtype=torch.double).isfinite()
    assert objects.decode(handle) == value


@given(st.lists(OBJECTS, max_size=8))
def test_equal_objects_share_a_handle_and_others_do_not(values):
    objects = ObjectTable()
    handles = [objects.encode(value) for value in values]
    for first, one in zip(handles, values, strict=True):
        for second, other in zip(handles, values, strict=True):
            assert (first == second) == (type(one) is type(other) and one == other)
    assert len(objects) == len(set(handles))


@given(st.floats(allow_nan=False, allow_infinity=False), st.lists(OBJECTS, max_size=4))
def test_a_number_stands_for_itself_or_is_refused(value, others):
    objects = ObjectTable()
    known = {objects.encode(other) for other in others}
    if abs(value) < HANDLES:
        assert objects.encode(value) == value
    else:
        with pytest.raises(InvalidOption, match="below 2\\^1000"):
            objects.encode(value)
    if value not in known:  # a float64 that the table did not give out
        assert objects.decode(value) == value


@given(st.lists(OBJECTS, min_size=1, max_size=4), st.data())
def test_no_calculation_gives_a_handle(values, data):
    objects = ObjectTable()
    handles = [objects.encode(value) for value in values]
    edge = [HANDLES, -HANDLES, HANDLES * (1 - 2**-53), math.sqrt(HANDLES), 1.7e308, 5e-324]
    number = st.one_of(st.floats(allow_nan=False), st.sampled_from([*edge, *handles]))
    for tool in ARITHMETIC:
        row = [data.draw(number) for _ in range(tool.arity)]
        result = tool.call(torch.tensor([row], dtype=torch.double)).item()
        assert result == FAULT or abs(result) < HANDLES
        assert result == FAULT or not {*map(abs, row)} & {*handles}


def test_a_handle_is_looked_up_without_being_kept():
    objects = ObjectTable()
    handle = objects.encode("kept")
    assert objects.find("kept") == handle
    assert objects.find("other") is None
    assert objects.find(np.int64(3)) == 3
    assert len(objects) == 1


def test_a_numpy_text_is_a_text():
    objects = ObjectTable()
    assert objects.encode(np.str_("mile")) == objects.encode("mile")


class Unsure:
    """Its methods are as a test wants them."""

    def __init__(self, equal=lambda self, other: self is other, number=lambda self: 1):
        self.equal, self.number = equal, number

    def __eq__(self, other):
        return self.equal(self, other)

    def __hash__(self):
        return self.number(self)


def fail(*given):
    raise RuntimeError("out of order")


def leave(*given):
    raise SystemExit(3)


@dataclass(frozen=True)
class Point:
    row: object


@dataclass
class Changing:
    row: object


class Pair(NamedTuple):
    row: object
    column: int = 0


class Model(pydantic.BaseModel, frozen=True):
    row: float


NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([1], "the list [1] cannot be hashed"),
        ({"a": 1}, "the dict {'a': 1} cannot be hashed"),
        (np.ones(2), "the ndarray array([1., 1.]) cannot be hashed"),
        (([1],), "the tuple ([1],) cannot be hashed"),
        (Changing(1), "cannot be hashed and compared (TypeError: unhashable type: 'Changing')"),
        (Point([1]), "unhashable type: 'list'"),
        ((1, NAN), "the tuple (1, nan): it holds nan, so it never equals another value"),
        (((NAN,),), "it holds nan"),
        (frozenset([NAN]), "it holds nan"),
        (Point(NAN), "it holds nan"),
        (Pair(Decimal("NaN")), "it holds Decimal('NaN')"),
        (Pair(np.float32("nan")), "it holds np.float32(nan)"),
        (Point((1, Point(NAN))), "it holds nan"),
        (Model(row=NAN), "it holds nan"),
        (Unsure(number=fail), "RuntimeError: out of order"),
        (Unsure(number=leave), "SystemExit: 3"),
        (Unsure(number=lambda self: "text"), "__hash__ method should return an integer"),
        (Unsure(number=lambda self: random.getrandbits(60)), "its hash changes from call to call"),
        (Unsure(equal=fail), "RuntimeError: out of order"),
        (Unsure(equal=lambda self, other: False), "it does not equal itself"),
        (Unsure(equal=lambda self, other: np.ones(2)), "ValueError: The truth value of an array"),
        (
            Unsure(lambda self, other: True, lambda self: id(self)),
            "an equal copy has a different hash",
        ),
    ],
)
def test_what_cannot_be_told_from_others_is_refused_in_one_line(value, why):
    objects = ObjectTable()
    with pytest.raises(InvalidOption) as refused:
        objects.encode(value)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(objects) == 0
    task = inwit.task(tools=[ADD])(
        lambda draw: inwit.Problem(prompt="take {0}", operands=(value,), answer=1)
    )
    with pytest.raises(InvalidOption, match=r"drew no problem: operands\[0\] of 'take \{0\}'"):
        _ = task.pool


def test_objects_that_are_only_themselves_can_be_held():
    objects, one, other = ObjectTable(), object(), object()
    assert objects.encode(one) != objects.encode(other)
    assert objects.decode(objects.encode(one)) is one
    assert objects.decode(objects.encode(Point)) is Point  # a class
    assert objects.decode(objects.encode(len)) is len


def test_arithmetic_on_objects_is_a_fault():
    handle = ObjectTable().encode("seven")
    arguments = torch.tensor([[handle, 3.0], [3.0, handle], [3.0, 4.0]], dtype=torch.double)
    assert ADD.call(arguments).tolist() == [torch.inf, torch.inf, 7.0]


@inwit.tool
def again(text: str) -> str:
    return text * 2


def test_a_large_number_is_no_object_to_a_tool():
    first = ObjectTable()
    bound, handle = first.bind(again), first.encode("ab")
    second = ObjectTable()
    other = second.bind(again)
    result = bound.call(torch.tensor([[handle]], dtype=torch.double)).item()
    assert first.decode(result) == "abab"
    for number in (HANDLES, HANDLES * 1.5, 1.7e308, handle):  # the last is of the other table
        assert other.call(torch.tensor([[number]], dtype=torch.double)).tolist() == [FAULT]
    assert "below 2^1000" in other.explain([handle])
    assert len(second) == 0


@given(st.sampled_from([HANDLES, -HANDLES, 1.5 * HANDLES, 1.7e308, 1e302, 10**310, 10**5000]))
def test_a_number_that_a_user_gives_is_never_an_object(number):
    operands = ("one", "two")
    task = inwit.task(tools=[again, ADD])(
        lambda draw: inwit.Problem(prompt="{0} {1} {2}", operands=(*operands, number), answer="one")
    )
    with pytest.raises(InvalidOption, match=r"operands\[2\] of .*below 2\^1000"):
        _ = task.pool

    def large(value: float) -> float:
        return number

    made = inwit.tool(large)
    objects = ObjectTable()
    objects.encode("one")
    bound = objects.bind(made)
    assert bound.call(torch.ones(1, 1, dtype=torch.double)).tolist() == [FAULT]
    assert "below 2^1000" in bound.explain([1.0])


def test_values_are_shown_as_people_write_them():
    objects = ObjectTable()
    values = (3.0, 0.1, objects.encode("a b"), torch.nan, torch.inf)
    assert [show(objects.meaning(value)) for value in values] == ["3", "0.1", "a b", "-", "fault"]
    assert show(date(2026, 11, 22)) == "2026-11-22"


def test_a_value_whose_text_fails_is_shown_by_its_type():
    class Silent:
        __str__ = __repr__ = fail

    assert show(Silent()) == "the Silent whose str fails"
