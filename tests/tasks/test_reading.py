"""What a person types: the prompt that fits best, and a word where there was a choice."""

import random
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.errors import InvalidProblem
from inwit.tasks.reading import Answers, Reader
from inwit.tools import ObjectTable

PLACES, UNITS = ["Japan", "Peru", "the Alps", "Bank of England"], ["foot", "metre"]
THINGS = ["height", "name", "area of the lake"]


def problem(prompt, *operands, answer=0):
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer)


def reads(known):
    return Reader(known, ObjectTable())


ATLAS = reads(
    [
        *(
            problem("{0} of {1} in {2}", thing, place, unit)
            for thing in THINGS
            for place in PLACES
            for unit in UNITS
        ),
        *(
            problem("{0} of the peak of {1} in {2}", thing, place, unit)
            for thing in THINGS
            for place in PLACES
            for unit in UNITS
        ),
        *(problem("{0} and {0} again, {1} times", thing, n) for thing in THINGS for n in range(3)),
    ]
)
PEAK, PLAIN = "{0} of the peak of {1} in {2}", "{0} of {1} in {2}"


@pytest.mark.parametrize(
    ("text", "prompt", "operands"),
    [
        ("height of the peak of Japan in yard", PEAK, ("height", "Japan", "yard")),
        ("height of Japan in yard", PLAIN, ("height", "Japan", "yard")),
        ("name of Bank of England in yard", PLAIN, ("name", "Bank of England", "yard")),
        ("area of the lake of Peru in yard", PLAIN, ("area of the lake", "Peru", "yard")),
        ("depth of the peak of Peru in foot", PEAK, ("depth", "Peru", "foot")),
        ("height of the peak of Chile in foot", PEAK, ("height", "Chile", "foot")),
        (
            "name of the peak of Bank of England in foot",
            PEAK,
            ("name", "Bank of England", "foot"),
        ),
        ("  height   of\nJapan in yard ", PLAIN, ("height", "Japan", "yard")),
        ("name and name again, 7 times", "{0} and {0} again, {1} times", ("name", 7.0)),
    ],
)
def test_known_operands_and_many_words_decide(text, prompt, operands):
    found = ATLAS.read(text).problem
    assert (found.prompt, found.operands) == (prompt, operands)


def test_what_was_chosen_is_told():
    told = ATLAS.read("height of the peak of Japan in yard").note
    assert told == (
        "read as '{0} of the peak of {1} in {2}' with {0} = height, {1} = Japan, {2} = yard"
    )
    assert ATLAS.read("height of Japan in foot").note == ""  # a drawn problem
    assert ATLAS.read("height of Chile in foot").note == ""  # one form fits
    several = ATLAS.read("height of Chile and Peru in foot").note
    assert (
        several == "read as '{0} of {1} in {2}' with {0} = height, {1} = Chile and Peru, {2} = foot"
    )


@pytest.mark.parametrize(
    "text",
    [
        "height of Chile",
        "name and depth again, 7 times",
        "name and name again, many times",
        "of in",
    ],
)
def test_what_fits_nowhere_is_refused_with_the_nearest_first(text):
    with pytest.raises(InvalidProblem, match="is like none of the 3 prompts of this task") as told:
        ATLAS.read(text)
    if "again" in text:
        assert "task: '{0} and {0} again, {1} times'" in str(told.value)


def test_a_prompt_whose_values_cannot_be_read_gives_way_to_the_next():
    reader = reads([problem("on day {0}", date(2026, 1, 2)), problem("on {0}", "a")])
    assert reader.read("on day 2027-03-04").problem.operands == (date(2027, 3, 4),)
    assert reader.read("on day one").problem.operands == ("day one",)


def test_a_drawn_problem_has_its_answer_and_another_one_has_none():
    reader = reads([problem("twice {0}", n, answer=2 * n) for n in range(9)])
    assert reader.read("twice 4").problem.answer == 8
    assert reader.read("twice 44").problem == problem("twice {0}", 44.0, answer=None)


