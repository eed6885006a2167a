"""A file that cannot be written is told before anything is computed."""

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
