from datetime import date

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inwit.errors import InvalidOption
from inwit.tools import ADD, HANDLES, decode, encode, meaning, show

OBJECTS = st.one_of(st.text(), st.dates(), st.tuples(st.integers(), st.text()), st.none())


@given(OBJECTS)
def test_an_object_comes_back(value):
    handle = encode(value)
    assert handle >= HANDLES
    assert torch.tensor(handle, dtype=torch.double).isfinite()
    assert decode(handle) == value


@given(OBJECTS, OBJECTS)
def test_equal_objects_share_a_handle_and_others_do_not(one, other):
    first, second = encode(one), encode(other)
    assert (first == second) == (type(one) is type(other) and one == other)
    if first != second:  # by more than any sensible tolerance
        assert abs(first - second) > 1e-7 * max(first, second)


@given(st.floats(-1e300, 1e300, allow_nan=False) | st.integers(-(2**53), 2**53))
def test_a_number_stands_for_itself(value):
    assert encode(value) == value
    assert decode(float(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 2**1000])
def test_a_number_that_cannot_be_held_is_refused(value):
    with pytest.raises(InvalidOption, match="below 2\\^1000"):
        encode(value)


def test_what_cannot_be_hashed_is_refused():
    with pytest.raises(InvalidOption, match="a list cannot be hashed"):
        encode([1, 2])


def test_arithmetic_on_objects_is_a_fault():
    handle = encode("seven")
    arguments = torch.tensor([[handle, 3.0], [3.0, handle], [3.0, 4.0]], dtype=torch.double)
    assert ADD.call(arguments).tolist() == [torch.inf, torch.inf, 7.0]


def test_values_are_shown_as_people_write_them():
    shown = [show(meaning(value)) for value in (3.0, 0.1, encode("a b"), torch.nan, torch.inf)]
    assert shown == ["3", "0.1", "a b", "-", "fault"]
    assert show(date(2026, 11, 22)) == "2026-11-22"
