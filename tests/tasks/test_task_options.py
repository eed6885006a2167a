"""Options of a task that is a function: what they cannot be is told where it is written."""

import functools

import pytest

import inwit
from inwit.errors import InvalidOption
from inwit.testing import check_task
from inwit.tools import ADD


def add(draw, oracle=""):
    one, other = draw.randint(0, 99), draw.randint(0, 99)
    return inwit.Problem(
        prompt="add {0} to {1}", operands=(one, other), answer=one + other, oracle=oracle
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"verify": "no"}, "verify is .*: a function from answer and problem"),
        ({"display": "x", "shown": ["a"]}, "display is .*: a function from value to name"),
        ({"display": str, "shown": ["a", "a"]}, "shown has 'a': names are texts, each once"),
        ({"display": str, "shown": ["empty"]}, "shown has 'empty': .* not empty or fault"),
        ({"display": str, "shown": [1]}, "shown has 1: names are texts"),
    ],
)
def test_what_an_option_cannot_be_is_told(options, told):
    with pytest.raises(InvalidOption, match=told):
        inwit.task(tools=[ADD], **options)(add)


def test_options_are_not_left_out():
    with pytest.raises(InvalidOption, match=r"write @inwit\.task\(tools=\[\.\.\.\]\) above"):
        inwit.task(add)


def test_any_callable_draws():
    made = inwit.task(tools=[ADD])(functools.partial(add))
    assert made.name == "partial"
    assert len(made.pool) > 100


def test_an_oracle_with_a_key_that_does_not_exist_is_told():
    made = inwit.task(tools=[ADD], presses=4, memory=0, once=True)(
        functools.partial(add, oracle="0 ADD 7 ANS")
    )
    with pytest.raises(InvalidOption, match="oracle '0 ADD 7 ANS': unknown key '7'"):
        _ = made.pools


@pytest.mark.parametrize("numbers", [[1e39], [float("nan")], [-(10.0**300)]])
def test_what_is_seen_fits_into_float32(numbers):
    made = inwit.task(tools=[ADD], sees=[lambda value: numbers], presses=4, memory=0)(add)
    with pytest.raises(InvalidOption, match="every number must be finite, also in float32"):
        check_task(made, count=20)
