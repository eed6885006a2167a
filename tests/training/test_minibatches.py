"""Minibatches: every episode in one part of each epoch, and what a part alone would teach."""

from dataclasses import dataclass
from itertools import chain

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inwit.errors import InvalidOption
from inwit.games.recipe import game_recipe_for
from inwit.games.training import GameTraining
from inwit.learners import A2C, GRPO, PPO
from inwit.training.batch import steps_on
from inwit.training.distributed import Ranks, update_of
from inwit.training.loop import Training
from inwit.training.rollout import evaluate
from tests.recipes import recipe_of


@dataclass(frozen=True, kw_only=True)
class GroupedInParts(GRPO):
    """GRPO on minibatches."""

    minibatches: int = 2

    name = "grouped-in-parts"


def game_recipe(**changes):
    options = {"length": 4, "batch": 8, "window": 6, "updates": 3, "policy.width": 8}
    return game_recipe_for("memory-length").but(**(options | changes))


@given(
    epochs=st.integers(1, 3),
    minibatches=st.integers(2, 5),
    size=st.integers(1, 4),
    group=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_an_epoch_goes_through_every_episode_once(epochs, minibatches, size, group, seed):
    learner = GroupedInParts(epochs=epochs, minibatches=minibatches, group_size=group)
    problems = minibatches * size
    generator = torch.Generator().manual_seed(seed)
    parts = [part.tolist() for part in steps_on(learner, problems * group, generator)]
    assert [len(part) for part in parts] == [size * group] * (epochs * minibatches)
    for epoch in range(epochs):
        gone = parts[epoch * minibatches : (epoch + 1) * minibatches]
        assert sorted(chain(*gone)) == list(range(problems * group))
    for part in parts:
        at = [row // group for row in part]  # neighbours in the batch are at one problem
        assert all(at.count(problem) == group for problem in at)


def test_parts_differ_from_epoch_to_epoch_and_one_part_draws_nothing():
    generator = torch.Generator().manual_seed(0)
    before = generator.get_state()
    assert list(steps_on(PPO(epochs=3), 64, generator)) == [None] * 3
    assert torch.equal(generator.get_state(), before)
    first, _, third, _ = steps_on(PPO(epochs=2, minibatches=2), 64, generator)
    assert set(first.tolist()) != set(third.tolist())


@pytest.mark.parametrize("window", range(3))
def test_a_part_of_a_window_is_read_as_in_the_whole(window, monkeypatch):
    """Later windows go on in the middle of episodes: each part needs its own states."""
    training, seen = GameTraining(game_recipe(**{"learner.minibatches": 4})), []
    step = GameTraining._step

    def recorded(self, memory, trajectory):
        seen.append((evaluate(self.policy, trajectory, memory), trajectory))
        return step(self, memory, trajectory)

    monkeypatch.setattr(GameTraining, "_step", recorded)
    for _ in zip(range(window + 1), training.reports(), strict=False):
        first = training.batch["episodes"]
        # The first step of an epoch meets the weights that made the episodes.
        outputs, part = seen[0]
        columns = [
            next(b for b in range(8) if torch.equal(first.value[:, b], part.value[:, column]))
            for column in range(2)
        ]
        assert torch.equal(part.key, first.key[:, columns])
        torch.testing.assert_close(outputs.value, part.value, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(outputs.log_prob, part.log_prob, rtol=1e-4, atol=1e-5)
        assert len(seen) == 4 * training.learner.epochs
        seen.clear()


def test_groups_are_whole_in_every_part(monkeypatch):
    counts = []

    def recorded(self, trajectory, outputs):
        counts.append(trajectory.problem.unique(return_counts=True)[1].tolist())
        return GRPO.loss(self, trajectory, outputs)

    monkeypatch.setattr(GroupedInParts, "loss", recorded)
    learner = GroupedInParts(group_size=4)
    list(Training(recipe_of(learner=learner, replay=0, search=0, batch=32, updates=2)).reports())
    assert len(counts) == 2 * 2 * learner.epochs
    assert all(count % 4 == 0 for each in counts for count in each)


@pytest.mark.parametrize("learner", [PPO(epochs=3, minibatches=2), GroupedInParts(epochs=2)])
def test_a_task_gets_a_step_for_every_part(learner, monkeypatch):
    training = Training(recipe_of(learner=learner, replay=0, search=0, batch=16, updates=2))
    steps, parts, descend = [], [], training.engine.descend
    step = training.optimiser.step
    monkeypatch.setattr(training.optimiser, "step", lambda: (steps.append(1), step())[1])
    monkeypatch.setattr(
        training.engine, "descend", lambda n, rows: (parts.append(rows), descend(n, rows))[1]
    )
    assert len(list(training.reports())) == 2
    assert len(steps) == 2 * learner.epochs * learner.minibatches
    assert [len(rows) for rows in parts] == [16 // learner.minibatches] * len(steps)


def test_the_step_on_a_part_does_not_depend_on_the_others():
    recipe = recipe_of(learner=PPO(minibatches=2), replay=0, search=0, batch=8, updates=1)
    gradients = []
    for spoilt in (False, True):
        training = Training(recipe)
        list(training.reports())
        training.optimiser.zero_grad()
        if spoilt:
            training.engine.episodes.trajectory.reward[:, 4:] = 100.0
        training.engine.descend(0, torch.arange(4))
        gradients.append([each.grad.clone() for each in training.policy.parameters()])
    for one, other in zip(*gradients, strict=True):
        assert torch.equal(one, other)
    assert any(each.any() for each in gradients[0])


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda: game_recipe(**{"learner.minibatches": 3}),
            "--learner.minibatches 3: 8 episodes .--batch 8. do not make so many equal parts; "
            "give a divisor of 8, such as 2",
        ),
        (
            lambda: recipe_of(learner=PPO(minibatches=7), batch=64),
            "give a divisor of 64, such as 8",
        ),
        (
            lambda: recipe_of(learner=GroupedInParts(group_size=4, minibatches=8), batch=16),
            "4 groups of 4 .--batch 16. do not make so many equal parts; .*, such as 4",
        ),
        (lambda: PPO(minibatches=0), "--learner.minibatches 0: .* at least 1"),
    ],
)
def test_what_cannot_be_divided_is_refused(make, told):
    with pytest.raises(InvalidOption, match=told):
        make()


def test_several_processes_and_compiled_tasks_make_whole_steps():
    recipe = recipe_of(learner=PPO(minibatches=2), replay=0, search=0, batch=8)
    training = Training(recipe)
    with pytest.raises(InvalidOption, match=r"^--learner\.minibatches 2: several processes"):
        update_of(
            recipe,
            training.policy,
            training.environment,
            ranks=Ranks(0, 2),
            summary=training.summary,
        )
    with pytest.raises(InvalidOption, match="one gradient step, not ppo, which makes 2"):
        Training(recipe.but(learner=PPO(epochs=1, minibatches=2), compile=True))
    assert Training(recipe.but(learner=A2C())).learner.minibatches == 1
