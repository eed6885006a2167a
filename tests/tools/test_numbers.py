"""Numbers of any type: what they become, what a type makes of them, and what is refused."""

import math
import numbers
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.errors import InvalidOption
from inwit.tools import FAULT, ObjectTable
from inwit.tools.numbers import converter, epsilon, is_number, is_whole, to_float
from inwit.tools.reading import Reader


class Colour(IntEnum):
    RED = 1
    BLUE = 7


class Count(int):
    pass


WHOLE = [int, Count, np.int8, np.int64, np.uint16, torch.tensor, np.array, Decimal, Fraction]
REAL = [
    *WHOLE,
    float,
    np.float64,
    np.longdouble,
    lambda value: torch.tensor(value, dtype=torch.double),
    lambda value: np.array(value, dtype=np.float64),
]
COARSE = {
    np.float32: 2.0**-23,
    np.float16: 2.0**-10,
    lambda value: torch.tensor(value, dtype=torch.float32): 2.0**-23,
    lambda value: torch.tensor(value, dtype=torch.half): 2.0**-10,
    lambda value: torch.tensor(value, dtype=torch.bfloat16): 2.0**-7,
    lambda value: np.array(value, dtype=np.float32): 2.0**-23,
}


@given(st.integers(0, 127), st.sampled_from(REAL))
def test_a_whole_number_is_the_same_in_every_type(value, kind):
    assert ObjectTable().encode(kind(value)) == value
    assert is_number(kind(value))
    assert is_whole(kind(value)) == (kind in WHOLE and kind not in (Decimal, Fraction))


@given(st.floats(-1e300, 1e300), st.sampled_from(REAL[len(WHOLE) - 2 :]))
def test_a_number_is_the_same_in_every_exact_type(value, kind):
    assert ObjectTable().encode(kind(value)) == value
    assert epsilon(kind(value)) == 0


@given(st.fractions(), st.integers(-(10**30), 10**30))
def test_what_float64_does_not_hold_becomes_the_nearest(fraction, whole):
    assert to_float(fraction) == fraction.numerator / fraction.denominator
    assert to_float(whole) == float(whole)
    assert to_float(Decimal(whole)) == float(whole)


@given(st.floats(-60000, 60000), st.sampled_from(sorted(COARSE, key=COARSE.get)))
def test_a_coarse_number_is_exactly_what_it_is_and_known_to_be_coarse(value, kind):
    objects, number = ObjectTable(), kind(value)
    assert objects.encode(number) == float(number)
    assert objects.epsilon == epsilon(number) == COARSE[kind]
    assert abs(float(number) - value) <= COARSE[kind] * abs(value) + 1e-7
    objects.encode(value)
    assert objects.epsilon == COARSE[kind]  # the coarsest so far


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (float("nan"), "the float nan"),
        (-math.inf, "the float -inf"),
        (1e302, "the float 1e\\+302"),
        (10**400, "the int 1000000"),
        pytest.param(10**5000, "the int whose repr fails", id="digits"),
        (Decimal("NaN"), "the Decimal"),
        (Decimal("sNaN"), "the Decimal"),
        (Decimal("1e400"), "the Decimal"),
        (Fraction(10**400), "the Fraction"),
        (np.float32("inf"), "the float32"),
        (torch.tensor(math.nan), "the Tensor"),
        (2.0**1000, "the float"),
        (-(2.0**1000), "the float"),
    ],
)
def test_a_number_that_cannot_be_held_is_refused(value, why):
    with pytest.raises(InvalidOption, match=f"{why}.*must be finite and below 2\\^1000"):
        ObjectTable().encode(value)


@pytest.mark.parametrize(
    "value", [3j, np.complex64(3), torch.tensor(3j), np.array(3 + 0j), complex(math.nan, 0)]
)
def test_a_complex_number_is_refused(value):
    with pytest.raises(InvalidOption, match=r"(complex|Tensor|ndarray).*must be real"):
        ObjectTable().encode(value)


@pytest.mark.parametrize("value", [True, np.bool_(True), torch.tensor(True), np.array(True)])
def test_a_bool_is_a_number_only_where_one_is_declared(value):
    assert ObjectTable(booleans=True).encode(value) == 1
    with pytest.raises(InvalidOption, match=r"True.*a parameter or result of type bool; write 1"):
        ObjectTable().encode(value)


KINDS = [int, float, Count, Decimal, Fraction, np.int64, np.float64, numbers.Real, numbers.Number]


@given(st.integers(-(2**53), 2**53), st.sampled_from(KINDS))
def test_a_whole_number_comes_back_in_every_type(value, kind):
    made = converter(kind)(float(value))
    assert made == value
    assert isinstance(made, kind)


@given(st.fractions(max_denominator=10**6, min_value=-1000, max_value=1000))
def test_a_simple_fraction_comes_back(value):
    assert converter(Fraction)(to_float(value)) == value


@given(st.decimals(-1000, 1000, places=9))
def test_a_decimal_comes_back(value):
    assert converter(Decimal)(to_float(value)) == value


