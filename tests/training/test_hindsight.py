"""Random episodes, relabelled: against the task's own solver and a plain reading of the keys."""

import math

import pytest
import torch

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.policies import Scripted, UniformRandom
from inwit.recipes import recipe_for
from inwit.tasks import Countdown, merges
from inwit.tasks.countdown import text_of
from inwit.tasks.pool import is_held_out
from inwit.training.hindsight import play_randomly, relabel
from inwit.training.loop import Training
from inwit.training.rollout import evaluate, evaluate_choices, rollout
from tests.recipes import recipe_of


def drawn(task, count, generator, level=3):
    return task.sample(torch.full((count,), level), generator)


def relabelled(environment, problems, generator):
    played = play_randomly(UniformRandom(), environment, problems, generator)
    return relabel(environment, problems, played)


@pytest.fixture
def task():
    return Countdown()


def test_random_episodes_answer_what_their_keys_compute(task, generator):
    environment, problems = Environment(task), drawn(task, 50, generator, 4)
    played = play_randomly(UniformRandom(), environment, problems, generator)
    other = Environment(task)
    rollout(Scripted(played.keys), other, problems)
    again = other.state.frame.accumulator.masked_fill(~other.state.answered, math.nan)
    assert torch.equal(again.nan_to_num(nan=-1), played.answer.nan_to_num(nan=-1))
    assert len({tuple(row) for row in played.keys.T.tolist()}) > 40


def test_relabelled_problems_are_right_different_and_never_held_out(task, generator):
    problems = drawn(task, 40, generator).repeat(60)
    environment = Environment(task)
    found = relabelled(environment, problems, generator)
    assert len(found.problems) > 60
    asked = [task.describe(found.problems, row) for row in range(len(found.problems))]
    assert len(set(asked)) == len(asked)
    given = {tuple(row) for row in problems.operands[:, :3].tolist()}
    for row, text in enumerate(asked):
        numbers = found.problems.operands[row, :3].tolist()
        assert tuple(numbers) in given
        target = int(found.problems.answer[row])
        assert not is_held_out(text_of(list(map(int, numbers)), target)), text
    episodes = found.episodes(environment)
    assert episodes.right.all()
    assert len(episodes.right) == len(asked)


def test_of_the_programs_of_a_problem_the_shortest_is_kept(task, generator):
    problems = task.parse("2 3 5 -> 30").repeat(4000)
    environment = Environment(task)
    found = relabelled(environment, problems, generator)
    padding = environment.padding
    for row, keys in enumerate(found.keys.T.tolist()):
        target = int(found.problems.answer[row])
        right = merges.solutions((2, 3, 5), target)
        least = min(merges.keys(each).count(" ") + 1 for each in right)
        assert sum(key != padding for key in keys) == least


def test_a_task_without_hindsight_is_refused():
    with pytest.raises(InvalidOption, match="'stages' has no hindsight"):
        recipe_for("stages").but(**{"replay.hindsight": 10})


def test_a_draw_is_a_part(task, generator):
    found = relabelled(Environment(task), drawn(task, 20, generator).repeat(40), generator)
    part = found.draw(7, generator)
    assert len(part.problems) == 7
    whole = {task.describe(found.problems, row) for row in range(len(found.problems))}
    assert {task.describe(part.problems, row) for row in range(7)} <= whole


@pytest.mark.parametrize("policy", ["feedforward", "memoryless"])
def test_rows_without_a_choice_change_no_likelihood(policy, task, generator):
    recipe = recipe_of("countdown", policy=policy, width=16)
    environment = recipe.environment()
    network = recipe.network(environment)
    with torch.no_grad():
        episodes, _ = rollout(network, environment, drawn(task, 30, generator, 4), generator)
        some, every = evaluate_choices(network, episodes), evaluate(network, episodes)
    pressed = episodes.pressed
    torch.testing.assert_close(some.log_prob[pressed], every.log_prob[pressed])
    assert (episodes.observation.legal.sum(-1)[pressed] == 1).any()


@pytest.mark.slow
def test_training_by_hindsight_alone_learns_and_counts_its_episodes():
    recipe = recipe_for("countdown").but(
        updates=12, batch=64, **{"replay": 128, "replay.hindsight": 2000, "policy.width": 64}
    )
    training = Training(recipe)
    reports = list(training.reports())
    losses = [report.metrics["loss/replay"] for report in reports]
    assert sum(losses[-3:]) < sum(losses[:3]) - 0.5
    assert reports[-1].episodes == 12 * (64 + 2000)
    assert len(training.replayed.buffer) == 0
