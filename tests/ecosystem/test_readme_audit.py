"""The audit that the README shows is what the command prints."""

import re

import pytest

from inwit.cli.main import main
from tests.test_readme import block

pytest.importorskip("reasoning_gym")


def test_the_audit_of_the_readme_prints_what_it_shows(capsys):
    command, *lines = block("$ inwit audit").splitlines()
    with pytest.raises(SystemExit) as stop:
        main(command.removeprefix("$ inwit ").split())
    assert stop.value.code == 1
    out = capsys.readouterr().out
    *rows, last = [line for line in lines if line != "..."]
    assert all(row in out.splitlines() for row in rows)
    assert re.sub(r", [\d.]+ s\)", "", last) in out
