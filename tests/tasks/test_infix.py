import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.errors import InvalidProblem
from inwit.tasks.infix import MAX_CHARACTERS, MAX_DIGITS, read

SPACE = st.sampled_from(["", "", "", " ", "  ", "\t", "\n"])
WHOLE = st.integers(0, 10**6).map(str)
DECIMAL = st.tuples(st.integers(0, 999), st.integers(0, 999)).map("{0[0]}.{0[1]}".format)
SHORT = st.sampled_from([".5", "7.", "0", "00", "0.125"])
UNSIGNED = st.one_of(WHOLE, DECIMAL, SHORT)
NUMBER = st.one_of(UNSIGNED, UNSIGNED.map("-{}".format), UNSIGNED.map("+{}".format))


def extend(part):
    spaced = st.tuples(part, SPACE, st.sampled_from("+-*/"), SPACE, part).map("".join)
    wrapped = st.tuples(st.sampled_from(["(", "-(", "+(", "( "]), spaced, SPACE).map("".join)
    return st.one_of(spaced, wrapped.map("{})".format))


EXPRESSIONS = st.recursive(st.one_of(NUMBER, UNSIGNED), extend, max_leaves=14)


def pythons_value(text):
    """Python's own reading, with every number made exact; None for a division by zero."""
    exact = re.sub(r"\d+\.?\d*|\.\d+", lambda number: f"Fraction('{number[0]}')", text)
    try:
        return eval(f"({exact})", {"Fraction": Fraction})
    except ZeroDivisionError:
        return None


@given(EXPRESSIONS)
def test_values_are_pythons(text):
    expected = pythons_value(text)
    if expected is None:
        with pytest.raises(ZeroDivisionError):
            read(text).value()
    else:
        assert read(text).value() == expected


@given(EXPRESSIONS)
def test_symbols_can_be_read_again(text):
    given = read(text)
    numbers = iter(given.numbers)
    written = "".join(next(numbers) if symbol == "n" else symbol for symbol in given.symbols)
    again = read(written)
    assert (again.symbols, again.numbers, again.postfix) == (
        given.symbols,
        given.numbers,
        given.postfix,
    )


@given(st.text(alphabet="0123456789.+-*/() n\u0663x", max_size=12))
def test_any_text_is_an_expression_or_an_error(text):
    try:
        expression = read(text)
    except InvalidProblem as error:
        position = error.position
    else:
        position = None
        assert len(expression.postfix) == 2 * len(expression.numbers) - 1
    assert position is None or 0 <= position <= len(text)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("3*", 2),
        ("3*  ", 4),
        ("(1+2", 0),
        ("2*((1+2)", 2),
        ("1+2)", 3),
        ("1 2", 2),
        ("1 (2)", 2),
        ("(1)2", 3),
        ("2x", 1),
        ("()", 1),
        ("-()", 2),
        ("3**2", 2),
        ("3*/2", 2),
        ("*3", 0),
        (")", 0),
        ("--3", 1),
        ("+-3", 1),
        ("1---3", 3),
        ("(1+)", 3),
        ("(-)", 2),
        ("1-", 2),
        ("-", 1),
        ("1+-", 3),
        ("1.2.3", 3),
        ("1..2", 2),
        (".", 0),
        ("1e5", 1),
        ("1_000", 1),
        ("1,5", 1),
        ("a*b+c", 0),
        ("2^3", 1),
        ("2//3", 2),
        ("\u0663+1", 0),  # an Arabic three
        ("1+\u0967", 2),  # a Devanagari one
        ("2\u00b2", 1),  # a superscript two
        ("\uff13", 0),  # a full-width three
        ("1\x00", 1),
        ("__import__('os')", 0),
    ],
)
def test_a_mistake_is_shown_at_its_character(text, position):
    with pytest.raises(InvalidProblem) as raised:
        read(text)
    assert raised.value.position == position
    *_, shown, pointer = str(raised.value).splitlines()
    assert pointer.index("^") - shown.index(text.strip()[:1] or "^") == position


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_text_is_told_so(text):
    with pytest.raises(InvalidProblem, match="empty"):
        read(text)


def test_the_message_stays_short_and_points_into_the_middle():
    text = "1+" * 5000 + "?" + "+1" * 5000
    with pytest.raises(InvalidProblem) as raised:
        read(text)
    _, shown, pointer = str(raised.value).splitlines()
    assert shown[pointer.index("^")] == "?"
    assert len(str(raised.value)) < 300


def test_ten_thousand_nested_parentheses():
    depth = 10_000
    assert read("(" * depth + "7" + ")" * depth).value() == 7
    assert read("(1+" * depth + "0" + ")" * depth).value() == depth
    assert read("-(" * depth + "5" + ")" * depth).value() == 5
    with pytest.raises(InvalidProblem, match="never closed"):
        read("(" * depth + "7" + ")" * (depth - 1))


def test_a_number_that_is_too_long():
    assert read("9" * MAX_DIGITS).value() == 10**MAX_DIGITS - 1
    with pytest.raises(InvalidProblem, match=f"{MAX_DIGITS + 1} digits") as raised:
        read("1+" + "9" * (MAX_DIGITS + 1))
    assert raised.value.position == 2
    assert len(str(raised.value)) < 300


def test_a_text_that_is_too_long():
    with pytest.raises(InvalidProblem, match="characters") as raised:
        read("1" * (MAX_CHARACTERS + 1))
    assert len(str(raised.value)) < 300


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3\u00d77", 21),
        ("3\u00b77", 21),
        ("6\u00f74", Fraction(3, 2)),
        ("3\u22127", -4),
        ("3\u20137", -4),
        ("\u22127", -7),
        ("2\u00d7\u2212(1+2)", -6),
        ("3\u00a0+\u20091", 4),  # spaces as typesetters write them
    ],
)
def test_signs_as_people_type_them(text, value):
    assert read(text).value() == value


def test_what_is_read():
    expression = read("-3*(.5+2)")
    assert expression.symbols == ("n", "*", "(", "n", "+", "n", ")")
    assert expression.numbers == ("-3", ".5", "2")
    assert expression.postfix == (0, 1, 2, "+", "*")


def test_a_sign_before_a_parenthesis_is_a_subtraction_from_nought():
    assert read("-(2+3)") == read("(0-(2+3))")
    assert read("4*-(2+3)") == read("4*(0-(2+3))")
    assert read("+(2+3)") == read("(2+3)")


def test_letters_stand_for_numbers_only_where_asked():
    assert read("a*b+c", letters=True).postfix == read("3*7+2").postfix
    with pytest.raises(InvalidProblem):
        read("A*b", letters=True)
