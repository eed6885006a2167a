"""The examples run as a reader runs them, and show what they claim (they assert it)."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

NEEDS = {"inwit.interfaces.llm": "trl"}
"""Packages that some examples need besides inwit, by what they import."""
EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


def test_there_are_examples():
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_and_says_what_one_sees(path):
    text = path.read_text(encoding="utf8")
    assert len(text.splitlines()) < 80
    assert "sees" in ast.get_docstring(ast.parse(text))
    assert "assert " in text
    assert f"python examples/{path.name}" in text


@pytest.mark.learning
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(path, tmp_path):
    for imported, needed in NEEDS.items():
        if f"from {imported} import" in path.read_text(encoding="utf8"):
            pytest.importorskip(needed)
    result = subprocess.run(
        [sys.executable, str(path)],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()
