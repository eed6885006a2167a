"""What every task must hold to: built in, made by a function, or of reasoning-gym."""

from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from math import inf, nan
from pathlib import Path

import pytest
import torch
from torch.nn.functional import pad

import inwit
from inwit.agent import named
from inwit.environment import Environment
from inwit.policies import Even
from inwit.recipe import RECIPES, Recipe
from inwit.rollout import play
from inwit.tasks import TASKS, Borrowed, Drawn, read_task
from inwit.tools import ADD, HANDLES, MUL, encode
from tests.audit import small
from tests.audit.test_own_tasks import readable, readable_text
from tests.contracts.reader import told_by_the_prompt
from tests.reference import press_keys
from tests.tasks.test_drawn import small as planned

CHANCE = 0.45
"""Random legal play may be right so often at the easiest level, and no oftener anywhere."""
MEAN_CHANCE = 0.25
"""And so often over all levels."""
TOLD = 0.3
"""A reader of the prompt alone may be right so much oftener than by luck."""
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
FUNCTIONS = (
    "06_convert_units",
    "07_dates",
    "08_two_hops",
    "09_readings",
    "10_decide_by_result",
)
"""Tasks made by functions that state no programs: `tasks/test_examples_by_force.py` finds some."""
GYM = ("reasoning-gym:chain_sum", "reasoning-gym:basic_arithmetic")
NEEDS_GYM = pytest.mark.skipif(not find_spec("reasoning_gym"), reason="needs reasoning-gym")


@cache
def known_as(name):
    if name in TASKS:
        return TASKS[name].from_recipe(RECIPES.get(name, Recipe)().but(largest=3))
    if name in GYM:
        return Borrowed.from_recipe(named(name)[0])
    return planned if name == planned.name else read_task(str(EXAMPLES / f"{name}.py"))


PLANNED = [*sorted(TASKS), planned.name, *(pytest.param(name, marks=NEEDS_GYM) for name in GYM)]
every_task = pytest.mark.parametrize("task", [*PLANNED, *FUNCTIONS], indirect=True)
every_planned_task = pytest.mark.parametrize("task", PLANNED, indirect=True)


@pytest.fixture
def task(request):
    return known_as(request.param)


def draw(task, level, count, seed=0, *, held_out=False):
    generator = torch.Generator().manual_seed(seed)
    return task.sample(torch.full((count,), level), generator, held_out=held_out)


@pytest.mark.parametrize("held_out", [False, True])
@every_planned_task
def test_the_oracle_is_always_right(task, held_out):
    environment = Environment(task)
    for level in task.levels:
        problems = draw(task, level, 200, held_out=held_out)
        assert press_keys(environment, problems, problems.oracle).all()


@every_planned_task
def test_the_oracle_is_right_in_a_batch_of_all_levels(task, generator, draw_mixed):
    problems = draw_mixed(task, 120, generator)
    assert press_keys(Environment(task), problems, problems.oracle).all()
    assert problems.level.tolist() == (list(task.levels) * 120)[:120]


@pytest.mark.parametrize("task", FUNCTIONS, indirect=True)
def test_a_task_without_programs_states_none(task):
    problems = draw(task, 0, 50)
    assert (problems.oracle == task.rules.vocabulary["EOS"]).all()


@every_task
def test_random_play_is_seldom_right(task, generator):
    environment = Environment(task)
    scores = [
        play(Even(), environment, draw(task, level, 1000), generator).float().mean().item()
        for level in task.levels
    ]
    assert max(scores) < CHANCE
    assert sum(scores) / len(scores) < MEAN_CHANCE


@every_task
def test_the_answer_is_not_in_the_prompt(task):
    for level in task.levels:
        known, asked = (draw(task, level, 400, held_out=held_out) for held_out in (False, True))
        assert told_by_the_prompt(task, known, asked) < TOLD


@pytest.mark.parametrize(
    "leaking",
    [
        small.Leaky(),
        small.Whispering(),
        inwit.task(tools=[ADD, MUL], presses=4)(readable),
        inwit.task(tools=[ADD, MUL], presses=4)(readable_text),
    ],
    ids=["symbol", "two digits", "number in the text", "word of the text"],
)
def test_an_answer_in_the_prompt_would_be_found(leaking):
    for level in leaking.levels:
        known, asked = (draw(leaking, level, 400, held_out=held_out) for held_out in (False, True))
        assert told_by_the_prompt(leaking, known, asked) > 1.5 * TOLD


