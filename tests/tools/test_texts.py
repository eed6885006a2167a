"""Values as text: nothing is rounded, and what is written is read back."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.tools import ObjectTable, digits, is_number, plain_digits, show, text_of, value_of
from inwit.tools.texts import fraction_digits

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@dataclass(frozen=True)
class Place:
    """Something that can be written as JSON."""

    row: int
    name: str


class Knot:
    """Something that has no text."""


@given(FINITE)
def test_all_digits_of_a_number_are_written(number):
    for text in (digits(number), plain_digits(number), show(number)):
        assert float(text) == number
    assert "e" not in plain_digits(number)
    if number.is_integer() and abs(number) < 1e21:
        assert int(digits(number)) == int(number)


@given(st.integers(-(10**21) + 1, 10**21 - 1).map(float).filter(lambda each: abs(each) < 1e21))
def test_whole_numbers_are_written_as_whole_numbers(number):
    assert digits(number) == str(int(number))


@given(st.fractions())
def test_fractions_are_written_exactly(value):
    assert Fraction(fraction_digits(value)) == value
    assert show(value) == fraction_digits(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=9))
def test_what_ends_is_written_as_a_decimal(value):
    assert "/" not in fraction_digits(Fraction(value))


OBJECTS = st.one_of(
    st.text(),
    st.dates(),
    st.datetimes(),
    st.tuples(st.integers(), st.text()),
    st.builds(Place, st.integers(), st.text()),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.binary(max_size=3),
)


@given(OBJECTS)
def test_an_object_with_a_text_is_read_back(value):
    text = text_of(value)
    if text is not None:
        assert value_of(text, type(value)) == value
        assert is_number(value) or show(ObjectTable().held(value)) == text
    else:
        assert isinstance(value, bytes)  # some are no UTF-8


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (10**30, "1" + "0" * 30),
        ("007", "007"),
        (date(2026, 11, 22), "2026-11-22"),
        (datetime(2026, 11, 22, 10), "2026-11-22T10:00:00"),
        (Place(2, "Zürich"), '{"row": 2, "name": "Zürich"}'),
        ((1, 2), "[1, 2]"),
        (Decimal("1.10"), "1.10"),
        (Fraction(1, 3), "1/3"),
        (Knot(), None),
    ],
)
def test_texts_are_those_of_people(value, text):
    assert text_of(value) == text
