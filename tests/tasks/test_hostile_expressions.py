"""Expressions that strangers type: the value that Python finds, or a line of an error, soon."""

import re
import time
from contextlib import suppress
from fractions import Fraction
from math import isclose, nan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inwit.errors import InwitError
from inwit.tasks import Expressions, ExpressionsPrompt, Stages
from inwit.tasks.infix import read

SECONDS = 60
"""In which everything here is refused, on a busy machine."""
TASKS = (Stages(), Expressions(operators="+-*/"), ExpressionsPrompt(numbers="digits"))
EXPRESSION = st.text("0123456789.+-*/() \u00d7\u2212\n\x00\u0663=?eE_n", max_size=60)


NUMBER = r"[0-9]+\.?[0-9]*|\.[0-9]+"
SYMBOLS = ("7", "20", ".5", "3.", "+", "-", "\u2212", "*", "/", "(", ")", " ", "?", "=")
JOINED = st.lists(st.sampled_from(SYMBOLS), max_size=9).map("".join)
RIGHT = st.recursive(
    st.sampled_from(["7", "20", ".5", "-3."]),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*/"), inner).map("".join) | inner.map("({})".format)
    ),
    max_leaves=6,
)
TEXT = EXPRESSION | JOINED | RIGHT | st.text(max_size=40)


def by_python(text):
    """The value that Python finds; NaN where it divides by zero, None where nothing can be read.

    Not like Python: `=` and `?` at the end, other signs for operators, `**`, `//`, two signs in a
    row, names and anything else that is no arithmetic.
    """
    text = re.sub(r"=?\s*\?$", "", text.rstrip()) if text.rstrip()[-1:] == "?" else text.rstrip()
    text = "".join(
        text.removesuffix("=").translate(str.maketrans("\u00d7\u00b7\u00f7\u2212\u2013", "**/--"))
    )
    text = "".join(" " if each.isspace() else each for each in text).strip()
    bare = text.replace(" ", "")
    if not re.fullmatch(r"[0-9.+*/() -]+", text) or re.search(r"\*\*|//|(^|[-+*/(])[-+]{2}", bare):
        return None
    if "." in re.sub(NUMBER, "", text):
        return None
    exact = re.sub(NUMBER, r"Fraction('\g<0>')", text)
    try:
        value = eval(exact)
    except (SyntaxError, TypeError):  # and a number that is called
        return None
    except ZeroDivisionError:
        return nan
    return value if isinstance(value, Fraction) else None


def or_none(parse, text):
    try:
        return parse(text)
    except InwitError:
        return None


@given(TEXT)
@example("-(2+3)*4 = ?")
@example("1--2")
@example("1---2")
@example("1/(2-2)")
@example("()")
@example("2(3)")
@example("0...0")
def test_what_can_be_read_is_what_python_reads(text):
    exact, found = by_python(text), or_none(read, text)
    assert (found is None) == (exact is None)
    if found is not None and exact == exact:
        assert found.value() == exact
    elif found is not None:
        with pytest.raises(ZeroDivisionError):
            found.value()


@given(TEXT)
@example("1*2+3")
@example("(1*2+3)-(4*5)")
@example("1/0")
@example("9-2-3")
@example("1+2*3")
def test_a_task_reads_expressions_with_their_value_or_refuses_them(text):
    exact = by_python(text)
    for task in TASKS:
        problems = or_none(task.parse, text)
        if problems is None:
            continue
        assert exact is not None
        (answer,) = problems.answer.tolist()
        assert (
            isclose(answer, exact, rel_tol=1e-9, abs_tol=1e-9)
            if exact == exact
            else answer != answer
        )


@given(st.lists(st.sampled_from(["1/3", "9", "(2-7)", "0.001", "10.5"]), min_size=1, max_size=40))
def test_what_is_read_has_the_value_that_python_finds(parts):
    text = "+".join(parts)
    exact = eval(re.sub(r"[\d.]+", r"Fraction('\g<0>')", text))
    assert read(text).value() == exact
    assert isinstance(exact, Fraction)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("9*" * 6_000 + "9", marks=pytest.mark.slow),
        pytest.param(
            "+".join(f"1/{number}" for number in range(3, 3_000, 2)), marks=pytest.mark.slow
        ),
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