@given(st.floats(-1e300, 1e300))
def test_what_comes_back_is_the_same_float64(value):
    for kind in (float, Decimal, Fraction, np.float64, numbers.Real):
        assert to_float(converter(kind)(value)) == value


def test_what_is_no_type_of_numbers_makes_none():
    for kind in (str, object, None, "int", list[int], int | None, tuple, Colour.RED):
        assert converter(kind) is None


@pytest.mark.parametrize(
    "given",
    [3, 3.0, Count(3), np.int64(3), np.float32(3), torch.tensor(3), np.array(3.0), Decimal(3)],
)
@pytest.mark.parametrize("kind", [int, float, Decimal, np.int64, np.float32, int | None, object])
def test_a_tool_gives_a_number_of_any_type_as_any_other(given, kind):
    def give(value: kind) -> kind:
        seen.append(value)
        return given

    seen: list[object] = []
    tool = inwit.tool(give)
    assert tool.call(torch.tensor([[3.0]], dtype=torch.double)).tolist() == [3.0], tool.explain([3])
    assert seen == [3]
    assert kind is object or isinstance(seen[0], kind)


@pytest.mark.parametrize(
    ("kind", "result", "why"),
    [
        (int, 2.5, "it returned 2.5: Input should be a valid integer"),
        (int, np.float32(2.5), "it returned 2.5: Input should be a valid integer"),
        (int, Fraction(5, 2), "Input should be a valid integer"),
        (int, True, "it returned True: a bool is a number only where"),
        (float, np.bool_(True), "it returned True: a bool is a number only where"),
        (float, torch.tensor(True), "a bool is a number only where"),
        (float, 1j, "must be real"),
        (float, np.float32("nan"), "must be finite"),
        (float, torch.ones(2), "Input should be a valid number"),
        (float, "3", "Input should be a valid number"),
        (bool, 2, "Input should be a valid boolean"),
        (bool, "yes", "Input should be a valid boolean"),
        (str, 3, "Input should be a valid string"),
        (Colour, 3, "3 is not a valid Colour"),
        (np.int8, 300, "out of bounds"),
    ],
)
def test_what_was_not_promised_is_a_fault(kind, result, why):
    def give(value: float) -> kind:
        return result

    tool = inwit.tool(give)
    assert tool.call(torch.ones(1, 1, dtype=torch.double)).tolist() == [FAULT]
    assert why in tool.explain([1.0])


@pytest.mark.parametrize("result", [True, np.bool_(True), torch.tensor(True), 1, 1.0, np.int64(1)])
def test_a_result_that_is_declared_to_be_a_bool_is_one_or_nought(result):
    def give(value: bool) -> bool:
        seen.append(value)
        return result

    seen: list[object] = []
    arguments = torch.tensor([[1.0], [0.0], [2.0]], dtype=torch.double)
    assert inwit.tool(give).call(arguments).tolist() == [1.0, 1.0, FAULT]
    assert seen == [True, False]


def test_enumerated_numbers_go_in_and_come_out():
    @inwit.tool
    def other(colour: Colour) -> Colour:
        assert isinstance(colour, Colour)
        return Colour.BLUE if colour is Colour.RED else Colour.RED

    arguments = torch.tensor([[1.0], [7.0], [2.0]], dtype=torch.double)
    assert other.call(arguments).tolist() == [7.0, 1.0, FAULT]


@pytest.mark.parametrize("kind", [torch.float32, torch.half, torch.int64, torch.int8, torch.double])
def test_a_batch_may_be_of_any_real_type(kind):
    @inwit.tool(batched=True)
    def half(value):
        return (value / 2).to(kind)

    arguments = torch.tensor([[4.0], [6.0]], dtype=torch.double)
    assert half.call(arguments).tolist() == [2.0, 3.0]


@pytest.mark.parametrize("kind", [torch.bool, torch.complex64])
def test_a_batch_of_another_type_is_a_fault(kind):
    @inwit.tool(batched=True)
    def half(value):
        return (value / 2).to(kind)

    assert half.call(torch.ones(2, 1, dtype=torch.double)).tolist() == [FAULT, FAULT]
    assert "it must return a tensor of real numbers" in half.explain([1.0])


@pytest.mark.parametrize("kind", [int, float])
def test_the_short_way_of_a_number_ends_where_the_long_one_does(kind):
    quick, slow = (Reader(kind, "it returned", "here") for _ in range(2))
    slow.simple = None
    values = [0.0, -0.0, 3.0, 2.5, 2.0**53, 2.0**60, 1e300, True, 7, -7, 2**60, 10**400, "7", None]
    for value in [*values, math.nan, math.inf, Decimal("2.5"), Fraction(4, 2)]:
        assert outcome(quick, value) == outcome(slow, value)


def outcome(reader, value):
    try:
        read = reader.read(value)
    except Exception as error:
        return type(error), str(error)
    return type(read), repr(read)
