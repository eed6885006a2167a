import re
from decimal import Decimal
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inwit.errors import InvalidProblem
from inwit.tasks.questions import NUMBER, read_question, read_table

HEAD = "Question,Numbers,Equation,Answer\n"
ROW = '"Ann has number0 , then number1 more .",3.0 0.5,+ number0 number1,3.5\n'


def shown(question):
    """The words, with a place for every number."""
    return " ".join("_" if word is NUMBER else word for word in question.words)


@pytest.mark.parametrize(
    ("text", "numbers", "words"),
    [
        ("Mary has 8 apples and buys 5 more.", (8, 5), "mary has _ apples and buys _ more ."),
        ("It costs $1,250.50, less 20%.", (1250.5, 20), "it costs $ _ , less _ % ."),
        ("TWELVE eggs, two-year plan, one hen", (12, 2, 1), "_ eggs , _ - year plan , _ hen"),
        ("Ann's dog doesn\u2019t eat .5 cups", (0.5,), "ann 's dog does n't eat _ cups"),
        ("10, 20 and 3.", (10, 20, 3), "_ , _ and _ ."),
        ("1,000,000 or 1000", (1_000_000, 1000), "_ or _"),
        ("Room #5 has 3 chairs", (5, 3), "room # _ has _ chairs"),
        ("# # and 3", (3,), "# # and _"),
        ("from -5 to \u22123 degrees", (-5, -3), "from _ to _ degrees"),
        ("minus five and 10 minus 5", (-5, 10, 5), "_ and _ minus _"),
        ("1e3 ants and 1.5e-1 g", (1000, 0.15), "_ ants and _ g"),
        ("12,34,567 rupees", (1_234_567,), "_ rupees"),
        ("1\u202f000 or 1'000", (1000, 1000), "_ or _"),
        ("three hundred and twenty-five", (325,), "_"),
        ("half of a dozen, zero and one", (0.5, 12, 0, 1), "_ of _ , _ and _"),
        (
            "\u00bd cup, 1 1/2 cups, 1\u00bd cups, 3/4 cup",
            (0.5, 1.5, 1.5, 0.75),
            "_ cup , _ cups , _ cups , _ cup",
        ),
        ("3 and a half, two thirds", (3.5, 2 / 3), "_ , _"),
        ("3 hundred and 1.5 million", (300, 1.5e6), "_ and _"),
        ("a 5-pound bag, 5kg, $3/hour", (5, 5, 3), "a _ - pound bag , _ kg , $ _ / hour"),
        (
            "read 10-15 pages in 8th grade on an mp3",
            (10, 15),
            "read _ - _ pages in 8th grade on an mp3",
        ),
        ('"I have 8," she said (and 2).', (8, 2), '" i have _ , " she said ( and _ ) .'),
        ("\uff18 or \u0668", (8, 8), "_ or _"),
    ],
)
def test_numbers_are_found_in_plain_text(text, numbers, words):
    question = read_question(text)
    assert question.numbers == numbers
    assert shown(question) == words
    assert isnan(question.answer)


@pytest.mark.parametrize("text", ["", "How many apples has Mary?", "a pair of shoes", "# apples"])
def test_a_text_without_numbers_is_refused(text):
    with pytest.raises(InvalidProblem, match="no number"):
        read_question(text)


@pytest.mark.parametrize(
    "unclear",
    [
        *(
            "1 000",
            "3,5",
            "1,00",
            "10,20",
            "1.2.3",
            "3:30",
            "3/4/2020",
            "2^37",
            "5\u00b2",
            "2x",
            "0,123",
        ),
        *(
            "1/0",
            "3 3/2",
            "007",
            "1" * 400,
            "1e999",
            "\u2460",
            "--5",
            "nineteen eighty four",
            "5'10",
        ),
        *("one fifth grader", "twenty third", "10 -5", "3..5", "10-15-20", "x=3", "\u215f"),
    ],
)
def test_what_is_no_number_for_sure_is_pointed_at(unclear):
    for text in (unclear, f"Tom has 3 pens, {unclear} apples and 2 plums."):
        with pytest.raises(InvalidProblem, match="looks like a number but is ambiguous") as told:
            read_question(text)
        line, mark = str(told.value).splitlines()[-2:]
        assert line[mark.index("^")] in unclear
        assert len(str(told.value)) < 300


def test_a_word_that_may_be_a_number_stays_a_word_where_the_training_has_it_as_one():
    text = "One of 3 boxes holds half a dozen of twenty-one pens, the second half dozens."
    read = read_question(text)
    assert read.numbers == (1, 3, 6, 21)
    assert read.left == ("half", "dozens")
    kept = read_question(text, {"one", "half", "dozen"})
    assert kept.numbers == (3, 0.5, 21)
    assert kept.left == ("one", "dozen", "half", "dozens")
    assert read_question("a dozen eggs", {"dozen"}).numbers == (1,)
    assert read_question("5 eggs on an mp3 in the 8th, hundreds of them").left == (
        "mp3",
        "8th",
        "hundreds",
    )


