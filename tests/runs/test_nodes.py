"""What a node of a cluster does, without a cluster: a run in another folder, sent back."""

import sys
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count

import pytest

from inwit.agent import train
from inwit.errors import InvalidOption
from inwit.files import PART
from inwit.games.registered import Registered
from inwit.runs.workers import Ended, Finished, Progressed, job_of, nodes
from inwit.runs.workers.nodes import (
    Mailbox,
    Post,
    packed,
    settle,
    sources_of,
    unpacked,
    work_on_node,
)
from inwit.training.checkpoint import RunFolder
from tests.recipes import recipe_of

SMALL = {"updates": 20, "batch": 32, "policy.width": 8}


class Near:
    """Calls an actor's methods at once."""

    def __init__(self, actor):
        self.actor = actor

    def __getattr__(self, name):
        method = getattr(self.actor, name)
        return type("Method", (), {"remote": staticmethod(method)})


@pytest.fixture
def mailbox(monkeypatch):
    monkeypatch.setattr(Post, "_get", lambda self, answer: bool(answer))
    return Mailbox()


def test_an_archive_holds_the_files_of_a_folder_and_no_lock(tmp_path):
    folder = tmp_path / "run"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "a").write_bytes(b"\x00\x01")
    (folder / "b").write_text("b")
    (folder / PART).write_text("held")
    unpacked(packed(folder), tmp_path / "other")
    found = {str(p.relative_to(tmp_path / "other")) for p in (tmp_path / "other").rglob("*")}
    assert found == {"inner", "inner/a", "b"}
    assert (tmp_path / "other" / "inner" / "a").read_bytes() == b"\x00\x01"
    assert packed(tmp_path / "none") == b""


class Killed(BaseException):
    """Stands for the end of the process."""


@contextmanager
def killed_at(line):
    """Stop at the nth line of the module; yields how many of them are left."""
    left = [line]

    def trace(frame, event, argument):
        if frame.f_code.co_filename != nodes.__file__:
            return None
        if event == "line":
            left[0] -= 1
            if left[0] == 0:
                raise Killed
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with suppress(Killed):
            yield left
    finally:
        sys.settrace(before)


def archive_of(folder, files):
    (folder / "in").mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_bytes(text)
    return packed(folder)


def content(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_kill_while_a_folder_arrives_leaves_the_old_or_the_new_one(tmp_path):
    folder, seen = tmp_path / "runs" / "one", []
    old, new = {"a": b"old", "in/b": b"old"}, {"a": b"new", "in/c": b"new"}
    both = [archive_of(tmp_path / str(number), files) for number, files in enumerate((old, new))]
    old, new = (files | {"notes": b"mine"} for files in (old, new))
    for line in count(1):
        unpacked(both[0], folder)
        (folder / "notes").write_bytes(b"mine")
        with killed_at(line) as left:
            unpacked(both[1], folder)
        settle(folder)
        seen.append(content(folder))
        assert seen[-1] in (old, new)
        assert [path.name for path in folder.parent.iterdir()] == ["one"]
        if left[0] > 0:
            break
    assert seen[0] == old
    assert seen[-1] == new
    assert seen == sorted(seen, key=lambda each: each == new)  # and it never goes back


@pytest.mark.slow
def test_a_run_on_a_node_is_the_run_by_itself(tmp_path, mailbox):
    recipe = recipe_of("stages", **SMALL)
    train(recipe, out=tmp_path / "alone")
    job = job_of(recipe.but(out=tmp_path / "node"), "one", problems=20)
    message, archive = work_on_node(job, b"", {}, Near(mailbox))
    assert isinstance(message, Finished)
    assert not (tmp_path / "node").exists()
    unpacked(archive, tmp_path / "node")
    for name in ("weights.safetensors", "metrics.jsonl"):
        assert (tmp_path / "node" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
    letters = mailbox.take()
    assert all(isinstance(each, Progressed) for _, each, _ in letters)
    assert sum(bool(sent) for _, _, sent in letters) >= 1
    assert mailbox.take() == []


@pytest.mark.slow
def test_a_node_goes_on_with_the_folder_that_another_sent(tmp_path, mailbox):
    recipe = recipe_of("stages", **SMALL)
    train(recipe, out=tmp_path / "alone")
    job = job_of(recipe.but(out=tmp_path / "node"), "one", problems=20)
    mailbox.stop("one")
    first, archive = work_on_node(job, b"", {}, Near(mailbox))
    assert isinstance(first, Ended)
    assert first.stopped
    unpacked(archive, tmp_path / "half")
    assert 0 < RunFolder(tmp_path / "half").latest().update < 20
    second, archive = work_on_node(job, archive, {}, Near(Mailbox()))
    assert isinstance(second, Finished)
    unpacked(archive, tmp_path / "node")
    for name in ("weights.safetensors", "metrics.jsonl"):
        assert (tmp_path / "node" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_the_file_of_a_task_travels_by_its_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text("text")
    job = job_of(recipe_of("stages", out=tmp_path / "run"), "one")
    assert sources_of(job) == {}
    assert sources_of(replace(job, recipe={"source": "own.py"})) == {"own.py": "text"}
    for name, files in (("own:Mine-v0", {"own.py": "text"}), ("json:Mine-v0", {}), ("A-v0", {})):
        recipe = Registered(id=name).dump()
        assert sources_of(replace(job, recipe={"source": "", "environment": recipe})) == files
    for source in (str(tmp_path / "own.py"), "../own.py"):
        with pytest.raises(InvalidOption, match="nodes have other folders"):
            sources_of(replace(job, recipe={"source": source}))
