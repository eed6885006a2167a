import pytest

from inwit.auditing.base import Item
from inwit.auditing.text.forms import core_of, spellings
from inwit.auditing.text.puzzles import follows, short_of_numbers
from inwit.auditing.text.solver import calculate, same_answer, solve, value_of
from inwit.auditing.text.truth import options, shown_wrong


@pytest.mark.parametrize(
    "question",
    [
        (
            "All cats are animals. All animals are poets. Does it follow that: All cats are poets?",
            1,
        ),
        ("No cats are dogs. All poets are cats. Does it follow that: No poets are dogs?", 1),
        ("All cats are dogs. All poets are dogs. Does it follow that: All cats are poets?", 0),
        ("Some cats are dogs. All dogs are poets. Does it follow that: Some cats are poets?", 1),
        ("All cats are dogs. No dogs are poets. Does it follow that: Some cats are poets?", 0),
    ],
)
def test_syllogisms_follow_or_not(question):
    text, verdict = question
    assert follows(text) is bool(verdict)


def test_what_depends_on_whether_a_class_is_empty_is_unsure():
    text = "All cats are dogs. All dogs are poets. Does it follow that: Some cats are poets?"
    assert follows(text) is None
    assert follows("All cats are dogs. Is it so?") is None


def test_expressions_that_leave_numbers_out_have_the_value():
    found = short_of_numbers("4 * 6 * 1 * 1")
    assert found
    assert all(len(each.split()) < 7 or "/" in each for each in found)
    assert int(eval(found[0])) == 24
    assert short_of_numbers("a + b") == []


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is 3 * (4 + 5)?", "27"),
        ("Calculate -5 - 7.", "-12"),
        ("What is 7 / 2?", "3.5"),
        ("Sort these numbers in ascending order: 3, -1, 2.5", "[-1, 2.5, 3]"),
        ("Arrange in descending order: [4, 9, 1, 30]", "[30, 9, 4, 1]"),
        ("What is 3 + 4 in base 5?", ""),
        ("Round 3.7 + 2", ""),
        ("Solve for c: 65 - 107 = c * 14", ""),
        ("What is x if x + 3 = 10 - 4?", ""),
        ("Who wrote 1984?", ""),
        ("Is 3 + 4 more than 2 + 9?", ""),
    ],
)
def test_a_question_is_read_in_one_way_or_not_at_all(question, answer):
    assert solve(question) == answer


@pytest.mark.parametrize(
    "text", ["2 ** 3", "__import__('os')", "1 / 0", "a + 1", "(", "1" * 5000 + "+"]
)
def test_what_is_no_arithmetic_has_no_value(text):
    assert calculate(text) is None


def test_expressions_are_found_as_they_stand():
    assert value_of("What is 12 + 7?")[0] == "12 + 7"
    assert same_answer("[1, 2.5, 3]", "['1.0', '2.5', '3']")
    assert not same_answer("[1, 2.5, 3]", "[1, 2.4, 3]")


@pytest.mark.parametrize(
    ("gold", "core"),
    [
        ("So it is 3.\n#### 18", "18"),
        (r"We get \boxed{\frac{1}{2}} and", r"\frac{1}{2}"),
        ("<answer> 7 </answer>", "7"),
        ("plain", "plain"),
    ],
)
def test_the_answer_in_a_solution(gold, core):
    assert core_of(gold) == core


def test_other_spellings_are_the_same_number():
    assert spellings("1200") == ["1200.0", "1,200", "+1200", "1200.00"]
    assert spellings("banana") == []


def item(gold, question="How many?"):
    return Item(question=question, gold=gold)


@pytest.mark.parametrize(
    ("reply", "gold", "wrong"),
    [
        ("13", "12", True),
        ("12.0", "12", False),
        ("1001", "1000", False),
        ("twelve", "12", False),
        ("paris", "Paris", False),
        ("London", "Paris", False),
    ],
)
def test_only_what_no_reader_takes_for_the_gold_is_shown_to_be_wrong(reply, gold, wrong):
    assert shown_wrong(reply, item(gold)) is wrong


def test_another_option_is_wrong_where_there_is_a_closed_list():
    items = [item(gold) for gold in ("yes", "no", "yes") * 4]
    closed = options(items)
    assert closed == ("yes", "no")
    assert shown_wrong("no", items[0], closed)
    assert not shown_wrong("perhaps", items[0], closed)
    assert options([item(str(n)) for n in range(12)]) == ()


def test_where_many_answers_are_right_a_number_proves_nothing():
    assert not shown_wrong("13", item("12", "Give any number above 10."))
