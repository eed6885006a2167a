"""What becomes of the folder of a run that cannot begin, and where a run goes that has none."""

import errno
import os
import resource
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace

import pytest

from inwit.agent import resume, train
from inwit.cli.main import main
from inwit.errors import DamagedRun, InvalidOption
from inwit.learners import A2C
from inwit.recipe import Recipe
from inwit.training import keeping
from inwit.training.keeping import fresh_folder
from inwit.training.placing import new_place, reserved
from inwit.training.run_folder import RunFolder
from tests.recipes import recipe_of


def small(path, **changes):
    return recipe_of(**{"updates": 2, "batch": 8, "width": 8, "replay": 8, "out": path} | changes)


class Broken(A2C):
    """A learner whose first loss fails: checkpoint and snapshot 0 are there by then."""

    name = "broken"

    def loss(self, trajectory, outputs):
        raise InvalidOption("the loss is broken")


def fail(path, learner=None):
    with pytest.raises(InvalidOption, match=r"^the loss is broken$"):
        train(replace(small(path), learner=learner or Broken()))


def test_a_folder_that_was_made_for_a_run_is_removed_with_it(tmp_path):
    fail(tmp_path / "new" / "run")
    assert not (tmp_path / "new" / "run").exists()


@pytest.mark.parametrize("given", ["made", ".", "link"])
def test_a_folder_that_the_user_made_stays(tmp_path, monkeypatch, given):
    (tmp_path / "made").mkdir()
    (tmp_path / "link").symlink_to("made")
    monkeypatch.chdir(tmp_path / "made" if given == "." else tmp_path)
    fail(Path(given))
    assert not [*(tmp_path / "made").iterdir()]
    assert (tmp_path / "link").is_symlink()


def test_what_others_write_into_the_folder_of_a_run_stays(tmp_path):
    path = tmp_path / "run"

    class Noted(Broken):
        def loss(self, trajectory, outputs):
            (path / "notes.txt").write_text("mine")
            return super().loss(trajectory, outputs)

    fail(path, Noted())
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["notes.txt"]


def test_a_new_run_is_held(tmp_path):
    with fresh_folder(small(tmp_path / "run"), None) as folder:
        other = RunFolder(folder.path).held()
        with pytest.raises(InvalidOption, match="another process is writing"):
            other.__enter__()


def test_a_disk_that_is_full_from_the_start_leaves_nothing(tmp_path, monkeypatch):
    def full(*given):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "made").mkdir()
    monkeypatch.setattr("inwit.files.write", full)
    for name in ("made", "new"):
        with pytest.raises(InvalidOption, match="No space left on device; name another folder"):
            RunFolder.create(small(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


def test_a_disk_that_is_full_before_the_first_checkpoint_names_the_folder_to_remove(tmp_path):
    path = tmp_path / "run"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        told = f"File too large; no checkpoint was kept yet: mend that, remove {path} and train"
        with pytest.raises(DamagedRun, match=told) as raised:
            train(small(path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "inwit resume" not in str(raised.value)
    with pytest.raises(DamagedRun, match="no checkpoint: remove it and train again"):
        resume(path)


def test_runs_of_the_same_second_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        paths = {*pool.map(lambda _: new_place(Recipe()), range(40))}
    assert len(paths) == 40
    assert all(path.parent == Path("runs") and path.is_dir() for path in paths)


def _place(meeting):
    meeting.wait()
    return RunFolder.create(Recipe()).path


def test_processes_of_the_same_second_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("inwit.training.placing.datetime", Stopped)
    context = get_context("fork")
    meeting, told = context.Barrier(4), context.Queue()
    work = [context.Process(target=lambda: told.put(_place(meeting))) for _ in range(4)]
    for each in work:
        each.start()
    paths = {told.get(timeout=60) for _ in work}
    for each in work:
        each.join()
    assert len(paths) == 4


class Stopped:
    """A clock that stands still."""

    @staticmethod
    def now():
        from datetime import datetime

        return datetime(2026, 1, 1)


def test_a_reserved_folder_is_removed_if_it_stays_empty(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with reserved(Recipe()) as path, reserved(Recipe(), "seeds") as other:
        assert path.is_dir()
        assert other.name.startswith("stages-seeds-")
        (other / "thesis.tex").write_text("")
    assert not path.exists()
    assert other.exists()


def test_a_place_under_a_file_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("runs").write_text("")
    with pytest.raises(InvalidOption, match="Not a directory; name another folder"):
        new_place(Recipe())


def test_the_command_line_leaves_no_empty_folder_of_a_run_that_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["train", "--track", "tensorboard", "--device", "cuda:99", "--updates", "2"])
    assert not [*(tmp_path / "runs").glob("*")]


def test_a_slow_checkpoint_is_written_more_rarely(monkeypatch):
    """One that takes a second is written every 20 s, so that it costs a twentieth of the time."""
    now, kept = [0.0], []

    class Folder:
        def keep(self, checkpoint):
            kept.append(now[0])
            now[0] += checkpoint

        def save(self, policy):
            pass

    seconds = iter([0.4, 1.0, 0.1, 0.1])
    monkeypatch.setattr(keeping, "time", SimpleNamespace(monotonic=lambda: now[0]))
    keeper = keeping._Keeper(SimpleNamespace(policy=None), Folder(), lambda: next(seconds), False)
    while len(kept) < 4:
        now[0] += 0.5
        keeper.keep_now_and_then()
    pauses = [later - earlier for earlier, later in pairwise([0.0, *kept])]
    assert pauses == pytest.approx([10.5, 10.9, 21.5, 10.6])
