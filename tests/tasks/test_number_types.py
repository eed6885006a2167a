"""Own tasks with numbers of any type: the same problems, and the oracle is right on all of them."""

import inspect
import random
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from itertools import cycle, product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import inwit
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.llm.episode import Episode
from inwit.llm.toolbox import Toolbox
from inwit.tools import ADD, HANDLES, tool
from tests.tiers import few_fast


class Small(IntEnum):
    TWO = 2
    FIVE = 5


@tool
def tenth(value: float) -> float:
    """A tenth of it."""
    return value * 0.1


def double_tensor(value):
    return torch.tensor(value, dtype=torch.double)


def single_tensor(value):
    return torch.tensor(value, dtype=torch.float32)


EXACT = [np.float64, np.longdouble, double_tensor, lambda value: np.array(value, np.float64)]
WHOLE = [int, np.int64, np.int16, np.uint32, torch.tensor, np.array, Fraction, Decimal, *EXACT]
COARSE = [np.float32, np.float16, single_tensor, lambda value: np.array(value, dtype=np.float32)]


POOL = 30


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Problems enough for these tests."""
    monkeypatch.setattr("inwit.tasks.function_task.POOL", POOL)


def task_of(operand, answer, *, tools=(ADD, tenth), program="0 TENTH ANS", exact=None, **options):
    """A tenth of a number, with the operand and the answer in some type."""
    exact = exact or (lambda value: value * 0.1)

    def tenths(draw: random.Random) -> inwit.Problem:
        value = draw.randrange(100)
        return inwit.Problem(
            prompt="a tenth of {0}",
            operands=(operand(value),),
            answer=answer(exact(value)),
            oracle=program,
        )

    return inwit.task(tools=tools, **options)(tenths)


def right(task):
    """How many of the problems the oracle solves."""
    environment, problems = Environment(task), task.problems(task.pool)
    environment.reset(problems)
    for key in problems.oracle.T[: environment.limit]:
        environment.step(key)
    return int(environment.right.sum())


def pairs():
    """Every type of an operand, and of an answer; in the slow tests each with each."""
    operands, answers = [*WHOLE, *COARSE], [*EXACT, float, Decimal, Fraction, *COARSE]
    fast = {*zip(range(len(operands)), cycle(range(len(answers))), strict=False)}
    for place in product(range(len(operands)), range(len(answers))):
        marks = [pytest.mark.slow] * (place not in fast)
        yield pytest.param(operands[place[0]], answers[place[1]], marks=marks)


@pytest.mark.parametrize(("operand", "answer"), list(pairs()))
def test_the_oracle_is_right_whatever_types_the_numbers_have(operand, answer):
    task = task_of(operand, answer)
    assert right(task) == POOL
    plain = task_of(int, float)
    assert task.problems(task.pool).operands.equal(plain.problems(plain.pool).operands)


@pytest.mark.parametrize("result", [np.float32, single_tensor, np.float64, Decimal, Fraction])
def test_the_oracle_is_right_whatever_type_a_tool_gives(result):
    @tool
    def tenth(value: float) -> float:
        return result(value) * result(0.1)

    assert right(task_of(int, float, tools=[tenth])) == POOL


@pytest.mark.parametrize("kind", [np.int64, np.int32, torch.tensor, Decimal, Fraction, float])
def test_a_tool_of_whole_numbers_may_give_any_type(kind):
    @tool
    def twice(value: int) -> int:
        assert type(value) is int
        return kind(2 * value)

    made = task_of(kind, kind, tools=[twice], program="0 TWICE ANS", exact=lambda value: 2 * value)
    assert right(made) == POOL


def test_enumerated_numbers_are_operands_and_answers():
    @tool
    def other(value: Small) -> Small:
        return {Small.TWO: Small.FIVE, Small.FIVE: Small.TWO}[value]

    def swap(draw: random.Random) -> inwit.Problem:
        value = draw.choice(list(Small))
        return inwit.Problem(
            prompt="the other of {0}", operands=(value,), answer=7 - value, oracle="0 OTHER ANS"
        )

    task = inwit.task(tools=[other])(swap)
    assert right(task) == POOL


NUMBERS = st.floats(0.001, 60000) | st.integers(1, 60000)


def accepted(task, given):
    problems = task.problems(task.pool[:1])
    return bool(task.score(torch.tensor([given], dtype=torch.double), problems)[0])


@given(NUMBERS, st.sampled_from([np.float32, np.float16]), st.floats(-1, 1))
def test_a_coarse_answer_is_right_as_far_as_its_precision_goes(value, kind, share):
    answer = kind(value)
    task = task_of(int, lambda _: answer)
    assert accepted(task, value)  # what was rounded
    assert accepted(task, float(answer) + 0.5 * share * float(np.spacing(answer)))
    for far in (-12, 12):
        assert not accepted(task, float(answer) * (1 + far * float(np.finfo(kind).eps)))


@given(st.integers(1, 60000), st.sampled_from([np.float32, np.float16, np.float64, int]))
def test_a_whole_answer_is_never_taken_for_another_that_the_type_tells_apart(value, kind):
    answer = kind(value)
    task = task_of(int, lambda _: answer)
    step = max(1.0, float(np.spacing(answer, dtype=None if kind is not int else float)))
    assert accepted(task, float(answer))
    for off in (-2, -1, 1, 2):
        assert not accepted(task, float(answer) + off * step)


def test_an_exact_task_keeps_its_tolerance():
    task, coarse = task_of(int, float), task_of(int, np.float32)
    truth = torch.tensor([0.1, 7.0, 1234.5], dtype=torch.double)
    _ = task.pool, coarse.pool
    assert task.margin(truth).equal(1e-9 * (1 + truth))
    assert coarse.margin(truth)[2] == pytest.approx(4 * 2**-23 * 1234.5)
    wide = task_of(int, np.float32, tolerance=0.1)
    _ = wide.pool
    assert wide.margin(truth).equal(0.1 * (1 + truth))


def test_a_wide_tolerance_takes_no_number_for_an_object():
    task = task_of(int, lambda _: "some text", tolerance=2.0)
    problems = task.problems(task.pool[:1])
    for number in (0.0, 1e300):
        assert not task.score(torch.tensor([number], dtype=torch.double), problems).any()
    assert task.score(problems.answer, problems).all()
    assert float(problems.answer) >= HANDLES


FIELDS = {"prompt": "take {0}", "operands": (1,), "answer": 1, "level": 0, "oracle": ""}


def drawn(**fields):
    """The first problem of a task, with these fields as a user may have given them."""
    problem = inwit.Problem(**FIELDS)
    for name, value in fields.items():
        object.__setattr__(problem, name, value)  # the tests check types on the way in
    return inspect.unwrap(inwit.task)(tools=[ADD])(lambda draw: problem)._drawn(random.Random(0))


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("level", True, "level is the bool True: it must be a whole number from 0"),
        ("level", 3 > 2, "level is the bool True"),
        ("level", np.True_, "level is the bool"),
        ("level", 0.0, "level is the float 0.0"),
        ("level", np.float64(1), "level is the float64"),
        ("level", "1", "level is the str '1'"),
        ("level", None, "level is the NoneType None"),
        ("level", -1, "level is -1: it must be a whole number from 0"),
        ("level", Decimal(1), "level is the Decimal"),
        ("level", torch.tensor(1), "level is the Tensor"),
        ("prompt", 3, "prompt is the int 3: it must be a str"),
        ("prompt", b"take {0}", "prompt is the bytes"),
        ("prompt", ["take", "{0}"], "prompt is the list"),
        ("prompt", None, "prompt is the NoneType"),
        ("operands", [3, 5], "operands is the list [3, 5]: it must be a tuple, such as (3, 5)"),
        ("operands", (each for each in (1, 2)), "operands is the generator"),
        ("operands", 3, "operands is the int 3: it must be a tuple, such as (3, 5) or (3,)"),
        ("operands", "35", "operands is the str '35'"),
        ("operands", np.array([3, 5]), "operands is the ndarray"),
        ("operands", {1: 2}, "operands is the dict"),
        ("operands", None, "operands is the NoneType"),
        ("oracle", None, "oracle is the NoneType None: it must be a str"),
        ("oracle", ["0", "ANS"], "oracle is the list"),
        ("operands", (1, True), "operands[1] of 'take {0}': the bool True"),
        ("operands", (1, np.True_), "operands[1] of 'take {0}': the bool"),
        ("operands", (3j,), "operands[0] of 'take {0}': the complex 3j: a number must be real"),
        ("operands", (1, 2, float("nan")), "operands[2] of 'take {0}': the float nan"),
        ("operands", ([1],), "operands[0] of 'take {0}': the list [1] cannot be hashed"),
        ("operands", (np.ones(3),), "operands[0] of 'take {0}': the ndarray"),
        ("operands", (1e308,), "operands[0] of 'take {0}': the float 1e+308"),
        ("answer", True, "answer of 'take {0}': the bool True"),
        ("answer", torch.tensor(True), "answer of 'take {0}': the Tensor tensor(True)"),
        ("answer", np.complex64(3), "answer of 'take {0}': the complex64"),
        pytest.param("answer", 10**5000, "the int whose repr fails", id="digits"),
        ("answer", Decimal("Infinity"), "answer of 'take {0}': the Decimal"),
        ("answer", {1: 2}, "answer of 'take {0}': the dict"),
    ],
)
def test_a_field_that_cannot_be_is_named_in_one_line(field, value, why):
    with pytest.raises(InvalidOption) as refused:
        drawn(**{field: value})
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("level", [0, np.int64(0), np.uint8(0), IntEnum("Level", {"LOW": 0}).LOW])
def test_a_level_is_a_whole_number_of_any_type(level):
    assert type(drawn(level=level).level) is int


@pytest.mark.parametrize("value", [True, False, np.True_, torch.tensor(False)])
def test_a_bool_is_an_operand_and_an_answer_where_a_tool_says_bool(value):
    @tool
    def turn(value: bool) -> bool:
        assert isinstance(value, bool)
        return not value

    def turned(draw: random.Random) -> inwit.Problem:
        return inwit.Problem(
            prompt=f"turn {{0}} {draw.randrange(40)}",
            operands=(value,),
            answer=not value,
            oracle="0 TURN ANS",
        )

    assert right(inwit.task(tools=[turn])(turned)) == POOL


@pytest.mark.parametrize(
    "answer", few_fast([np.float32, np.int64, Decimal, single_tensor, Fraction], 0)
)
def test_a_language_model_is_right_with_the_number_itself(answer):
    task = task_of(answer, answer, exact=lambda value: 2 * value)
    box = Toolbox(task, seconds=None)
    assert box.kinds == (float,)
    episode = Episode(toolbox=box, problem=task.problems(task.pool[:1]))
    episode.call("answer", {"value": float(task.pool[0].answer)})
    assert episode.right
