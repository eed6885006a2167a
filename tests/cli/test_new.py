"""`inwit new` writes a task that works, and refuses what cannot be one."""

import runpy
import subprocess
import sys

import pytest

import inwit
from inwit.cli.commands.creating import module_name
from inwit.cli.main import main
from inwit.tasks import read_task


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_what_comes_next_can_be_typed_anywhere(elsewhere, capsys):
    (elsewhere / "my tasks").mkdir()
    main(["new", "my tasks/one.py"])
    printed = capsys.readouterr().out
    for command in ("pytest 'my tasks/test_one.py'", "inwit audit 'my tasks/one.py'"):
        assert command in printed


def test_the_task_works_and_its_test_passes(elsewhere, capsys, monkeypatch):
    main(["new", "my_task.py"])
    printed = capsys.readouterr().out
    for command in ("pytest test_my_task.py", "inwit audit my_task.py", "inwit train my_task.py"):
        assert command in printed
    task = read_task("my_task.py")
    assert task.name == "my_task"
    assert [tool.name for tool in task.tools] == ["CONVERT"]
    assert len({(problem.prompt, problem.operands) for problem in task.pool}) > 700  # of 800
    monkeypatch.syspath_prepend(elsewhere)
    runpy.run_path("test_my_task.py")["test_my_task"]()


def test_the_written_test_can_fail(elsewhere, monkeypatch):
    main(["new", "folly.py"])
    text = (elsewhere / "folly.py").read_text()
    (elsewhere / "folly.py").write_text(text.replace("0 CONVERT 2 1 ANS", "0 CONVERT 1 2 ANS"))
    monkeypatch.syspath_prepend(elsewhere)
    with pytest.raises(AssertionError, match="the oracle is always right"):
        runpy.run_path("test_folly.py")["test_folly"]()


@pytest.mark.slow
def test_the_task_is_audited_without_a_warning():
    """In a process of its own: here, fewer problems are drawn than the audit draws elsewhere."""
    main(["new", "my_task.py"])
    audit = [sys.executable, "-m", "inwit", "audit", "my_task.py"]
    printed = subprocess.run(audit, capture_output=True, text=True, check=True).stdout
    assert "my_task.py: pass (0 fail, 0 warn" in printed


def test_its_files_are_tidy(elsewhere):
    main(["new", "my_task.py"])
    for check in (["check"], ["format", "--check", "--line-length", "100"]):
        ruff = [sys.executable, "-m", "ruff", *check, "--isolated", str(elsewhere)]
        done = subprocess.run(ruff, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("there.py", "there.py exists already: choose another name, such as there_2.py"),
        ("tested.py", "test_tested.py exists already: choose another name, such as tested_2.py"),
        ("my_task", "with the ending .py, such as my_task.py"),
        ("there.txt", "such as there_txt.py"),
        ("there", "such as there_2.py"),
        ("my-task.py", "such as my_task.py"),
        ("3 hops.py", "such as task_3_hops.py"),
        ("class.py", "such as class_task.py"),
        ("random.py", "such as random_task.py"),
        ("convert.py", "such as convert_task.py"),
        (".py", "such as my_task.py"),
        ("folder", "folder is a folder: name a file in it, folder/my_task.py"),
        ("folder.py", "folder.py is a folder: name a file in it, folder.py/my_task.py"),
        ("", ". is a folder: name a file in it, my_task.py"),
        ("nowhere/new.py", "there is no folder nowhere: create it, or write new.py"),
        ("there.py/new.py", "there is no folder there.py: create it, or write new.py"),
    ],
)
def test_what_cannot_be_a_task_is_refused_with_the_nearest_choice(elsewhere, capsys, given, hint):
    (elsewhere / "there.py").write_text("mine")
    (elsewhere / "test_tested.py").write_text("mine")
    for folder in ("folder", "folder.py"):
        (elsewhere / folder).mkdir()
    before = {path: path.is_file() and path.read_text() for path in elsewhere.rglob("*")}
    assert hint in refused(capsys, "new", given)
    after = {path: path.is_file() and path.read_text() for path in elsewhere.rglob("*")}
    assert after == before
    main(["new", hint.split()[-1]])  # the nearest choice is a choice


def test_a_file_that_cannot_be_written_is_refused(capsys):
    name = "long" * 80 + ".py"
    assert f"{name} cannot be written: File name too long" in refused(capsys, "new", name)


@pytest.mark.parametrize("name", ["größe", "a", "Task2", "_private", "match", "true", "None", "é!"])
def test_the_nearest_name_is_a_name_of_a_module(elsewhere, name):
    near = module_name(elsewhere / f"{name}.py")
    assert module_name(elsewhere / near) == near
    main(["new", near])
    assert read_task(near).name == near.removesuffix(".py")


@pytest.mark.learning
def test_the_task_is_learnt_by_the_default_command(elsewhere, capsys):
    main(["new", "my_task.py"])
    main(["train", "my_task.py", "--seed", "0", "--out", "run"])
    assert "1000 of 1000" in capsys.readouterr().out
    episode = inwit.load("run", task="my_task.py").solve("how many foot are 7 yard")
    assert episode.answer == pytest.approx(21)
