"""What travels to a node of a cluster and back, without a cluster."""

import sys
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from itertools import count

import pytest

import inwit
from inwit.errors import InvalidOption
from inwit.files import PART
from inwit.games.registered import Registered
from inwit.runs.workers import job_of, travelling
from inwit.runs.workers.travelling import modules_with, packed, settle, sources_of, unpacked
from tests.recipes import recipe_of


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
        if frame.f_code.co_filename != travelling.__file__:
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


@pytest.mark.slow
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


def test_modules_beside_that_of_a_call_travel_and_installed_ones_do_not(tmp_path, monkeypatch):
    (tmp_path / "far").mkdir()
    for name in ("one", "two", "far/three"):
        (tmp_path / f"{name}.py").write_text("def call():\n    return 1\n")
    for place, name in ((tmp_path, "one"), (tmp_path, "two"), (tmp_path / "far", "three")):
        monkeypatch.syspath_prepend(place)
        monkeypatch.delitem(sys.modules, name, raising=False)
        import_module(name)
    one, two = sys.modules["one"], sys.modules["two"]
    assert modules_with(one.call) == modules_with(partial(partial(one.call), 3)) == [one, two]
    for installed in (inwit.audit, pytest.importorskip, partial, abs, "text".upper):
        assert modules_with(installed) == []
