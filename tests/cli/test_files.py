"""Files that cannot be written, and levels given twice, are told before anything is computed."""

import pytest

from inwit.cli.main import main


@pytest.mark.parametrize("place", ["nowhere/told", "."])
@pytest.mark.parametrize(
    "command",
    [
        "evaluate --json",
        "evaluate --agent llm:http://127.0.0.1:1/v1#m --task stages --json",
        "certify run --json",
        "certify run --html",
        "certify run --formation",
        "audit stages --json",
        "audit stages --html",
        "audit rewards.py:right --junit",
        "audit rewards.py:right --write-baseline",
        "bench --json",
        "bench --markdown",
    ],
)
def test_it_is_told_first(command, place, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        main([*command.split(), place])
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert told == f"inwit: {place} cannot be written: it must be a file in a folder that exists\n"


@pytest.mark.parametrize("given", [",", " , ", "1,1", "1,2,1"])
@pytest.mark.parametrize("command", ["evaluate --lengths", "audit stages --levels"])
def test_levels_are_given_once(command, given, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*command.split(), given])
    assert stopped.value.code == 2
    name = command.rpartition(" ")[2]
    assert capsys.readouterr().err == f"inwit: {name} {given}: give each once, such as 6,25,100\n"
