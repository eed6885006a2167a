"""What every task must hold to, and a planted violation of each contract."""

import itertools
from dataclasses import replace
from math import inf, nan

import pytest
import torch
from torch.nn.functional import pad

import inwit
from inwit.environment import Environment
from inwit.tasks import Expressions, ReasoningGymTask, Stages, Task, Tutorial, function_task
from inwit.testing import check_task
from inwit.tools import ADD, MUL, SUB
from tests.reference import press_keys
from tests.tiers import few_fast

SMALL = {"expressions": {"largest": 3}, "expressions-prompt": {"largest": 3}}
"""Options that make the tests quick."""
CHANCE = {
    "stages": 0.15,
    "expressions": 0.4,
    "expressions-prompt": 0.4,
    "word-problems": 0.02,
    "countdown": 0.08,
}
"""How often random legal play may be right at a level."""
NAMES = sorted(
    name for name, kind in Task.registered.items() if kind.__module__.startswith("inwit.")
)
COUNT = itertools.count()


@pytest.fixture(autouse=True)
def small_pools(monkeypatch):
    monkeypatch.setattr(function_task, "POOL", 1024)


@inwit.task(tools=[ADD, MUL, SUB], presses=6, once=True)
def sums(draw):
    """Two levels, the second with another order of its operands."""
    one, other = draw.randrange(2, 40), draw.randrange(2, 40)
    if draw.random() < 0.5:
        return add(one, other)
    prompt, oracle = "take {0} from {1}", "1 SUB 0 ANS"
    return inwit.Problem(
        prompt=prompt, operands=(one, other), answer=other - one, level=1, oracle=oracle
    )


def add(one, other, **changes):
    given = {"prompt": "add {0} and {1}", "operands": (one, other), "answer": one + other}
    return inwit.Problem(**{"oracle": "0 ADD 1 ANS"} | given | changes)


@pytest.mark.parametrize("name", few_fast([name for name in NAMES if name != "tutorial"], 0, 1))
def test_the_tasks_of_ours(name):
    task = Task.registered[name](**SMALL.get(name, {}))
    check_task(task, count=200, chance=CHANCE[name])


def test_a_task_from_a_function():
    check_task(sums, count=400, chance=0.4)


def test_a_task_without_oracles():
    task = inwit.task(tools=[ADD], once=True)(lambda draw: add(draw.random(), 1.0, oracle=""))
    check_task(task, count=400, chance=1.0)


@pytest.mark.filterwarnings("default")
def test_a_task_from_reasoning_gym():
    pytest.importorskip("reasoning_gym")
    check_task(ReasoningGymTask(name="reasoning-gym:chain_sum"), count=200)


class Levelled(Stages):
    name = "levelled"

    def sample(self, level, generator, *, held_out=False):
        return super().sample(level.flip(0), generator, held_out=held_out)


class Unseeded(Stages):
    name = "unseeded"

    def sample(self, level, generator, *, held_out=False):
        own = torch.Generator().manual_seed(next(COUNT))
        return super().sample(level, own, held_out=held_out)


class Stuck(Stages):
    name = "stuck"

    def sample(self, level, generator, *, held_out=False):
        return super().sample(level, torch.Generator().manual_seed(1), held_out=held_out)


class Leaky(Stages):
    name = "leaky"

    def sample(self, level, generator, *, held_out=False):
        return super().sample(level, generator, held_out=False)


def drawn_by(function, **options):
    return inwit.task(**{"tools": [ADD, MUL], "presses": 4, "once": True} | options)(function)


def numbers(draw):
    return draw.randrange(2, 40), draw.randrange(2, 40)


def wrong_oracle(draw):
    return add(*numbers(draw), oracle="0 MUL 1 ANS")


def wrong_at_times(draw):
    return add(*numbers(draw), oracle="0 MUL 1 ANS" if draw.random() < 0.01 else "0 ADD 1 ANS")


def impure(draw):
    return add(*numbers(draw), prompt=f"add {{0}} and {{1}} now {next(COUNT) % 7}")


def readable(draw):
    one, other = numbers(draw)
    return add(one, other, prompt=f"{one + other} is {{0}} and {{1}}")


def too_easy(draw):
    one = draw.random()
    return inwit.Problem(prompt="say {0}", operands=(one,), answer=one, oracle="0 ANS")


