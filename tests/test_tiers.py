"""What the tiers of the tests rest on."""

import os
import subprocess
import sys

import pytest

from tests.tiers import few_daily, few_fast

GROUPED = """
import os, pytest
pytestmark = pytest.mark.xdist_group("one")

@pytest.mark.parametrize("place", range(4))
def test(place):
    with open("workers", "a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
"""


def marks(values):
    return [[mark.name for mark in getattr(each, "marks", ())] for each in values]


def test_all_values_are_tried_in_some_tier():
    assert marks(few_fast("abc", 1)) == [["slow"], [], ["slow"]]
    assert marks(few_daily("abc", 0, 2)) == [[], ["nightly"], []]
    pairs = few_fast([(1, 2), (3, 4)], 0, many=True)
    assert (pairs[0], pairs[1].values) == ((1, 2), (3, 4))


@pytest.mark.slow
def test_a_group_stays_on_one_worker(tmp_path):
    """What was trained for several files is trained once."""
    for name in "ab":
        (tmp_path / f"test_{name}.py").write_text(GROUPED)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = xdist_group: of xdist\n")
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "."]
    plain = ["-p", "no:inwit.testing.plugin"]
    told = subprocess.run([*command, *plain], cwd=tmp_path, env=own, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout
    workers = (tmp_path / "workers").read_text().split()
    assert len(workers) == 8
    assert len(set(workers)) == 1
