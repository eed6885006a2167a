"""A run that is cut off and resumed becomes the same, bit for bit."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from inwit import files
from inwit.agent import Agent, load, resume, train
from inwit.errors import DamagedRun
from inwit.policies import GRU
from inwit.training.loop import Training
from inwit.training.resuming import checkpoint_of, restore
from inwit.training.run_folder import RunFolder
from tests.resuming import (
    MORE_RUNS,
    PAIRS,
    RUNS,
    assert_resumes,
    assert_same,
    combinations,
    repeatable,
    small,
    tensors,
)
from tests.tiers import few_daily, few_fast


@pytest.mark.parametrize(
    "changes",
    [*few_fast(RUNS, 0), *(pytest.param(each, marks=pytest.mark.nightly) for each in MORE_RUNS)],
    ids=lambda changes: "-".join(map(str, changes.values())),
)
def test_cut_and_resumed_is_uninterrupted(tmp_path, changes):
    assert_resumes(tmp_path / "run", changes)


def test_moments_are_laid_out_as_weights_are(tmp_path, monkeypatch):
    """A fused step walks through both as they lie in memory: transposed weights, too."""
    build = GRU.build

    def transposed(self, spec):
        made = build(self, spec)
        for each in made.parameters():
            each.data = each.data.t().contiguous().t() if each.dim() == 2 else each.data
        return made

    monkeypatch.setattr(GRU, "build", transposed)
    assert_resumes(tmp_path / "run", {"policy": "gru"})


@pytest.mark.learning
@pytest.mark.parametrize("which", ["once", pytest.param("every", marks=pytest.mark.nightly)])
@pytest.mark.parametrize("threads", few_daily([1, 2], 0))
def test_every_policy_learner_and_curriculum_resumes(threads, which):
    """In a process of their own, in which idle threads sleep."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.resuming", str(threads), which],
        env=os.environ | {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": str(threads)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    tried = combinations(threads, which)
    assert {policy for policy, _ in tried} == {*repeatable(threads)}
    assert {pair for _, pair in tried} == {*PAIRS}
    assert done.stdout == f"{len(tried)} combinations on {threads} threads\n"


@pytest.mark.slow
def test_the_seed_alone_fixes_a_run_however_often_it_is_evaluated(tmp_path):
    """Evaluating, tracing and certifying in between change nothing."""
    plain, watched = Training(small()), Training(small())
    list(plain.reports())
    for report in watched.reports():
        agent = Agent(watched.recipe, watched.policy, watched.environment)
        for seed in range(report.update % 3):
            agent.evaluate(20, seed=seed)
            agent.trace(2, 3, seed=seed)
    assert_same(tensors(watched), tensors(plain))


def cut_off(tmp_path, at=3, **changes):
    """A run folder in the state that a kill leaves: checkpoint at `at`, metrics beyond it."""
    recipe = small(out=tmp_path / "run", **changes)
    training, folder = Training(recipe), RunFolder.create(recipe)
    for report in training.reports():
        folder.append({"update": report.update, "episodes": report.episodes} | report.metrics)
        if report.update == at:
            folder.keep(checkpoint_of(training))
        if report.update == at + 1:
            break
    return folder


@pytest.mark.slow
def test_a_resumed_run_has_the_metrics_of_an_uninterrupted_one(tmp_path):
    folder = cut_off(tmp_path)
    resume(folder.path)
    train(small(out=tmp_path / "whole"))
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


def swapped(tmp_path, change):
    """A run whose last checkpoint was put there by somebody else, and its path."""
    folder, stranger = cut_off(tmp_path / "one"), cut_off(tmp_path / "two", seed=1)
    name = "checkpoints/00000003.safetensors"
    tensors, told = files.unpack((stranger.path / name).read_bytes())
    bad = folder.path / "checkpoints" / "00000004.safetensors"
    bad.write_bytes(files.pack(tensors, told | change))
    return folder, bad


@pytest.mark.slow
def test_a_checkpoint_of_another_run_or_format_is_told(tmp_path):
    folder, bad = swapped(tmp_path / "run", {})
    with pytest.raises(
        DamagedRun, match=r"00000004\.safetensors is of another run: .*; else remove"
    ):
        resume(folder.path)
    for stated in ("1", "2", "newest"):
        folder, bad = swapped(tmp_path / stated, {"format": stated})
        with pytest.raises(DamagedRun, match=f"has format {stated}; this version reads 3"):
            resume(folder.path)
    bad.unlink()
    resume(folder.path)


@pytest.mark.slow
def test_weights_of_another_run_are_told(tmp_path):
    for seed in (0, 1):
        train(small(seed=seed, out=tmp_path / str(seed)))
    shutil.copy(tmp_path / "1" / "weights.safetensors", tmp_path / "0")
    with pytest.raises(DamagedRun, match="of another run"):
        load(tmp_path / "0")


def test_the_best_checkpoint_can_be_loaded(tmp_path):
    recipe = small(out=tmp_path / "run")
    training, folder = Training(recipe), RunFolder.create(recipe)
    for report in training.reports():
        training.watch.seen |= {"level": 0, "accuracy": float(report.update == 2)}
        folder.keep(checkpoint_of(training))
        if report.update == 2:
            best = checkpoint_of(training)
    weights = load(folder.path, best=True).policy.state_dict()
    assert_same(
        {f"policy.{name}": part for name, part in weights.items()},
        {name: part for name, part in best.tensors.items() if name.startswith("policy.")},
    )


def test_going_on_with_other_versions_is_taken_note_of(tmp_path, monkeypatch):
    monkeypatch.setattr("inwit.provenance.commit", lambda: "0123456789ab")
    folder = cut_off(tmp_path)
    resume(folder.path)
    assert "resumed" not in json.loads((folder.path / "config.json").read_text())
    monkeypatch.setattr("inwit.provenance.torch.__version__", "99")
    for _ in range(2):
        resume(folder.path)
    (note,) = json.loads((folder.path / "config.json").read_text())["resumed"]
    assert (note["update"], note["torch"]) == (4, "99")
    assert {"threads", "device"} <= note.keys()


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path):
    folder = cut_off(tmp_path)
    for changes in ({"width": 8}, {"policy": "transformer"}, {"curriculum": "gated"}):
        with pytest.raises(DamagedRun, match="another recipe"):
            restore(Training(small(**changes)), folder.latest())


def test_the_last_two_checkpoints_are_kept(tmp_path):
    recipe = small(out=tmp_path / "run")
    training, folder = Training(recipe), RunFolder.create(recipe)
    for _ in training.reports():
        folder.keep(checkpoint_of(training))
    names = sorted(path.name for path in (folder.path / "checkpoints").iterdir())
    assert names == ["00000003.safetensors", "00000004.safetensors"]
