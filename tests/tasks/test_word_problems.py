from io import StringIO
from math import isnan

import pytest
import torch
from rich.console import Console

from inwit.cli.console import print_scores
from inwit.environment import Environment
from inwit.errors import InvalidOption, InvalidProblem
from inwit.evaluation.scores import evaluate_levels
from inwit.policies import UniformRandom
from inwit.recipes import RECIPES
from inwit.tasks import WordProblems
from inwit.tasks.stories import stories
from inwit.tasks.word_problems import CONSTANTS, UNKNOWN
from tests.reference import press_keys

TABLE = """Question,Numbers,Answer
Ann has number0 apples and number1 pears .,3.0 0.5,3.5
Ann has number0 pears .,7.0,7.0
Ann ate number0 apples and number1 apples and number2 plums .,2.5 2.5 9.0,14.0
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "train.csv").write_text(TABLE)
    (tmp_path / "dev.csv").write_text(TABLE)
    return tmp_path


def task_of(data):
    return WordProblems(data=data)


def looks(task, row, part="known"):
    problems = task.problems(getattr(task, part))
    return [task.symbols[number] for number in problems.symbols[row].tolist() if number >= 0]


def test_the_agent_sees_sort_and_rank_of_a_number_and_not_its_value(folder):
    task = task_of(folder)
    first = looks(task, 0)
    assert first[: len(CONSTANTS)] == [f"constant {value:g}" for value in CONSTANTS]
    assert first[len(CONSTANTS) :] == [
        "ann",
        "has",
        "whole 1",
        "apples",
        "and",
        "small 0",
        "pears",
        ".",
    ]
    third = looks(task, 2)[len(CONSTANTS) :]
    assert [look for look in third if look[-1].isdigit()] == ["decimal 0", "decimal 0", "whole 1"]
    # Words that training knows once are unknown.
    assert third[1] == UNKNOWN
    assert third[-2] == UNKNOWN


def test_operands_are_the_constants_then_the_numbers(folder):
    problems = task_of(folder).problems(task_of(folder).known)
    assert problems.operands[:, : len(CONSTANTS)].tolist() == [list(CONSTANTS)] * 3
    given = problems.operands[:, len(CONSTANTS) :]
    assert given[2, :3].tolist() == [2.5, 2.5, 9.0]
    assert given.isnan().sum(1).tolist() == [5, 6, 4]
    assert problems.answer.tolist() == [3.5, 7.0, 14.0]


def test_every_problem_is_drawn_before_one_is_drawn_again(folder, generator):
    task = task_of(folder)
    drawn = task.sample(torch.zeros(7, dtype=torch.long), generator).answer.tolist()
    assert set(drawn[:3]) == set(drawn[3:6]) == {3.5, 7.0, 14.0}


def test_a_fold_can_be_named_by_its_beginning(folder):
    for part in ("train", "dev"):
        (folder / f"{part}.csv").rename(folder / f"fold3-{part}.csv")
    assert task_of(folder / "fold3").known == task_of(folder / "fold3").apart
    with pytest.raises(InvalidOption, match=r"there is no .*fold4-train\.csv"):
        task_of(folder / "fold4")
    with pytest.raises(InvalidOption, match=r"train\.csv and dev\.csv"):
        task_of(folder)


def test_a_question_in_plain_text_is_read_as_the_table_is(folder):
    task = task_of(folder)
    typed = task.parse("Ann has 3 apples and .5 pears.")
    assert typed.symbols[0].tolist() == task.problems(task.known[:1]).symbols[0].tolist()
    assert typed.answer.item() == 3.5  # it is one of the list
    other = task.parse("Ann has 3 apples and two pears.")
    assert other.operands[0, len(CONSTANTS) :][:2].tolist() == [3.0, 2.0]
    assert other.answer.isnan().all()
    with pytest.raises(InvalidProblem, match="no number"):
        task.parse("Ann has apples.")
    with pytest.raises(InvalidProblem, match="8 numbers: at most 7"):
        task.parse("1 2 3 4 5 6 7 8")


def test_a_row_with_too_many_numbers_is_told_with_its_line(folder):
    numbers = " ".join(f"number{order}" for order in range(8))
    row = f"Ann has {numbers} .,{' '.join('12345678')},36\n"
    (folder / "dev.csv").write_text(TABLE + row)
    with pytest.raises(InvalidProblem, match=r"dev\.csv:5: Numbers: .*has 8 numbers: at most 7"):
        task_of(folder)


def test_an_operand_is_used_at_most_once_and_some_may_be_left(folder):
    task = task_of(folder)
    problems = task.problems([task.known[2]] * 3)
    encode = task.rules.vocabulary.encode
    keys = torch.tensor(
        [encode("5 ADD 6 ADD 7 ANS"), encode("6 ADD 5 ADD 7 ANS"), encode("5 ADD 5 ADD 7 ANS")]
    )
    assert press_keys(Environment(task), problems, keys).tolist() == [True, True, False]


@pytest.mark.slow
def test_the_stories_differ_from_those_held_out():
    known, apart = stories()
    assert not {story.words for story in known} & {story.words for story in apart}
    assert len(known) > 3 * len(apart) > 1000
    task = WordProblems(given=(known, apart))
    assert UNKNOWN not in {look for row in range(50) for look in looks(task, row, "apart")}


def test_held_out_questions_that_are_trained_on_are_told(folder):
    first, *others = task_of(folder).known
    assert WordProblems(given=((first,), tuple(others))).remarks == ()
    mixed = WordProblems(given=((first,), (*others, first)))
    told = f"1 of {len(others) + 1} held-out questions are training questions, too"
    assert mixed.remarks[0].startswith(told)


def test_data_come_from_where_the_recipe_says(folder):
    recipe = RECIPES["word-problems"]()
    assert recipe.task.data is None
    assert recipe.but(data=str(folder)).task.known == WordProblems(data=folder).known


def test_where_nobody_knows_a_program_no_oracle_is_scored(folder):
    environment = Environment(task_of(folder))
    (score,) = evaluate_levels(UniformRandom(), environment, [0], count=3, seed=0)
    assert score.presses == 0
    assert isnan(score.error_per_press)
    console = Console(file=StringIO(), width=200)
    print_scores(console, [score])
    assert console.file.getvalue().splitlines()[-1].split()[-4:-2] == ["-", "-"]


def test_words_that_may_be_numbers_stay_words_as_in_the_training_and_are_told(folder):
    for part in ("train", "dev"):
        with (folder / f"{part}.csv").open("a") as file:
            file.write("One boy has number0 pens .,2.0,2.0\nAnn has number0 dozen one .,3.0,36.0\n")
    task = task_of(folder)
    text = "One boy has 3 dozen pens and twenty-one apples."
    assert task.parse(text).operands[0, len(CONSTANTS) :][:3].tolist()[:2] == [36.0, 21.0]
    assert task.note(text) == "read as words, not as numbers: one"
    assert task.note("Ann has 3 apples.") == ""


def test_a_mark_in_the_text_is_a_word(folder):
    task = task_of(folder)
    problems = task.parse("Room #5 has 3 chairs")
    assert problems.operands[0, len(CONSTANTS) :][:2].tolist() == [5.0, 3.0]
    assert task.describe(problems, 0).split().count("5") == 1
    with pytest.raises(InvalidProblem, match="looks like a number"):
        task.parse(f"Ann has {'9' * 400} apples")
