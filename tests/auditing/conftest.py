import json
from pathlib import Path

import pytest

from inwit.auditing.child.process import Child, Limits
from inwit.auditing.targets import read_target

GRADERS = Path(__file__).parent / "graders.py"


@pytest.fixture(scope="session")
def rows(tmp_path_factory):
    """Sums of two numbers, all different, that share no answer with a constant."""
    path = tmp_path_factory.mktemp("rows") / "sums.jsonl"
    sums = [(17 * n + 11, 13 * n + 12) for n in range(24)]
    lines = [{"question": f"What is {a} + {b}?", "answer": str(a + b)} for a, b in sums]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n")
    return path


@pytest.fixture
def opened(rows):
    """A function that opens a grader in a child with all rows; the children end with the test."""
    children = []

    def open_grader(name, **limits):
        target = read_target(f"{GRADERS}:{name}", {"data": str(rows)})
        child = Child(target, Limits(**{"call": 0.3, **limits}))
        children.append(child)
        child.prepare("items", 24, 0, True)
        return child

    yield open_grader
    for child in children:
        child.close()
