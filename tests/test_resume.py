"""A run that is cut off and resumed becomes the same, bit for bit."""

import shutil

import pytest
import torch

import inwit
from inwit.agent import load, resume
from inwit.checkpoint import RunFolder
from inwit.errors import DamagedRun
from inwit.recipe import Recipe
from inwit.training import Training

RUNS = [
    {},
    {"learner": "replay", "policy": "pointer", "task": "expressions-prompt", "curriculum": "gated"},
    {"learner": "ppo", "task": "expressions", "curriculum": "gated", "gate": 0.1, "replay": 0},
    {"learner": "grpo", "policy": "transformer", "curriculum": "uniform"},
    {"policy": "memoryless", "once": False, "shaping": 0.5},
    {"policy": "gru-recurrent"},
    {"policy": "gru-attentive"},
]


def small(**changes):
    return Recipe(updates=6, batch=64, width=16, replay=16, largest=3).but(**changes)


def tensors(training):
    return training.checkpoint().tensors


def assert_same(one, two):
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        assert torch.equal(tensor, two[name]), name


@pytest.mark.parametrize("changes", RUNS, ids=lambda changes: "-".join(map(str, changes.values())))
@pytest.mark.parametrize("cut", [1, 4])
def test_cut_and_resumed_is_uninterrupted(tmp_path, changes, cut):
    recipe = small(out=tmp_path / "run", **changes)
    whole, first = Training(recipe), Training(recipe)
    list(whole.reports())
    for report in first.reports():
        if report.update == cut:
            break
    folder = RunFolder.create(recipe)
    folder.keep(first.checkpoint())
    second = Training(folder.recipe())
    second.restore(folder.latest())
    assert_same(tensors(second), tensors(first))
    list(second.reports())
    assert_same(tensors(second), tensors(whole))
    assert second.curriculum.state() == whole.curriculum.state()
    assert second.episodes == whole.episodes


def cut_off(tmp_path, at=3):
    """A run folder in the state that a kill leaves: checkpoint at `at`, metrics beyond it."""
    recipe = small(out=tmp_path / "run")
    training, folder = Training(recipe), RunFolder.create(recipe)
    for report in training.reports():
        folder.append({"update": report.update, "episodes": report.episodes} | report.metrics)
        if report.update == at:
            folder.keep(training.checkpoint())
        if report.update == at + 1:
            break
    return folder


def test_a_resumed_run_has_the_metrics_of_an_uninterrupted_one(tmp_path):
    folder = cut_off(tmp_path)
    resume(folder.path)
    inwit.train(
        **{"out": tmp_path / "whole"} | dict(updates=6, batch=64, width=16, replay=16, largest=3)
    )
    whole = RunFolder(tmp_path / "whole")
    assert list(folder.metrics()) == list(whole.metrics())
    assert (folder.path / "weights.safetensors").read_bytes() == (
        whole.path / "weights.safetensors"
    ).read_bytes()
    assert load(folder.path).solve("1*2+3") == load(whole.path).solve("1*2+3")


def test_a_damaged_checkpoint_is_passed_over(tmp_path):
    folder = cut_off(tmp_path)
    good = folder.path / "checkpoints" / "00000003.safetensors"
    content = good.read_bytes()
    for position in (0, 9, 300, len(content) // 2, len(content) - 1):
        bad = good.with_name("00000004.safetensors")
        bad.write_bytes(
            content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]
        )
        assert folder.latest().update == 3
        bad.write_bytes(content[:position])
        assert folder.latest().update == 3
    good.unlink()
    with pytest.raises(DamagedRun, match="none of its checkpoints is whole"):
        resume(folder.path)
    shutil.rmtree(good.parent)
    with pytest.raises(DamagedRun, match="no checkpoint"):
        resume(folder.path)


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path):
    folder = cut_off(tmp_path)
    for changes in ({"width": 8}, {"policy": "transformer"}, {"curriculum": "gated"}):
        with pytest.raises(DamagedRun, match="another recipe"):
            Training(small(**changes)).restore(folder.latest())


def test_the_last_two_checkpoints_are_kept(tmp_path):
    recipe = small(out=tmp_path / "run")
    training, folder = Training(recipe), RunFolder.create(recipe)
    for _ in training.reports():
        folder.keep(training.checkpoint())
    names = sorted(path.name for path in (folder.path / "checkpoints").iterdir())
    assert names == ["00000005.safetensors", "00000006.safetensors"]
