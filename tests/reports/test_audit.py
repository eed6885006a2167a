import io
import json

import pytest
from rich.console import Console

from inwit.auditing.exhaustive import audit_task
from inwit.cli.main import main
from inwit.reports.audit import print_audit
from inwit.tasks import Tutorial
from tests.cli.test_cli import out

SMALL = ("--problems", "64", "--budget", "3000")


@pytest.fixture(scope="module")
def tutorial():
    return audit_task(Tutorial(), problems=64)


def printed(audit, *, terminal):
    text = io.StringIO()
    print_audit(Console(file=text, force_terminal=terminal, width=60), audit)
    return text.getvalue()


@pytest.mark.slow
def test_every_line_is_whole_where_there_is_no_terminal(tutorial):
    text = printed(tutorial, terminal=False)
    assert "\x1b" not in text
    assert "\u2026" not in text
    for finding in tutorial.findings:
        if finding.verdict != "pass":
            assert finding.message in text
    assert text.splitlines()[-1].startswith("tutorial: fail (")


def test_a_terminal_shows_verdicts_in_colour(tutorial):
    assert "\x1b[1;31m" in printed(tutorial, terminal=True)


def test_the_ceilings_stand_level_by_level(tutorial):
    lines = printed(tutorial, terminal=False).splitlines()
    assert lines[0].split()[:2] == ["level", "form"]
    for line, level in zip(lines[1:], tutorial.levels, strict=False):
        for share in (level.chance, level.oracle, level.solvable, level.without["memory"]):
            assert str(share) in line
        assert f"({level.blind})" in line


@pytest.mark.slow
def test_what_is_perfect_at_every_level_is_one_line(capsys):
    text = out(capsys, "audit", "stages", "--levels", "0,1", *SMALL)
    assert sum("verifier: programs" in line for line in text.splitlines()) == 1
    assert "0 to 1" in text
    assert text.splitlines()[-1].startswith("stages: warn (0 fail")


@pytest.mark.parametrize("task", ["tutorial", "expressions", "expressions-prompt"])
def test_every_task_can_be_audited_and_written(capsys, tmp_path, task):
    path = tmp_path / "audit.json"
    arguments = ("audit", task, "--levels", "1", *SMALL, "--json", str(path))
    if task == "tutorial":  # whose faults are kept
        with pytest.raises(SystemExit) as left:
            main(arguments)
        assert left.value.code == 1
        text = capsys.readouterr().out
    else:
        text = out(capsys, *arguments)
    told = json.loads(path.read_text())
    assert told["task"] == task
    assert f"{task}: {told['verdict']} (" in text
    assert [level["level"] for level in told["levels"]] == [1]


@pytest.mark.parametrize(
    ("arguments", "hints"),
    [
        (["audit"], ["task"]),
        (["audit", "stagse"], ["stagse", "'stages'"]),
        (["audit", "tutorial", "--levels", "7"], ["7", "0 to 2"]),
        (["audit", "tutorial", "--levels", "one"], ["levels", "one"]),
        (["audit", "tutorial", "--problems", "3"], ["problems"]),
        (["audit", "tutorial", "--problems", "many"], ["problems", "many"]),
        (["audit", "tutorial", "--budget", "0"], ["budget"]),
        (["audit", "tutorial", "--levels", "0", *SMALL, "--json", "no/where"], ["no/where"]),
    ],
)
def test_mistakes_are_told_in_one_line(capsys, tmp_path, monkeypatch, arguments, hints):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    told = capsys.readouterr().err
    ours = told.startswith("inwit: ") and len(told.splitlines()) == 1
    assert ours or "--help" in told  # or tyro's box
    assert all(hint in told for hint in hints)
