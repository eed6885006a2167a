"""A loss that is not finite stops before the step, is kept, and is told in one line."""

import math

import pytest
import torch

from inwit.agent import load, train
from inwit.cli.main import main
from inwit.errors import Diverged
from inwit.files import unpack
from inwit.learners import A2C
from inwit.records import unflatten
from inwit.training.loop import Training
from inwit.training.resuming import restore
from inwit.training.run_folder import DIVERGED, RunFolder
from inwit.trajectory import Trajectory
from tests.recipes import recipe_of

OPTIONS = ["--updates", "4", "--batch", "32", "--policy.width", "8", "--replay", "16"]


def recipe(**changes):
    return recipe_of(updates=4, batch=32, replay=16).but(**changes)


def poison(monkeypatch, bad, at=3):
    """The loss of the at-th step becomes something else."""
    true, steps = A2C.loss, []

    def loss(self, trajectory, outputs):
        value, metrics = true(self, trajectory, outputs)
        steps.append(value)
        return (bad(value) if len(steps) == at else value), metrics

    monkeypatch.setattr(A2C, "loss", loss)


class InfiniteGradient(torch.autograd.Function):
    """The identity, with a gradient that is not finite."""

    @staticmethod
    def forward(ctx, value):
        return value.clone()

    @staticmethod
    def backward(ctx, gradient):
        return gradient * math.inf


BAD = [lambda loss: loss * math.nan, lambda loss: loss + math.inf, InfiniteGradient.apply]


@pytest.mark.parametrize("bad", BAD, ids=["nan", "infinite", "gradient"])
def test_it_stops_before_the_step(monkeypatch, bad):
    poison(monkeypatch, bad)
    training = Training(recipe())
    reports = training.reports()
    assert [next(reports).update, next(reports).update] == [1, 2]
    kept = [part.clone() for part in training.policy.state_dict().values()]
    with pytest.raises(Diverged, match="update 3 was not made"):
        next(reports)
    for before, after in zip(kept, training.policy.state_dict().values(), strict=True):
        assert torch.equal(before, after)
    for moment in training.optimiser.state_dict()["state"].values():
        assert all(part.isfinite().all() for part in moment.values())


def test_the_batch_and_the_last_checkpoint_are_kept(monkeypatch, tmp_path):
    poison(monkeypatch, BAD[0])
    monkeypatch.setattr("inwit.training.keeping.PAUSE", 0.0)
    path = tmp_path / "run"
    with pytest.raises(Diverged, match="the checkpoint of update 2 is whole"):
        train(recipe(out=path))
    tensors, _ = unpack((path / DIVERGED).read_bytes())
    episodes = unflatten(Trajectory, tensors, "episodes")
    assert episodes.key.shape[1] == 32
    load(path)
    monkeypatch.undo()  # what was kept is the batch of update 3, and the weights before it
    again = Training(recipe())
    restore(again, RunFolder(path).latest())
    next(iter(again.reports()))
    assert torch.equal(again.batch["episodes"].key, episodes.key)
    before = RunFolder(path).latest().tensors
    for name in again.policy.state_dict():
        assert torch.equal(tensors[f"policy.{name}"], before[f"policy.{name}"]), name


@pytest.mark.slow
def test_a_run_that_diverges_by_itself_is_told_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["train", "--out", str(tmp_path / "run"), *OPTIONS, "--reward.shaping", "1e38"])
    assert end.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    for part in (
        "was not made",
        "diverged.safetensors",
        "is whole",
        "--optimiser.learning-rate 0.001",
    ):
        assert part in line, part
    assert RunFolder(tmp_path / "run").latest().update == 0