@every_task
def test_the_answer_is_not_in_what_is_seen(task, generator, draw_mixed):
    """With the answers of others, random presses show the same all along."""
    problems = draw_mixed(task, 60, generator)
    others = replace(problems, answer=problems.answer.roll(1))
    one, other = Environment(task), Environment(task)
    pairs = [one.reset(problems), other.reset(others)]
    assert torch.equal(pairs[0][0].symbols, pairs[1][0].symbols)
    seen, same = (percept for _, percept in pairs)
    for _ in range(one.limit):
        assert torch.equal(seen.legal, same.legal)
        assert torch.equal(seen.seen, same.seen)
        weight = seen.legal.float() + ~seen.legal.any(1, keepdim=True)
        key = torch.multinomial(weight, 1, generator=generator)[:, 0]
        seen, same = (place.step(key).percept for place in (one, other))
        assert torch.equal(one.ended, other.ended)
    assert not problems.answer.equal(others.answer)


@every_task
def test_the_same_seed_draws_the_same_problems(task, draw_mixed):
    first, again, other = (
        draw_mixed(task, 60, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4)
    )
    for name in ("identity", "answer", "operands"):
        ours, theirs = getattr(first, name), getattr(again, name)
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)
    assert not torch.equal(first.operands.nan_to_num(), other.operands.nan_to_num())


@every_task
def test_problems_that_look_alike_share_their_identity_and_others_do_not(
    task, generator, draw_mixed
):
    problems = draw_mixed(task, 2000, generator)
    rows = zip(problems.symbols.tolist(), problems.level.tolist(), strict=True)
    looks = [(tuple(symbols), level) for symbols, level in rows]
    pairs = set(zip(looks, problems.identity.tolist(), strict=True))
    assert len(pairs) == len(set(looks)) == len(problems.identity.unique())


@every_task
def test_identity_does_not_depend_on_the_padding(task, generator, draw_mixed):
    problems = draw_mixed(task, 50, generator)
    wider = replace(problems, symbols=pad(problems.symbols, (0, 3), value=-1))
    assert torch.equal(wider.identity, problems.identity)


@every_task
def test_a_described_problem_can_be_typed_in(task, generator, draw_mixed):
    problems = draw_mixed(task, 40, generator)
    for row in range(40):
        typed = task.parse(task.describe(problems, row))
        length = int((problems.symbols[row] >= 0).sum())
        assert typed.symbols[0, :length].equal(problems.symbols[row, :length])
        assert (typed.symbols[0, length:] == -1).all()
        assert typed.level[0] == problems.level[row]
        if isinstance(task, Drawn):  # only who drew a problem knows its answer
            assert typed.answer[0].isnan()
        else:
            torch.testing.assert_close(typed.answer[0], problems.answer[row])
            assert press_keys(Environment(task), typed, typed.oracle).all()


@every_task
def test_only_the_answer_is_right(task):
    problems = draw(task, task.levels[-1], 50)
    assert task.score(problems.answer, problems).all()
    number, another = problems.answer.abs() < HANDLES, encode("nobody's answer")
    for wrong in (problems.answer + 1, -problems.answer - 1):
        assert not task.score(wrong.masked_fill(~number, another), problems).any()
    assert not task.score(problems.answer * nan, problems).any()
    assert not task.score(torch.full_like(problems.answer, inf), problems).any()


@every_task
def test_problems_can_be_chosen_and_repeated(task, generator, draw_mixed):
    problems = draw_mixed(task, 6, generator)
    chosen = problems.select(torch.tensor([4, 1, 4]))
    assert chosen.identity.tolist() == [problems.identity[row] for row in (4, 1, 4)]
    repeated = problems.repeat(2)
    assert repeated.identity[::2].equal(problems.identity)
    assert repeated.identity[1::2].equal(problems.identity)


@every_task
def test_every_level_has_its_form_and_a_place_in_the_schedule(task):
    assert set(task.schedule) == set(task.levels)
    assert len({task.form(level) for level in task.levels}) == len(task.levels)
