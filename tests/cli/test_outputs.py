"""What commands write and print: no input is overwritten, and text is shown as it is."""

import json
import subprocess
import sys

import pytest

import inwit
from inwit.cli.main import main
from inwit.cli.terminal import terminal
from inwit.errors import InvalidOption

REWARD = """
def score(reply, row):
    return float(reply.strip() == row["answer"])


def boom(reply, row):
    raise RuntimeError(":x:")
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    folder = tmp_path / "w é"
    folder.mkdir()
    (folder / "rewards.py").write_text(REWARD)
    rows = [{"question": f"{n}+1", "answer": str(n + 1)} for n in range(5)]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(folder)
    return folder


def refused(capsys, *words):
    with pytest.raises(SystemExit, match="2"):
        main([*words])
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    return told


AUDIT = ("audit", "rewards.py:score", "--data", "rows.jsonl")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--write-baseline", "rewards.py"), "rewards.py is not overwritten: it is read here"),
        (("--json", "rows.jsonl"), "rows.jsonl is not overwritten: it is read here"),
        (("--json", "a", "--html", "./a"), "a is not overwritten: two results would be written"),
        (("--replay", "near", "--json", "a"), "--json is for a whole audit"),
        (("--replay", "near", "--passes"), "--passes is for a whole audit"),
        (("--memory", "nan"), "--memory nan: it must be above 0, and at most"),
        (("--call", "inf"), "--call inf: it must be above 0, and at most"),
    ],
)
def test_what_an_audit_would_lose_or_ignore_is_refused(options, told, here, capsys):
    before = {path.name: path.read_bytes() for path in here.glob("r*")}
    assert told in refused(capsys, *AUDIT, *options)
    assert {path.name: path.read_bytes() for path in here.glob("r*")} == before


def test_problems_are_written_into_a_new_file(here, capsys):
    (here / "own.py").write_text("x = 1")
    told = refused(capsys, "export", "stages", "--jsonl", "own.py", "--count", "2")
    assert "--jsonl own.py exists: name a new file" in told
    assert (here / "own.py").read_text() == "x = 1"


def test_names_between_colons_are_no_pictures(here, capsys):
    with pytest.raises(SystemExit, match="1"):
        main(["audit", "rewards.py:boom", "--data", "rows.jsonl", "--items", "5"])
    assert "rewards.py:boom: fail" in capsys.readouterr().out


def test_names_in_brackets_are_no_styles(capsys):
    terminal().print("[INST] add 3 [/INST]")
    assert capsys.readouterr().out == "[INST] add 3 [/INST]\n"


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_an_output_that_cannot_be_written_is_a_line(option):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "inwit", option]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    wanted = "inwit: the output cannot be written: No space left on device\n"
    assert (ended.returncode, ended.stderr) == (2, wanted)


@pytest.mark.usefixtures("here")
def test_an_audit_counts_the_items_that_there_are():
    assert inwit.audit("rewards.py:score", data="rows.jsonl", items=50).items == 5


def test_counts_have_an_end(capsys):
    told = refused(capsys, "evaluate", "--count", "99999999999999999999")
    assert "at most 1,000,000,000" in told


def test_an_agent_without_checkpoints_has_no_best_one(capsys):
    told = refused(capsys, "evaluate", "--best", "--count", "5")
    assert "has no checkpoints, hence no best one: leave out --best" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"problems": "a"}, "'a' problems: give a whole number"),
        ({"problems": 64.5}, "64.5 problems: give a whole number"),
        ({"seed": "a"}, "seed"),
        ({"seconds": -1}, "seconds -1: give a number above 0"),
        ({"seconds": "a"}, "seconds 'a': give a number above 0"),
    ],
)
def test_numbers_of_an_audit_are_checked(options, told):
    with pytest.raises(InvalidOption, match=told):
        inwit.audit("stages", **options)
