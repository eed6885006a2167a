"""`inwit bench`: what it prints and writes, and what it refuses."""

import json
import re
from dataclasses import replace

import pytest

from inwit.bench import contenders as contenders_module
from inwit.bench.contenders import FLOOR, OURS
from inwit.cli.main import main


@pytest.fixture(params=["stand-ins", pytest.param("theirs", marks=pytest.mark.nightly)])
def contenders(request, monkeypatch):
    """Those that are measured, or stand-ins that begin sooner."""
    if request.param == "stand-ins":
        places = {FLOOR: "quick", OURS: "slow"}
        made = [
            replace(each, build=f"tests.bench.fakes:{places[each.name]}")
            for each in contenders_module.CONTENDERS
            if each.name in places
        ]
        monkeypatch.setattr(contenders_module, "CONTENDERS", tuple(made))
    return request.param


@pytest.mark.slow
def test_ours_is_measured_beside_the_floor(capsys, tmp_path, contenders):
    files = {name: tmp_path / f"told.{name}" for name in ("json", "markdown")}
    options = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    measured = ["--episodes", "8", "--threads", "1", "--rounds", "2", "--contenders", "floor"]
    main(["bench", *measured, *options])
    text = capsys.readouterr().out
    rows = re.findall(r"^\| (the matrix products alone|inwit) \| ([\d.]+) ", text, re.MULTILINE)
    assert [name for name, _ in rows] == ["the matrix products alone", "inwit"]
    assert float(rows[0][1]) < float(rows[1][1])
    assert files["markdown"].read_text() == text
    told = json.loads(files["json"].read_text())
    assert {"inwit", "commit", "python", "machine", "processors"} == told["made"].keys()
    assert ({"torch", "numpy"} <= told["versions"].keys()) or contenders == "stand-ins"
    assert len(told["measured"]) == 2


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ("--contenders flor", "unknown contender 'flor'"),
        ("--contenders flor", "did you mean 'floor'?"),
        ("--episodes many", "--episodes many: give whole numbers"),
        ("--episodes 0", "--episodes 0: it must be at least 1"),
        ("--episodes ,", "--episodes : give whole numbers"),
        ("--threads 0", "--threads 0"),
        ("--threads 4096", "--threads 4096: this process may use"),
        ("--rounds 0", "--rounds 0: it must be at least 1"),
    ],
)
def test_mistakes_are_told_in_a_line(capsys, options, hint):
    with pytest.raises(SystemExit) as stop:
        main(["bench", *options.split()])
    assert stop.value.code == 2
    told = capsys.readouterr()
    assert hint in told.err
    assert len(told.err.splitlines()) == 1


def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(capsys, tmp_path):
    with pytest.raises(SystemExit) as stop:
        main(["bench", "--json", str(tmp_path / "nowhere" / "told.json")])
    assert stop.value.code == 2
    assert "nowhere" in capsys.readouterr().err