@given(
    st.lists(st.integers(-(10**9), 10**9) | st.decimals(0, 10**6, places=2), min_size=1, max_size=7)
)
def test_numbers_of_any_kind_are_read_back(values):
    text = "take " + ", then ".join(f"{value:,} pens" for value in values) + "."
    question = read_question(text)
    assert question.numbers == tuple(map(float, values))
    assert question.words.count(NUMBER) == len(values)


@given(st.text("0123456789,. -ab#%$", max_size=12))
def test_every_digit_stands_in_a_number_or_in_a_word(text):
    """All digits but noughts, in their order, or the text is refused."""
    try:
        question = read_question(text)
    except InvalidProblem:
        return
    numbers = (f"{Decimal(repr(abs(value))):f}" for value in question.numbers)
    said = "".join(next(numbers) if each is NUMBER else each for each in question.words)
    assert re.sub("[^1-9]", "", said) == re.sub("[^1-9]", "", text)


def test_a_table_is_read_without_its_equations(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(HEAD + ROW)
    (question,) = read_table(path)
    assert question.words == ("ann", "has", NUMBER, ",", "then", NUMBER, "more", ".")
    assert (question.numbers, question.answer, question.oracle) == ((3.0, 0.5), 3.5, "")
    path.write_text((HEAD + ROW).replace("+ number0 number1", "what nobody may parse ("))
    assert read_table(path) == [question]
    path.write_text('Numbers,Answer,Question\n3 0.5,3.5,"Ann has number0 , then number1 more ."\n')
    assert read_table(path) == [question]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (HEAD, "holds no problems"),
        ("Question,Numbers\n", "no column 'Answer'"),
        ("", "is empty: it must have the columns Question, Numbers, Answer"),
        ("\n , ,\n", "is empty"),
        ("question,Numbers,Answer\n", r"1: no column 'Question'.*is it 'question'"),
        ("Question;Numbers;Answer\n", "cells are separated by commas"),
        (
            HEAD + ROW.replace("3.0 0.5", "3.0"),
            r"2: Question has number0 number1, Numbers has 1 num",
        ),
        (
            HEAD + ROW.replace("number1 more", "number2 more"),
            "Question has number0 number2.*in order",
        ),
        (HEAD + ROW.replace("3.0 0.5", ""), "Numbers has 0 numbers"),
        (
            HEAD + ROW + ROW.replace("3.0 0.5", "three 0.5"),
            "3: Numbers: 'three' is not a number",
        ),
        (HEAD + ROW.replace(",3.5", ","), "2: Answer: '' is not a number"),
        (HEAD + "\n\n" + ROW.replace(",3.5", ",inf"), "4: Answer: 'inf' is not a number"),
        (HEAD + ROW.replace(",3.5", ",1e309"), "2: Answer: '1e309' is not a number"),
        (HEAD + ROW.replace(",3.5", ",3.5 4"), "2: Answer: '3.5 4' is not a number"),
        (HEAD + "lonely\n", "2: 1 cells where the header has 4"),
        (
            HEAD + ROW.replace("3.0 0.5", "3.0,0.5"),
            "2: 5 cells where .* has 4; a cell with a comma",
        ),
        ("Answer," + HEAD + "9," + ROW, "1: column 'Answer' occurs twice, as number 1 and 5"),
        (HEAD + ROW + '"Ann\n' + ROW, "3: the row that begins here"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(tmp_path, content, told):
    path = tmp_path / "train.csv"
    path.write_text(content)
    with pytest.raises(InvalidProblem, match=told):
        read_table(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_tables_of_other_programs_are_read(tmp_path, end):
    """A byte order mark, blank rows, line ends of any system, numbers as people write them."""
    path = tmp_path / "train.csv"
    rows = [HEAD, "\n", ROW.replace("3.0 0.5", '"1,234 1/2"').replace("3.5", '"1,234.5"'), ",,,\n"]
    path.write_bytes("".join(rows).replace("\n", end).encode("utf-8-sig"))
    (question,) = read_table(path)
    assert (question.numbers, question.answer) == ((1234.0, 0.5), 1234.5)
    assert question.place == f"{path}:3"


def test_a_cell_may_have_lines(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(HEAD + ROW.replace("then", "\nthen") + ROW.replace("3.5", "x"))
    with pytest.raises(InvalidProblem, match=r"train\.csv:4: Answer: 'x'"):
        read_table(path)


def test_a_file_that_is_no_text_is_told(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(b"Question,Numbers,Answer\n\xff\xfe,1,1\n")
    with pytest.raises(InvalidProblem, match="UTF-8"):
        read_table(path)
    with pytest.raises(InvalidProblem, match="cannot be read"):
        read_table(tmp_path / "missing.csv")
