"""The examples run as a reader runs them, and show what they claim (they assert it)."""

import ast
import inspect
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

NEEDS = {"inwit.llm": "trl"}
"""Packages that some examples need besides inwit, by what they import."""
ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
LATER = (
    *("05_certify_an_agent", "09_readings", "11_word_problems", "13_edit_a_plan"),
    "14_remember_a_card",
)
"""Those that take longest run every night."""
SECONDS = 300
"""Of a processor, after which an example is ended: other programs may keep it waiting."""


def test_there_are_examples():
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short_checks_itself_and_says_how_to_run_it(path):
    text = path.read_text(encoding="utf8")
    assert len(text.splitlines()) < 80
    tree = ast.parse(text)
    commands = re.findall(r"^ {4}(\S.*)$", inspect.cleandoc(tree.body[0].value.value), re.M)
    assert f"python examples/{path.name}" in commands
    for command in commands:
        assert command.startswith(("python examples/", "inwit ", "pip install "))
        assert all((ROOT / name).exists() for name in re.findall(r"\S+\.py", command))
    claims = [each for each in ast.walk(tree) if isinstance(each, ast.Assert)]
    assert any(not isinstance(each.test, ast.Constant) for each in claims)


def limit_processor_time():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


@pytest.mark.learning
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=[pytest.mark.nightly] * (path.stem in LATER), id=path.stem)
        for path in EXAMPLES
    ],
)
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
        preexec_fn=limit_processor_time,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()
