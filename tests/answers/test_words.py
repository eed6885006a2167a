"""Numbers in English words, spelt by a small writer of its own, are read back."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.answers.numerals import Kind, chunks, plain
from inwit.answers.words import Token, fold

BELOW_TWENTY = """zero one two three four five six seven eight nine ten eleven twelve thirteen
    fourteen fifteen sixteen seventeen eighteen nineteen"""
SMALL, TENS = BELOW_TWENTY.split(), ["", "", "twenty", "thirty", "forty", "fifty", "sixty"]
TENS += ["seventy", "eighty", "ninety"]
GREAT = ["", " thousand", " million", " billion"]


def spell(value, *, joined="-", with_and=""):
    """English, as it is taught."""
    if value < 20:
        return SMALL[value]
    if value < 100:
        return TENS[value // 10] + (joined + SMALL[value % 10] if value % 10 else "")
    if value < 1000:
        rest = spell(value % 100, joined=joined)
        return f"{SMALL[value // 100]} hundred" + (f"{with_and} {rest}" if value % 100 else "")
    parts = []
    for power, scale in reversed(list(enumerate(GREAT))):
        if group := value // 1000**power % 1000:
            parts.append(spell(group, joined=joined, with_and=with_and) + scale)
    return " ".join(parts)


def bare(text):
    return text.strip(",")


def read(text, kept=()):
    """The words of a text, numbers in place of what makes one; `?` behind one that is unclear."""
    tokens = [
        Token(text=bare(chunk.text), value=chunk.value if chunk.kind is Kind.NUMBER else None)
        for chunk in chunks(plain(text.lower()))
    ]
    found = fold(tokens, kept)
    return [
        f"{each.text}?" if each.unclear else each.text if each.value is None else each.value
        for each in found
    ]


@given(st.integers(0, 10**12 - 1), st.sampled_from(["-", " "]), st.sampled_from(["", " and"]))
def test_a_number_in_words_is_read_back(value, joined, with_and):
    assert read(spell(value, joined=joined, with_and=with_and)) == [value]


@pytest.mark.slow
def test_small_numbers_are_read_back_one_and_all():
    for value in range(10_000):
        assert read(f"take {spell(value)} pens") == ["take", value, "pens"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("half a dozen eggs", [6, "eggs"]),
        ("a dozen eggs and two dozen pens", [12, "eggs", "and", 24, "pens"]),
        ("half an hour", [Fraction(1, 2), "an", "hour"]),
        ("the second half", ["the", "second", "half"]),
        ("two and a half cups", [Fraction(5, 2), "cups"]),
        ("3 and three quarters", [Fraction(15, 4)]),
        ("3 and 3/4 cups, 3 and 4", [Fraction(15, 4), "cups", 3, "and", 4]),
        ("two-thirds of it", [Fraction(2, 3), "of", "it"]),
        ("a third of it", ["a", Fraction(1, 3), "of", "it"]),
        ("20 third graders", [20, "third", "graders"]),
        ("one third grader", ["one third?", "grader"]),
        ("three quarters and two dimes", [3, "quarters", "and", 2, "dimes"]),
        ("three-quarters", [Fraction(3, 4)]),
        ("twenty-third street", ["twenty-third", "street"]),
        ("twenty third street", ["twenty third?", "street"]),
        ("76.7 million voters", [76_700_000, "voters"]),
        ("2 lakh", [200_000]),
        ("minus five degrees", [-5, "degrees"]),
        ("10 minus five", [10, "minus", 5]),
        ("ten minus five", [10, "minus", 5]),
        ("two-year plan", [2, "-", "year", "plan"]),
        ("three twenty-pound bags", [3, 20, "-", "pound", "bags"]),
        ("nineteen eighty four", [19, "eighty four?"]),
        ("five six", [5, "six?"]),
        ("two hundred and five hundred", [200, "and", 500]),
        ("three point one four", [Fraction(157, 50)]),
        ("hundreds of dozens", ["hundreds", "of", "dozens"]),
        ("well-known to no-one", ["well-known", "to", "no-one"]),
    ],
)
def test_words_around_numbers(text, found):
    assert read(text) == found


def test_words_may_stay_words():
    kept = {"one", "half", "dozen"}
    assert read("one of 3 dozen, half", kept) == ["one", "of", 3, "dozen", "half"]
    assert read("a dozen eggs", kept) == [1, "dozen", "eggs"]
    assert read("one-way to twenty-one or one hundred", kept) == ["one-way", "to", 21, "or", 100]
