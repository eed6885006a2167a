"""Expressions that strangers type: the value that Python finds, or a line of an error, soon."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.errors import InwitError
from inwit.tasks import Expressions, ExpressionsPrompt, Stages
from inwit.tasks.infix import read

SECONDS = 60
"""In which everything here is refused, on a busy machine."""
EXPRESSION = st.text("0123456789.+-*/() \u00d7\u2212\n\x00\u0663=?eE_n", max_size=60)


@given(EXPRESSION | st.text(max_size=40))
def test_no_text_breaks_the_reading_of_expressions(text):
    for parse in (
        read,
        Stages().parse,
        Expressions(operators="+-*/").parse,
        ExpressionsPrompt(numbers="digits").parse,
    ):
        with suppress(InwitError):
            parse(text)


@given(st.lists(st.sampled_from(["1/3", "9", "(2-7)", "0.001", "10.5"]), min_size=1, max_size=40))
def test_what_is_read_has_the_value_that_python_finds(parts):
    from fractions import Fraction

    text = "+".join(parts)
    exact = eval(re.sub(r"[\d.]+", r"Fraction('\g<0>')", text))
    assert read(text).value() == exact
    assert isinstance(exact, Fraction)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("9*" * 6_000 + "9", marks=pytest.mark.slow),
        "+".join(f"1/{number}" for number in range(3, 3_000, 2)),
        "(" * 90_000,
        "(" * 20_000 + "1" + ")" * 20_000,
        "-" * 90_000 + "1",
        "1" * 90_000,
        "/".join(["0." + "0" * 290 + "1"] * 300),
        pytest.param("9*" * 40_000 + "9", marks=pytest.mark.nightly),
        pytest.param(
            "+".join(f"1/{number}" for number in range(3, 20_000, 2)), marks=pytest.mark.nightly
        ),
    ],
    ids=[
        *("product", "fractions", "opened", "nested", "signs", "digits", "quotients"),
        *("long product", "long fractions"),
    ],
)
def test_a_long_expression_is_read_or_refused_soon(text):
    start = time.process_time()
    with suppress(InwitError):
        Expressions(operators="+-*/").parse(text)
    assert time.process_time() - start < SECONDS
