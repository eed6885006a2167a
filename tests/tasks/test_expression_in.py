"""The expression of a question is taken whole, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.tasks.reasoning_gym import expression_in


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("Calculate 3 + 4.", "3 + 4"),
        ("Round up from the half.\n.5*(1-2) = ?", ".5*(1-2)"),
        ("What is $3/4$ + x?", "3/4"),
        ("State the answer: -5 + 3 =", "-5 + 3"),
        ("What is (3 + 4)*2? Put it last", "(3 + 4)*2"),
        ("3 + 4 and 5 + 6", ""),
        ("What is 1,234 + 5?", ""),
        ("What is 1 + 2,345?", ""),
        ("What is 10^3 + 2?", ""),
        ("3 + 4^2", ""),
        ("3 + 4x", ""),
        ("x - 3 + 4", ""),
        ("1 + 2 -3x", ""),
        ("2e3 + 4", ""),
        ("f(3 + 4)", ""),
        ("5% + 3 + 2", ""),
    ],
)
def test_an_expression_is_taken_whole(question, expression):
    assert expression_in(question) == expression


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from("^%x_e#&~|<>\u00b2\u221a"))
def test_nothing_is_cut_off(first, second, other):
    assert expression_in(f"What is {first} + {second}?") == f"{first} + {second}"
    for question in (
        f"{first} + {second}{other}",
        f"9{other}{first} + {second}",
        f"{other}{first} + {second}",
    ):
        assert expression_in(f"What is {question}?") == ""
