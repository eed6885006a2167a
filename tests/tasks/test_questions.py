from math import isnan
from random import Random

import pytest

from inwit.errors import InvalidProblem
from inwit.tasks.questions import NUMBER, read_question, read_table

HEAD = "Question,Numbers,Equation,Answer\n"
ROW = '"Ann has number0 , then number1 more .",3.0 0.5,+ number0 number1,3.5\n'


@pytest.mark.parametrize(
    ("text", "numbers", "words"),
    [
        ("Mary has 8 apples and buys 5 more.", (8, 5), "mary has # apples and buys # more ."),
        ("It costs $1,250.50, less 20%.", (1250.5, 20), "it costs $ # , less # % ."),
        ("TWELVE eggs, two-year plan, one hen", (12,), "# eggs , two-year plan , one hen"),
        ("Ann's dog doesn\u2019t eat .5 cups", (0.5,), "ann 's dog does n't eat # cups"),
        ("10,20 and 3.", (10, 20, 3), "# , # and # ."),
        ("1,000,000 or 1000", (1_000_000, 1000), "# or #"),
    ],
)
def test_numbers_are_found_in_plain_text(text, numbers, words):
    question = read_question(text)
    assert question.numbers == numbers
    assert " ".join(question.words) == words
    assert isnan(question.answer)


@pytest.mark.parametrize("text", ["", "How many apples has Mary?", "one apple"])
def test_a_text_without_numbers_is_refused(text):
    with pytest.raises(InvalidProblem, match="no number"):
        read_question(text)


def test_numbers_of_any_kind_are_read_back():
    dice = Random(0)
    for _ in range(300):
        values = [dice.choice([dice.randrange(10**7), dice.randrange(10**5) / 100]) for _ in "ab"]
        question = read_question(f"take {values[0]:,} from ${values[1]}, please")
        assert question.numbers == tuple(map(float, values))
        assert question.words.count(NUMBER) == 2


def test_a_table_is_read_without_its_equations(tmp_path):
    path = tmp_path / "train.csv"
    path.write_text(HEAD + ROW)
    (question,) = read_table(path)
    assert question.words == ("ann", "has", "#", ",", "then", "#", "more", ".")
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
        ("", "is empty: the columns Question, Numbers, Answer are due"),
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
            "3: Numbers: 'three' is no finite number",
        ),
        (HEAD + ROW.replace(",3.5", ","), "2: Answer: '' is no finite number"),
        (HEAD + "\n\n" + ROW.replace(",3.5", ",inf"), "4: Answer: 'inf' is no finite number"),
        (HEAD + "lonely\n", "2: 1 cells where the header has 4"),
        (
            HEAD + ROW.replace("3.0 0.5", "3.0,0.5"),
            "2: 5 cells where .* has 4; a cell with a comma",
        ),
        ("Answer," + HEAD + "9," + ROW, "1: column 'Answer' stands there twice, as number 1 and 5"),
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
