"""Tasks of files on the command line."""

import json
import shlex
from pathlib import Path

import pytest

import inwit
from inwit.cli.commands.training import read
from inwit.cli.main import main
from inwit.training.run_folder import RunFolder

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
FILE = str(EXAMPLES / "08_two_hops.py")
SMALL = ["--updates", "2", "--batch", "16", "--policy.width", "8", "--replay", "8"]


def told(capsys, *arguments):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    out = capsys.readouterr()
    assert "Traceback" not in out.err
    return out.err


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own") / "run"
    main(["train", FILE, *SMALL, "--out", str(folder)])
    return str(folder)


@pytest.mark.slow
def test_a_run_counts_the_faults_of_each_tool(run):
    lines = (Path(run) / "metrics.jsonl").read_text().splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["faults/QUERY"] > 0


@pytest.mark.slow
def test_a_folder_that_names_a_file_does_not_run_it(run, capsys):
    message = told(capsys, "solve", run, "in which city does person7 live")
    assert f"not built in: name its file with --task {FILE}" in message
    with pytest.raises(inwit.InwitError, match="that runs the code in it"):
        inwit.load(run)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["solve", "RUN", "in which city does person7 live"], "in which city does person7 live = "),
        (["trace", "RUN", "--count", "5"], "person"),
        (["evaluate", "RUN", "--count", "5"], " of 5 "),
        (["resume", "RUN"], " of 1000 "),
    ],
)
def test_the_file_can_be_named(run, capsys, command, told):
    main([*(run if part == "RUN" else part for part in command), "--task", FILE])
    assert told in capsys.readouterr().out


@pytest.mark.slow
def test_the_file_of_another_task_is_told_as_that(run, capsys):
    message = told(capsys, "evaluate", run, "--task", str(EXAMPLES / "07_dates.py"))
    assert f"the run was trained on '{FILE}': is that the task you gave, as it was then?" in message


@pytest.mark.slow
def test_a_typed_problem_that_is_like_none_is_told(run, capsys):
    message = told(capsys, "solve", run, "where is the moon", "--task", FILE)
    assert "is like none of the 3 prompts" in message


def test_tools_are_listed(capsys):
    main(["tools", FILE])
    assert "QUERY" in (out := capsys.readouterr().out)
    assert "(subject: str, relation: str) -> str" in out
    assert "What the database says of a subject." in out
    main(["tools"])
    assert "ADD" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["train", "audit", "tools"])
def test_a_file_that_is_not_there_is_told(capsys, command):
    assert "there is no such file" in told(capsys, command, "nowhere.py")


@pytest.mark.slow
def test_options_of_the_task_are_honoured_or_refused(tmp_path, capsys):
    """They are those of the task alone: nothing is accepted and ignored."""
    out = tmp_path / "run"
    given = ["--once", "--presses", "5", "--memory", "1", "--tolerance", "0.5"]
    recipe, _ = read([FILE, *SMALL, *given, "--out", str(out)])
    inwit.train(recipe)
    task = inwit.load(out, task=FILE).environment.task
    assert (task.once, task.presses, task.memory, task.tolerance) == (True, 5, 1, 0.5)
    assert task.rules.once
    capsys.readouterr()
    for option in (["--largest", "7"], ["--operators", "+"], ["--data", "here"]):
        assert option[0] in told(capsys, "train", FILE, *option)


@pytest.mark.slow
def test_a_hint_can_be_typed_as_it_is(run):
    hint = RunFolder(Path(run)).resume_command()
    assert shlex.split(hint) == ["inwit", "resume", run, "--task", FILE]
