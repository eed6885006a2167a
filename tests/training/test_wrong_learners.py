"""A learner whose loss is none is refused in one line, before the first step."""

import shutil
from dataclasses import dataclass

import pytest
import torch

from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.games.memory_length import MemoryLength
from inwit.games.recipe import GameRecipe
from inwit.games.training import GameTraining
from inwit.learners import A2C, Learner, check_loss
from inwit.parts import register
from inwit.policies import GRU
from inwit.training.loop import Training
from tests.recipes import recipe_of
from tests.tiers import few_fast

COMPILER = pytest.mark.skipif(shutil.which("g++") is None, reason="no C++ compiler")
WRONG = {
    "metrics are floats": (
        lambda loss, metrics: (loss, {"loss/policy": loss.item()}),
        "'metrics are scalars without gradient, named area/name': 'loss/policy' is 0.* a float",
    ),
    "a metric is a vector": (
        lambda loss, metrics: (loss, {"loss/policy": torch.zeros(2)}),
        r"'metrics are scalars .* 'loss/policy' is a tensor of float32 with shape \(2,\)$",
    ),
    "a metric has a gradient": (
        lambda loss, metrics: (loss, {"loss/policy": loss}),
        r"'metrics are scalars .* with shape \(\) and a gradient$",
    ),
    "no metrics": (lambda loss, metrics: (loss, None), "'metrics are .* they are None, a NoneType"),
    "detached": (lambda loss, metrics: (loss.detach(), metrics), "'the loss has a gradient'"),
    "a vector": (
        lambda loss, metrics: (loss[None], metrics),
        r"'the loss is a scalar tensor': it is a tensor of float32 with shape \(1,\) and a grad",
    ),
    "no pair": (lambda loss, metrics: loss, "'loss gives a pair, the loss and its metrics': it"),
}


def spoilt(change):
    """A2C whose result of `loss` is changed."""

    @dataclass(frozen=True, kw_only=True)
    class Spoilt(A2C):
        name = "spoilt"

        def loss(self, trajectory, outputs):
            return change(*super().loss(trajectory, outputs))

    return Spoilt()


@pytest.mark.parametrize("name", WRONG)
def test_it_is_refused_at_the_first_update(name):
    change, told = WRONG[name]
    training = Training(recipe_of(updates=2, batch=8, learner=spoilt(change)))
    before = [each.clone() for each in training.policy.parameters()]
    with pytest.raises(InvalidOption, match=f"^learner 'spoilt' breaks the contract {told}"):
        next(training.reports())
    assert all(map(torch.equal, before, training.policy.parameters()))


@pytest.mark.parametrize("name", ["metrics are floats", "detached"])
def test_it_is_refused_in_environments(name):
    change, told = WRONG[name]
    small = {"policy": GRU(width=8), "batch": 6, "window": 5}
    recipe = GameRecipe(environment=MemoryLength(length=3), learner=spoilt(change), **small)
    with pytest.raises(InvalidOption, match=f"^learner 'spoilt' breaks the contract {told}"):
        next(GameTraining(recipe).reports())


@pytest.mark.slow
@COMPILER
def test_it_is_refused_where_its_loss_is_compiled():
    change, told = WRONG["a vector"]
    training = Training(recipe_of(updates=2, batch=8, compile=True, learner=spoilt(change)))
    with pytest.raises(InvalidOption, match=f"^learner 'spoilt' breaks the contract {told}"):
        next(training.reports())


def test_the_check_is_made_once(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "inwit.training.update.check_loss", lambda *given: seen.append(check_loss(*given))
    )
    assert len(list(Training(recipe_of(updates=3, batch=8)).reports())) == 3
    assert seen == [None]


@pytest.mark.parametrize("name", ["epochs", "minibatches", "group_size"])
@pytest.mark.parametrize("value", [0, -1, 2.5, True, None])
def test_what_a_class_says_in_whole_numbers_is_checked(name, value):
    kind = dataclass(frozen=True, kw_only=True)(type("Spoilt", (A2C,), {name: value}))
    flag = f"--learner.{name.replace('_', '-')}"
    with pytest.raises(InvalidOption, match=f"^{flag} {value}: give a whole number of at least 1$"):
        kind()


@pytest.mark.parametrize("name", few_fast(WRONG, 0, 3))
def test_the_command_line_prints_one_line(name, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(Learner, "registered", dict(Learner.registered))
    register(type(spoilt(WRONG[name][0])))
    options = ["--learner", "spoilt", "--updates", "2", "--batch", "8", "--policy.width", "8"]
    plain = ["--masks", "given", "--search", "0", "--out", str(tmp_path / "run")]
    with pytest.raises(SystemExit, match="2"):
        main(["train", "stages", *options, *plain])
    error = capsys.readouterr().err
    assert "learner 'spoilt' breaks the contract" in error
    assert "Traceback" not in error
    assert len(error.strip().splitlines()) == 1
