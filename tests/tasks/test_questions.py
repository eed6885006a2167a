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
        ("", "no column"),
        (HEAD + ROW.replace("3.0 0.5", "3.0"), r"\.csv:2: the question must hold number0"),
        (HEAD + ROW.replace("number1 more", "number2 more"), "in order"),
        (HEAD + ROW.replace("3.0 0.5", "three 0.5"), "must be numbers"),
        (HEAD + ROW.replace(",3.5", ","), "must be numbers"),
        (HEAD + ROW.replace(",3.5", ",inf"), "must be finite"),
        (HEAD + "lonely\n", "must be numbers"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(tmp_path, content, told):
    path = tmp_path / "train.csv"
    path.write_text(content)
    with pytest.raises(InvalidProblem, match=told):
        read_table(path)


def test_a_file_that_is_no_text_is_told(tmp_path):
    path = tmp_path / "train.csv"
    path.write_bytes(b"Question,Numbers,Answer\n\xff\xfe,1,1\n")
    with pytest.raises(InvalidProblem, match="UTF-8"):
        read_table(path)
    with pytest.raises(InvalidProblem, match="cannot be read"):
        read_table(tmp_path / "missing.csv")
