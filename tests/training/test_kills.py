"""Kills and full disks at every moment: what was kept before is whole, and nothing else is lost."""

import itertools
import random
import shutil
import time
from contextlib import suppress

import pytest

from inwit.agent import load, resume, train
from inwit.errors import DamagedRun, InvalidOption
from inwit.training.loop import Training
from inwit.training.resuming import checkpoint_of, restore
from inwit.training.run_folder import METRICS, WEIGHTS, RunFolder
from tests.faults import Faults, full, interrupt, recipe, run

NIGHTLY = pytest.mark.nightly


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A run with checkpoints 1 to 3; the best is not among the last two."""
    path = tmp_path_factory.mktemp("begun") / "run"
    training, folder = Training(recipe(path)), RunFolder.create(recipe(path))
    for done in training.reports():
        folder.append({"update": done.update})
        training.watch.seen["accuracy"] = 1.0 if done.update == 1 else 0.0
        folder.keep(checkpoint_of(training))
        folder.save(training.policy)
        if done.update == 3:
            break
    return path


def kept(path):
    return [int(each.stem) for each in sorted((path / "checkpoints").iterdir())]


def assert_whole(path, *, latest):
    folder = RunFolder(path)
    assert folder.latest().update in latest
    assert folder.best().update == 1
    load(path)


def test_the_last_two_and_the_best_are_kept(begun):
    assert kept(begun) == [1, 2, 3]
    assert RunFolder(begun).best().update == 1
    assert RunFolder(begun).latest().update == 3


@pytest.mark.parametrize("act", [full, interrupt])
@pytest.mark.parametrize("every", [5, pytest.param(1, marks=NIGHTLY)])
def test_a_failure_at_any_call_leaves_what_was_there(begun, tmp_path, act, every):
    """A full disk, and a second Ctrl-C while the first one's checkpoint is written."""
    folder = RunFolder(begun)
    training = Training(folder.recipe())
    restore(training, folder.latest())
    next(iter(training.reports()))
    training.watch.seen["accuracy"] = 0.0
    for at in itertools.count(1, every):
        folder = RunFolder(shutil.copytree(begun, tmp_path / str(at)))
        with Faults(at, act) as faults, suppress(DamagedRun, KeyboardInterrupt):
            folder.keep(checkpoint_of(training))
            folder.save(training.policy)
        if faults.count < at:
            break
        assert_whole(folder.path, latest={3, 4})
        folder.keep(checkpoint_of(training))  # there is room again
        folder.save(training.policy)
        assert_whole(folder.path, latest={4})
        assert kept(folder.path) == [1, 3, 4]
    assert at > 12  # open, write, sync, close, rename, sync of the folder, twice; old ones go


def test_a_full_disk_is_told_with_what_to_do(begun, tmp_path):
    folder = RunFolder(shutil.copytree(begun, tmp_path / "run"))
    told = "No space left on device; what was kept before is whole.*inwit resume"
    with Faults(3, full), pytest.raises(DamagedRun, match=told):
        folder.save(load(begun).policy)


@pytest.mark.parametrize(
    "size", [0, 4096, *(pytest.param(size, marks=NIGHTLY) for size in (1, 100, 10_000))]
)
def test_a_file_that_may_not_grow_is_told(begun, tmp_path, size):
    path = shutil.copytree(begun, tmp_path / "run")
    assert run("keep", path, size=size) == 3
    assert_whole(path, latest={3})


@pytest.mark.slow
@pytest.mark.parametrize("every", [5, pytest.param(1, marks=NIGHTLY)])
def test_a_kill_at_any_call_leaves_what_was_there(begun, tmp_path, every):
    for at in itertools.count(1, every):
        path = shutil.copytree(begun, tmp_path / str(at))
        killed = run("keep", path, at=at)
        assert_whole(path, latest={3, 4})
        if killed == 0:
            break
        assert killed == -9
        assert run("keep", path) == 0
        assert_whole(path, latest={4, 5})
    assert at > 12


@pytest.mark.slow
@pytest.mark.parametrize("every", [7, pytest.param(1, marks=NIGHTLY)])
def test_a_kill_before_the_first_checkpoint_loses_nothing(tmp_path, every):
    """No update was made yet: the folder can be removed and the run begun again."""
    lost = 0
    for at in itertools.count(1, every):
        path = tmp_path / str(at)
        assert run("begin", path, at=at) in (0, -9)
        if (path / "checkpoints").exists() and kept(path):
            break
        lost += 1
        with pytest.raises(DamagedRun, match=r"remove it and train again|not a run folder"):
            resume(path)
        shutil.rmtree(path, ignore_errors=True)
        assert run("begin", path) == 0
        assert kept(path)[0] == 0
    assert lost
    assert run("resume", path) == 0


@pytest.mark.learning
@pytest.mark.parametrize("kills", [8, pytest.param(50, marks=NIGHTLY)])
def test_killed_at_random_moments_a_run_reaches_the_same_weights(tmp_path, kills):
    whole, drawn, anew = tmp_path / "whole", random.Random(0), 0
    begun = time.perf_counter()
    assert run("train", whole) == 0
    seconds = time.perf_counter() - begun
    for number in range(kills):
        path = tmp_path / str(number)
        assert run("train", path, after=drawn.uniform(0, seconds)) in (0, -9)
        became = run("resume", path)
        if became == 3:  # killed before the first checkpoint: before any update, too
            assert not (path / "checkpoints").exists() or not kept(path)
            shutil.rmtree(path, ignore_errors=True)
            became, anew = run("train", path), anew + 1
        assert became == 0
        for name in (WEIGHTS, METRICS):
            assert (path / name).read_bytes() == (whole / name).read_bytes()
    assert anew < kills / 2


def test_a_folder_is_locked_while_a_run_writes(tmp_path):
    folder = RunFolder.create(recipe(tmp_path / "run"))
    with folder.held():
        with pytest.raises(InvalidOption, match="another process is writing"):
            resume(folder.path)
        with pytest.raises(InvalidOption, match="another process is writing"):
            RunFolder.create(recipe(folder.path))


@pytest.mark.slow
def test_the_lock_of_a_killed_process_is_gone(tmp_path):
    path = tmp_path / "run"
    train(recipe(path))
    for _ in range(3):
        assert run("hold", path, after=0.1) == -9
        with RunFolder(path).held():
            assert run("resume", path) == 4
    resume(path)
