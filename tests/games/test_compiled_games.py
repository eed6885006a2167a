"""The compiled loss of an environment is the plain one; what cannot be compiled is refused."""

import pytest
import torch

import inwit
from inwit.errors import InvalidOption
from inwit.games.compiled import CompiledLoss
from inwit.games.recipe import game_recipe_for
from inwit.games.training import GameTraining
from inwit.policies.memoryless import MemorylessPolicy
from inwit.training.rollout import evaluate, fill


def recipe_of(**changes):
    options = {"length": 2, "batch": 4, "window": 3, "updates": 3, "policy.width": 8}
    return game_recipe_for("memory-length").but(**(options | {"learner.epochs": 2} | changes))


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["gru", "memoryless", "aggregated"])
def test_the_compiled_loss_and_gradient_are_the_plain_ones(policy):
    training = GameTraining(recipe_of(policy=policy))
    network, game = training.policy, training.game
    start = game.start(network)
    made = CompiledLoss(network, training.learner, game.device)
    for window in range(3):  # later ones go on in the middle of episodes, with other statistics
        memory, noise = start.memory, torch.rand(3, 4)
        with torch.no_grad():
            trajectory, _, start = fill(network, game, start, 3, noise=noise)
        loss, told = training.learner.loss(trajectory, evaluate(network, trajectory, memory))
        network.zero_grad()
        loss.backward()
        plain = {
            name: torch.zeros_like(each) if each.grad is None else each.grad.clone()
            for name, each in network.named_parameters()
        }
        found, retold = made.backward(memory, trajectory)
        torch.testing.assert_close(found, loss.detach(), rtol=1e-5, atol=1e-6)
        for name, each in network.named_parameters():
            torch.testing.assert_close(each.grad, plain[name], rtol=1e-4, atol=1e-6)
        assert [*told] == [*retold]
        for name, value in told.items():
            torch.testing.assert_close(retold[name], value.detach(), rtol=1e-4, atol=1e-6)
        network.learn(trajectory.observation, game.ledger.take_spread())
        assert trajectory.starts[1:].any() or window != 1


@pytest.mark.slow
def test_a_run_that_is_compiled_trains(tmp_path):
    recipe = recipe_of(compile=True, **{"learner.minibatches": 2})  # all parts by one graph
    player = inwit.train(recipe, out=tmp_path / "run")
    lines = player.history.lines
    assert [line["update"] for line in lines] == [1, 2, 3]
    assert all(line["loss/gradient_norm"] > 0 for line in lines)


@pytest.mark.slow
def test_a_policy_that_reads_values_is_refused(tmp_path, monkeypatch):
    step = MemorylessPolicy.step

    def reading(self, observation, memory):
        float(memory[0].sum())
        return step(self, observation, memory)

    monkeypatch.setattr(MemorylessPolicy, "step", reading)
    with pytest.raises(InvalidOption, match=r"--compile: this policy cannot be compiled here"):
        inwit.train(recipe_of(policy="memoryless", compile=True), out=tmp_path / "run")


def test_without_a_compiler_it_is_refused(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(InvalidOption, match="there is no no-such-compiler here"):
        GameTraining(recipe_of(compile=True))
