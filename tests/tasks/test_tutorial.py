import pytest
import torch

from inwit.environment import Environment
from inwit.tasks import Tutorial
from tutorial_as_published import Problem, run

PROBLEMS = 400


@pytest.fixture(scope="module")
def task():
    return Tutorial()


def draw(task, level, generator):
    return task.sample(torch.full((PROBLEMS,), level), generator)


def mostly_tools(generator):
    """Programs of six keys, most of which do something."""
    keys = torch.randint(0, 18, (PROBLEMS, 6), generator=generator)
    tools = torch.randint(11, 17, (PROBLEMS, 6), generator=generator)
    return tools.where(torch.rand(PROBLEMS, 6, generator=generator) < 0.8, keys)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_same_keys_earn_what_they_earn_in_the_published_system(task, level, generator):
    environment = Environment(task, shaping=0.2)
    problems, keys = draw(task, level, generator), mostly_tools(generator)
    environment.reset(problems)
    rewards = sum(environment.step(key).reward for key in keys.T)
    state = environment.state
    right = state.answered & (state.frame.accumulator == problems.answer)
    published = [
        run(program, Problem(level, tuple(max(digit, 0) for digit in digits)))
        for program, digits in zip(keys.tolist(), problems.symbols.tolist(), strict=True)
    ]
    assert right.tolist() == [each[0] for each in published]
    assert rewards.tolist() == pytest.approx([each[1] for each in published])
    assert 0 < right.sum() < PROBLEMS


def test_its_vocabulary_is_that_of_the_tutorial(task):
    names = "0 1 2 3 4 5 6 7 8 9 CTX MUL ADD SUB ANS STO RCL EOS"
    assert task.rules.vocabulary.names == tuple(names.split())


def test_a_problem_can_be_typed_in(task, generator):
    for level, form in enumerate(("a*b+c", "(a*b+c)-d", "(a*b+c)-(d*e)")):
        assert task.form(level) == form
        problems = draw(task, level, generator)
        typed = task.parse(task.describe(problems, 0))
        assert typed.answer[0] == problems.answer[0]
        torch.testing.assert_close(typed.operands[0], problems.operands[0], equal_nan=True)
        assert typed.level.tolist() == [level]


def test_the_plans_are_those_of_the_tutorial_and_one_is_too_long(task, generator):
    problems = task.sample(torch.tensor([0, 1, 2]), generator)
    plans = [task.rules.vocabulary.decode(keys) for keys in problems.oracle.tolist()]
    assert plans == ["MUL ADD ANS", "MUL ADD SUB ANS", "MUL ADD STO MUL RCL SUB ANS"]
    assert task.max_presses(problems) == 6
