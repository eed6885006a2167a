"""What every task in the registry must hold to."""

from dataclasses import replace
from math import inf, nan

import pytest
import torch
from torch.nn.functional import pad

from inwit.environment import Environment
from inwit.policies import Even
from inwit.recipe import RECIPES, Recipe
from inwit.rollout import play
from inwit.tasks import TASKS
from tests.reference import press_keys

CHANCE = 0.45
"""Random legal play may be right so often at the easiest level, and no oftener anywhere."""
MEAN_CHANCE = 0.25
"""And so often over all levels."""


@pytest.fixture(params=sorted(TASKS), scope="module")
def task(request):
    recipe = RECIPES.get(request.param, Recipe)()
    return TASKS[request.param].from_recipe(recipe.but(largest=3))


def draw(task, level, count, seed=0, *, held_out=False):
    generator = torch.Generator().manual_seed(seed)
    return task.sample(torch.full((count,), level), generator, held_out=held_out)


@pytest.mark.parametrize("held_out", [False, True])
def test_the_oracle_is_always_right(task, held_out):
    environment = Environment(task)
    for level in task.levels:
        problems = draw(task, level, 200, held_out=held_out)
        assert press_keys(environment, problems, problems.oracle).all()


def test_the_oracle_is_right_in_a_batch_of_all_levels(task, generator, draw_mixed):
    problems = draw_mixed(task, 120, generator)
    assert press_keys(Environment(task), problems, problems.oracle).all()
    assert problems.level.tolist() == (list(task.levels) * 120)[:120]


def test_random_play_is_seldom_right(task, generator):
    environment = Environment(task)
    scores = [
        play(Even(), environment, draw(task, level, 1000), generator).float().mean().item()
        for level in task.levels
    ]
    assert max(scores) < CHANCE
    assert sum(scores) / len(scores) < MEAN_CHANCE


def test_the_same_seed_draws_the_same_problems(task, draw_mixed):
    first, again, other = (
        draw_mixed(task, 60, torch.Generator().manual_seed(seed)) for seed in (3, 3, 4)
    )
    assert first.identity.equal(again.identity)
    assert first.answer.equal(again.answer)
    assert not first.identity.equal(other.identity)


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
    problems = draw_mixed(task, 40, generator)
    for row in range(40):
        typed = task.parse(task.describe(problems, row))
        length = int((problems.symbols[row] >= 0).sum())
        assert typed.symbols[0, :length].equal(problems.symbols[row, :length])
        assert (typed.symbols[0, length:] == -1).all()
        assert typed.level[0] == problems.level[row]
        torch.testing.assert_close(typed.answer[0], problems.answer[row])
        assert press_keys(Environment(task), typed, typed.oracle).all()


def test_only_the_answer_is_right(task):
    problems = draw(task, task.levels[-1], 50)
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
