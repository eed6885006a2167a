"""Practice of the keys, before the first update."""

import pytest
import torch

from inwit.policies import GRU, Learned
from inwit.recipe import Recipe
from inwit.tasks import Stages
from inwit.training.loop import Training
from inwit.training.practice import BATCH, practise
from inwit.training.rollout import rollout


@pytest.fixture(autouse=True)
def shorter_than_a_users(monkeypatch):
    monkeypatch.setattr("inwit.training.practice.UNIT", 250)


def training_of(**masks):
    recipe = Recipe(
        task=Stages(), policy=GRU(width=16), masks=Learned(**masks), updates=1, batch=32
    )
    return Training(recipe)


def test_only_the_second_head_and_what_it_reads_learn():
    training = training_of(practice=1)
    before = {name: each.detach().clone() for name, each in training.parameters.items()}
    played = practise(
        training.policy, training.environment, training.generator, training.recipe.optimiser
    )
    assert played == 256 == 4 * BATCH
    keys, heads = training.policy.keys, training.parameters["policy.heads.weight"]
    moved = (heads != before["policy.heads.weight"]).any(1)
    assert not moved[:keys].any()
    assert not moved[-1]
    assert moved[keys:-1].any()
    assert not training.optimiser.state  # another optimiser made the steps


@pytest.mark.slow
def test_practice_makes_presses_mean_something():
    training = training_of(practice=10)
    problems = training.task.sample(torch.zeros(100, dtype=torch.long), training.generator)

    def wasted():
        with torch.no_grad():
            generator = torch.Generator().manual_seed(7)
            made, _ = rollout(training.policy, training.environment, problems, generator)
        return float((made.pressed & ~made.meant).sum() / made.pressed.sum())

    before = wasted()
    practise(training.policy, training.environment, training.generator, training.recipe.optimiser)
    assert before > 0.6
    assert wasted() < 0.8 * before


def test_practice_counts_as_episodes():
    reports = [list(training_of(practice=given).reports())[-1].episodes for given in (0, 1)]
    assert reports[1] - reports[0] == 256
