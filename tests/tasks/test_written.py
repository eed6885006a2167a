"""Problem files of others: read as they are meant, or refused with line and field."""

import json
from fractions import Fraction
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.errors import InvalidProblem
from inwit.tasks.problem_file import read_problems, stated_number

GOOD = '{"question": "1+2", "answer": 3}'


def read(tmp_path, content):
    path = tmp_path / "problems.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_problems(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_files_of_other_programs_are_read(tmp_path, end):
    content = "".join(line + end for line in ("", GOOD, "  ", GOOD.replace("3", '"3/4"')))
    problems = read(tmp_path, content.encode("utf-8-sig"))
    assert [(each.line, each.answer, each.stated) for each in problems] == [
        (2, 3.0, "3"),
        (4, 0.75, "3/4"),
    ]
    assert problems[0].place.endswith("problems.jsonl:2")


FLOATS = st.one_of(st.just(0.0), st.floats(1e-300, 1e300, exclude_max=True)).flatmap(
    lambda size: st.sampled_from([size, -size])
)
"""Of at most 300 digits."""
ANSWERS = st.one_of(
    st.integers(-(10**30), 10**30),
    FLOATS,
    st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)


@given(st.lists(st.tuples(st.text(), ANSWERS), min_size=1))
def test_questions_and_answers_are_those_of_the_file(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("written") / "problems.jsonl"
    rows = [json.dumps({"question": asked, "answer": answer}) for asked, answer in pairs]
    path.write_text("\n".join(rows))
    for problem, (asked, answer) in zip(read_problems(path), pairs, strict=True):
        assert problem.question == asked
        assert problem.stated == (answer if isinstance(answer, str) else json.dumps(answer))
        if not isinstance(answer, str):
            assert problem.answer == float(answer)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", 1234),
        ("-1,234,567.5", -1234567.5),
        ("3/4", 0.75),
        ("-3/4", -0.75),
        (" 18 ", 18),
        ("\u22125", -5),
        ("+.5", 0.5),
        ("1e3", 1000),
        ("\u0663", 3),
        ("1 3/4", 1.75),
        ("$18", 18),
        ("1E-2", 0.01),
        ("12345678901234567890", 12345678901234567890),
        ("1,23", None),
        ("5.", 5.0),
        ("1234,567", None),
        ("3/0", None),
        ("1/2/3", None),
        ("1e400", None),
        ("", None),
        (".", None),
        ("-", None),
        ("Monday", None),
        ("3 4", None),
        ("inf", None),
        ("nan", None),
        ("\u0663", 3.0),
        ("9" * 5000, None),
    ],
)
def test_what_is_a_number(text, number):
    found = stated_number(text)
    assert isnan(found) if number is None else found == float(number)


@given(FLOATS | st.integers(-(10**40), 10**40))
def test_numbers_as_python_writes_them(number):
    assert stated_number(repr(number)) == float(number)
    if isinstance(number, int):
        assert stated_number(f"{number:,}") == float(number)


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**9))
def test_fractions_are_rounded_once(over, under):
    assert stated_number(f"{over}/{under}") == float(Fraction(over, under))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("3*7 = 21", r"character \d is not JSON"),
        ('{"question": "1+2", "answer": 3', r"character \d+ is not JSON"),
        ("[" * 100_000, "too many brackets"),
        ("[1, 2]", "a list: it must be an object"),
        ('"text"', "'text' is a text: it must be an object"),
        ("7", "'7' is a number: it must be an object"),
        ("null", "null: it must be an object"),
        ("[", r"character \d is not JSON"),
        ('{"answer": 3}', "no question, it has 'answer'"),
        ('{"Question": "1+2", "answer": 3}', "no question.*did you mean 'Question'"),
        ('{"question": "1+2"}', "no answer, it has 'question'"),
        ("{}", "no question, it has nothing"),
        ('{"question": 7, "answer": 3}', "question: '7' is a number: it must be a text"),
        ('{"question": null, "answer": 3}', "question: null: it must be a text"),
        ('{"question": ["1+2"], "answer": 3}', "question: a list: it must be a text"),
        ('{"question": "1+2", "answer": null}', "answer: null: it must be a number or a text"),
        ('{"question": "1+2", "answer": true}', "answer: true: it must be a number or a text"),
        ('{"question": "1+2", "answer": [3]}', "answer: a list: it must be a number"),
        (
            '{"question": "1+2", "answer": {"a": 3}}',
            "answer: an object: it must be a number or a text",
        ),
        ('{"question": "1+2", "answer": NaN}', "answer: 'NaN' is not a number"),
        ('{"question": "1+2", "answer": -Infinity}', "answer: '-Infinity' is not a number"),
        (
            '{"question": "1+2", "answer": 1e999}',
            "answer: '1e999' is not a number up to 1.8e\\+308",
        ),
        (
            '{"question": "1+2", "answer": 3, "answer": 4}',
            "answer is given 2 times: '3' is a number and '4' is a number",
        ),
        ('{"question": "a", "question": "b", "answer": 4}', "question is given 2 times"),
    ],
)
def test_a_line_that_is_no_problem_is_told_with_its_field(tmp_path, line, told):
    with pytest.raises(InvalidProblem, match=rf"problems\.jsonl:3: {told}"):
        read(tmp_path, f"{GOOD}\n\n{line}\n{GOOD}\n")


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff", "  \r\n"])
def test_a_file_without_problems_is_told(tmp_path, content):
    with pytest.raises(InvalidProblem, match=r'holds no problems.*"question": "3.7'):
        read(tmp_path, content)