@pytest.mark.parametrize(
    ("task", "told"),
    [
        (Levelled(), "'a problem has the level that was asked for': asked for"),
        (Tutorial(), r"'the stated answer is right': wrong on \d+ of \d+ training problems"),
        (drawn_by(wrong_oracle), r"'the oracle is always right': .* with 0 MUL 1 ANS"),
        (drawn_by(wrong_at_times), r"'the oracle is always right': .* with 0 MUL 1 ANS"),
        (drawn_by(impure), "'the same seed draws the same problems': a fresh copy of the task"),
        (Unseeded(), "'the same seed draws the same problems': the same task drew other"),
        (Stuck(), "'all randomness comes from the generator': two seeds draw the same"),
        (Leaky(), "'held-out problems are none of the training problems': at level 0"),
        (drawn_by(readable), "'the answer does not stand in the prompt': .* place 1 names it"),
        (drawn_by(too_easy), "'random play is seldom right': at level 0 it is right in 100.0%"),
    ],
    ids=lambda given: getattr(given, "name", ""),
)
def test_a_violation_is_told(task, told):
    with pytest.raises(AssertionError, match=f"^task '{task.name}' breaks the contract {told}"):
        check_task(task, count=400)


def test_a_shared_level_has_to_be_named(monkeypatch):
    monkeypatch.setattr(Expressions, "is_shared", lambda task, level: False)
    with pytest.raises(AssertionError, match=r"held-out problems are none .* at level"):
        check_task(Expressions(largest=3), count=400)


# What is asked of our own tasks beside the contracts.


@pytest.fixture(params=NAMES, scope="module")
def task(request):
    if request.param == "tutorial":
        pytest.skip("its faults are kept")
    return Task.registered[request.param](**SMALL.get(request.param, {}))


def test_problems_that_look_alike_share_their_identity_and_others_do_not(
    task, generator, draw_mixed
):
    problems = draw_mixed(task, 2000, generator)
    rows = zip(problems.symbols.tolist(), problems.level.tolist(), strict=True)
    looks = [(tuple(symbols), level) for symbols, level in rows]
    pairs = set(zip(looks, problems.identity.tolist(), strict=True))
    assert len(pairs) == len(set(looks)) == len(problems.identity.unique())


def test_identity_does_not_depend_on_the_padding(task, generator, draw_mixed):
    problems = draw_mixed(task, 50, generator)
    wider = replace(problems, symbols=pad(problems.symbols, (0, 3), value=-1))
    assert torch.equal(wider.identity, problems.identity)


def test_a_described_problem_can_be_typed_in(task, generator, draw_mixed):
    problems, environment = draw_mixed(task, 15, generator), Environment(task)
    for row in range(15):
        typed = task.parse(task.describe(problems, row))
        length = int((problems.symbols[row] >= 0).sum())
        assert typed.symbols[0, :length].equal(problems.symbols[row, :length])
        assert (typed.symbols[0, length:] == -1).all()
        assert typed.level[0] == problems.level[row]
        torch.testing.assert_close(typed.answer[0], problems.answer[row])
        assert press_keys(environment, typed, typed.oracle).all()


def test_only_the_answer_is_right(task):
    generator = torch.Generator().manual_seed(0)
    problems = task.sample(torch.full((50,), task.levels[-1]), generator)
    assert task.score(problems.answer, problems).all()
    for wrong in (problems.answer + 1, -problems.answer - 1, problems.answer * nan):
        assert not task.score(wrong, problems).any()
    assert not task.score(torch.full_like(problems.answer, inf), problems).any()


def test_problems_can_be_chosen_and_repeated(task, generator, draw_mixed):
    problems = draw_mixed(task, 6, generator)
    chosen = problems.select(torch.tensor([4, 1, 4]))
    assert chosen.identity.tolist() == [problems.identity[row] for row in (4, 1, 4)]
    repeated = problems.repeat(2)
    assert repeated.identity[::2].equal(problems.identity)
    assert repeated.identity[1::2].equal(problems.identity)


def test_every_level_has_its_form_and_a_place_in_the_schedule(task):
    assert set(task.schedule) == set(task.levels)
    assert len({task.form(level) for level in task.levels}) == len(task.levels)
