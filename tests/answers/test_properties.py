"""What holds of every number and every reply, whatever it is."""

import json
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from inwit.answers import Outcome, grade, number, read_number

TABLE = [
    json.loads(row) for row in (Path(__file__).parent / "pairs.jsonl").read_text().splitlines()
]
NOT_RIGHT = [
    (reply, stated)
    for reply, stated, outcome in TABLE
    if outcome != Outcome.RIGHT and reply.count("{") == reply.count("}")  # a wrapper may close one
]
RIGHT = [(reply, stated) for reply, stated, outcome in TABLE if outcome == Outcome.RIGHT]
MINUS = ["-", "\u2212", "\u2011", "\uff0d"]
WRAPPED = [
    "{}",
    " {} ",
    "\n{}\n",
    "**{}**",
    "*{}*",
    "`{}`",
    r"\boxed{{{}}}",
    "${}$",
    r"\({}\)",
    '"{}"',
]
WRAPPED += [
    "$${}$$",
    r"$\boxed{{{}}}$",
    "<b>{}</b>",
    "**`{}`**",
    r"\text{{{}}}",
    "\u201c{}\u201d",
    "\t{}\u00a0",
]
MARKED = [
    "The answer is {}.",
    "Answer: {}",
    "#### {}",
    "**Answer:** {}",
    "So the final answer is {}!!"[:-2],
]
TRAILING = [
    ".",
    " apples",
    ".\n\nI hope this helps!",
    " because that is what is left.",
    "\n",
    " dollars.",
]


def grouped(size, mark):
    return f"{size:,}".replace(",", mark)


def whole(value, mark, minus):
    return minus * (value < 0) + grouped(abs(value), mark)


@given(
    st.integers(-(10**15), 10**15),
    st.sampled_from(["", ",", "_", "'", "\u00a0", "\u2009", "\u202f", "{,}", r"\,"]),
    st.sampled_from(MINUS),
    st.sampled_from(WRAPPED),
    st.sampled_from(["{}", *MARKED]),
)
def test_a_whole_number_is_read_in_all_its_forms(value, mark, minus, wrapped, marked):
    text = marked.format(wrapped.format(whole(value, mark, minus)))
    assume(text.count("$") in (0, 2, 4))
    assert read_number(text).values == (value,)


@given(
    st.decimals(-(10**9), 10**9, places=4),
    st.sampled_from(MINUS),
    st.sampled_from(["$", "\u20ac", "\u20b9"]),
)
def test_decimals_and_money_are_read_back(value, minus, money):
    sign, size = minus * (value < 0), abs(value)
    for text in (
        f"{sign}{size}",
        f"{sign}{size:,}",
        f"{sign}{money}{size:,}",
        f"{money}{sign}{size}",
    ):
        assert number(text) == Fraction(value), text
    assert read_number(f"{sign}{size:,} {money}").values == (Fraction(value),)
    assert Fraction(Decimal(str(value))) == number(f"{value:.15E}".replace("E", "e"))


@given(st.integers(-999, 999), st.integers(1, 999), st.integers(0, 99))
def test_fractions_and_mixed_numbers_are_read_back(over, under, before):
    value, sign, size = Fraction(over, under), "-" * (over < 0), abs(over)
    for text in (
        f"{over}/{under}",
        rf"{sign}\frac{{{size}}}{{{under}}}",
        rf"\dfrac{{{over}}}{{{under}}}",
    ):
        assert read_number(text).values == (value,), text
        assert grade(text, f"{over}/{under}") is Outcome.RIGHT
    if 0 < size < under and before and size < 100:  # `1 100/101` may be 1100/101
        mixed = (before + abs(value)) * (-1 if over < 0 else 1)
        for text in (
            f"{sign}{before} {size}/{under}",
            rf"{sign}{before}\frac{{{size}}}{{{under}}}",
        ):
            assert read_number(text).values == (mixed,), text


@given(
    st.integers(1, 9999),
    st.integers(-30, 30),
    st.sampled_from(["e{}", " x 10^{}", r" \times 10^{{{}}}", "*10**{}"]),
)
def test_powers_of_ten_are_read_whole(size, power, form):
    assert read_number(f"{size}{form.format(power)}").values == (size * Fraction(10) ** power,)


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_a_percentage_is_its_share_and_its_number(value, places):
    share = Fraction(value, 100)
    for text in (f"{value}%", rf"${value}\%$", f"{value} percent", f"The answer is {value} %."):
        assert read_number(text).values == ((share, value) if abs(value) > 1 else (share,)), text


@given(st.sampled_from(NOT_RIGHT), st.sampled_from(WRAPPED), st.sampled_from(TRAILING))
@example(("10-7", "-7"), "{}", ".")
@example(("18; 19", "18"), "$\\boxed{{{}}}$", ".")
def test_nothing_that_is_wrapped_or_followed_by_words_becomes_right(pair, wrapped, after):
    reply, stated = pair
    for text in (
        wrapped.format(reply),
        f"{reply}{after}",
        f"  {reply}\n\n",
        wrapped.format(reply) + after,
    ):
        assert grade(text, stated) is not Outcome.RIGHT, text


@given(
    st.integers(-999, 999),
    st.integers(-999, 999),
    st.text(st.characters(exclude_categories=["N", "Cs"]), max_size=40),
)
def test_no_text_behind_a_wrong_number_makes_it_right(said, stated, after):
    assume(
        said != stated
        and not re.search(r"[%\\/^*\u00b0]|percent|dozen|hundred|half|answer", after.lower())
    )
    for text in (f"{said} {after}", f"The answer is {said}. {after}"):
        assert grade(text, str(stated)) is not Outcome.RIGHT


@given(st.text("0123456789,. -\u2212'_", min_size=1, max_size=12))
@example("1 000")
@example("12,34,567")
def test_no_digit_is_left_out(text):
    """A number that is read has all digits of the text, in their order."""
    for value in read_number(text).values:
        digits = re.sub(r"[^0-9]", "", text)
        point = re.search(r"\.([0-9]+)", text)
        places = len(point[1]) if point else 0
        assert abs(value) * 10**places == int(digits), text


@pytest.mark.slow
@given(st.text(max_size=60), st.text("0123456789.,/-+*^=%$() e{}\\xn\n", max_size=40))
def test_whatever_is_said_has_an_outcome(words, symbols):
    for text in (words, symbols, words + symbols, symbols + words):
        assert grade(text, "18") in set(Outcome)
        assert grade(text, "Monday") in set(Outcome)


@given(st.sampled_from(RIGHT), st.sampled_from(["{}", " {} ", "\n{}\n", "  {}\n\n"]))
def test_spaces_around_a_right_reply_leave_it_right(pair, spaced):
    assert grade(spaced.format(pair[0]), pair[1]) is Outcome.RIGHT


@pytest.mark.parametrize("before", ["", "<think>\nPerhaps 99.\n"])
def test_thoughts_that_end_long_before_the_answer_are_passed_over(before):
    said = f"{before}</think>\n\n{'I check it. ' * 2000}The answer is 18."
    assert grade(said, "18") is Outcome.RIGHT
    assert grade(said.replace("</think>", ""), "18") is (
        Outcome.UNREAD if before else Outcome.RIGHT
    )