def test_a_question_with_two_answers_has_none():
    reader = reads([problem("guess {0}", n % 3, answer=n) for n in range(9)])
    assert reader.read("guess 1").problem.answer is None


def test_operands_without_a_place_can_be_told_or_are_those_of_a_drawn_problem():
    reader = reads([problem("guess {0}", n, n + 1, "fixed") for n in range(9)])
    assert reader.read("guess 3 (also given: 4, fixed)").problem.operands == (3, 4, "fixed")
    assert reader.read("guess 30 (also given: 50, fixed)").problem.operands == (30, 50, "fixed")
    left_out = reader.read("guess 30")
    assert left_out.problem.operands == (30, 1, "fixed")
    assert left_out.note == "{1} = 1, as in a drawn problem: not given in the text"


@dataclass(frozen=True)
class Place:
    """An object with a text."""

    at: int


@pytest.mark.parametrize(
    ("known", "typed", "value"),
    [
        (date(2026, 1, 2), "2027-03-04", date(2027, 3, 4)),
        (datetime(2026, 1, 2), "2027-03-04 05:06", datetime(2027, 3, 4, 5, 6)),
        (Decimal(3), "7", Decimal(7)),
        (Place(2), '{"at": 5}', Place(5)),
        ((1, 2), "[3, 4]", (3, 4)),
        (1.5, "-2.5e-3", -0.0025),
        (1, "+7.", 7.0),
    ],
)
def test_operands_are_read_as_their_type_is(known, typed, value):
    reader = reads([problem("at {0}!", known)])
    assert reader.read(f"at {typed}!").problem.operands == (value,)


@pytest.mark.parametrize(
    ("known", "typed", "told"),
    [
        (date(2026, 1, 2), "today", "'today' cannot be read as a date"),
        (Place(2), "Place(at=2)", r"'Place\(at=2\)' cannot be read as a Place"),
        (1.5, "1e999", "'1e999' cannot be read as a number"),
        (datetime(2026, 1, 2), "7", "'7' cannot be read as a datetime"),
    ],
)
def test_a_text_of_another_type_is_refused(known, typed, told):
    with pytest.raises(InvalidProblem, match=told):
        reads([problem("at {0}!", known)]).read(f"at {typed}!")


@pytest.mark.slow
def test_a_text_that_can_be_read_in_very_many_ways_ends_soon(monkeypatch):
    monkeypatch.setattr("inwit.tasks.forms.STEPS", 900)
    words = [f"w{number}" for number in range(9)]
    source = random.Random(0)
    prompt = "{0} {1} {2} {3} {4} {5} stop"
    reader = reads([problem(prompt, *(source.choice(words) for _ in "123456")) for _ in "12"])
    with pytest.raises(InvalidProblem, match=r"too many ways, as '\{0\} \{1\}"):
        reader.read("a " * 900 + "stop")


WORDS = st.sampled_from(["of", "the", "in", "peak", "1", "a b", "x", "of the", ",", "{0}"])


@given(st.lists(WORDS, min_size=3, max_size=3), st.sampled_from([PEAK, PLAIN, "{2}: {0}, {1}"]))
def test_whatever_was_put_into_a_prompt_fits_it(values, prompt):
    """The reading may differ where several fit; its question is the text that was typed."""
    typed = problem(prompt, *values).question()
    reader = reads([problem(each, "h", "J", "f") for each in (PEAK, PLAIN, "{2}: {0}, {1}")])
    assert reader.read(typed).problem.question() == typed


@given(st.lists(st.one_of(st.integers(0, 99), st.booleans(), st.text(), st.dates()), min_size=1))
def test_answers_are_read_as_one_of_the_task(known):
    objects = ObjectTable(booleans=True)
    answers = Answers(known, objects)
    for answer in known:
        assert objects.encode(answer) in answers.read(
            inwit.tools.show(float(answer)) if isinstance(answer, int) else str(answer)
        )
