"""Random episodes, relabelled: against the task's own solver and a plain reading of the keys."""

import math

import pytest
import torch

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.policies import Scripted, UniformRandom
from inwit.recipes import recipe_for
from inwit.tasks import Countdown, Task, merges
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


def test_random_presses_answer_what_their_keys_compute(task, generator, monkeypatch):
    monkeypatch.setattr(Countdown, "random_programs", Task.random_programs)
    environment, problems = Environment(task), drawn(task, 50, generator, 4)
    played = play_randomly(UniformRandom(), environment, problems, generator)
    other = Environment(task)
    rollout(Scripted(played.keys), other, problems)
    again = other.state.frame.accumulator.masked_fill(~other.state.answered, math.nan)
    assert torch.equal(again.nan_to_num(nan=-1), played.answer.nan_to_num(nan=-1))
    assert len({tuple(row) for row in played.keys.T.tolist()}) > 40


def test_relabelled_problems_are_right_different_and_never_held_out(task, generator):
    problems = drawn(task, 200, generator).repeat(60)
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
    part = found.draw(7, generator, task)
    assert len(part.problems) == 7
    whole = {task.describe(found.problems, row) for row in range(len(found.problems))}
    assert {task.describe(part.problems, row) for row in range(7)} <= whole


def test_random_programs_compute_what_they_say(task, generator):
    problems = task.sample(torch.tensor([3, 4] * 40), generator)
    keys, answer = task.random_programs(problems, generator)
    environment = Environment(task)
    rollout(Scripted(keys), environment, problems)
    assert environment.state.answered.all()
    made = environment.state.frame.accumulator
    finite = made.isfinite()
    assert finite.sum() > 70
    torch.testing.assert_close(made[finite], answer[finite], rtol=1e-9, atol=1e-9)
    assert not answer[~finite].isfinite().any()
    assert len({tuple(row) for row in keys.T.tolist()}) > 50


def test_every_different_program_is_tried_once_on_the_same_numbers(task, generator):
    begun = task.practice(task.sample(torch.tensor([3, 4]), generator), 3000, generator)
    keys, _ = task.random_programs(begun, generator)
    for level, count in ((3, 68), (4, 1260)):
        some = begun.level == level
        numbers, sets = begun.operands[some, :level].unique(dim=0, return_counts=True)
        assert len(numbers) == 3
        assert set(sets.tolist()) == {count}
        tried = {tuple(row) for row in keys.T[some][:count].tolist()}
        assert len(tried) == count


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
    assert reports[-1].episodes == 12 * (64 + 2 * 68 + 2 * 1260)  # all programs of some numbers
    assert len(training.replayed.buffer) == 0
