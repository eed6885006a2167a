"""Tasks, curricula and learners of a user's own that give something else than they should."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
import torch

import inwit
from inwit.curriculum import Uniform
from inwit.errors import InvalidOption
from inwit.tasks import Stages
from tests.tiers import few_fast

SMALL = {"updates": 3, "batch": 16, "policy.width": 8, "search": 0, "replay": 0}


def trained(tmp_path, task="stages", **parts):
    return inwit.train(task, out=tmp_path / "run", **SMALL, **parts)


@pytest.mark.parametrize(
    ("given", "told"),
    few_fast(
        [
            (None, "chose None: choose gives 16 whole numbers from 0 to 2"),
            ([0] * 16, r"chose \[0, 0,"),
            (torch.zeros(16), r"chose tensor\(\[0., 0"),
            (torch.zeros(8, dtype=torch.long), "gives 16 whole numbers"),
            (torch.arange(16), r"chose \[3, 4, 5.*: choose gives 16 whole numbers from 0 to 2"),
        ],
        4,
        many=True,
    ),
)
def test_a_curriculum_chooses_levels_that_there_are(tmp_path, given, told):
    @dataclass(frozen=True, kw_only=True)
    class Odd(Uniform):
        name = "odd"

        def choose(self, course, problems, generator):
            return given

    with pytest.raises(InvalidOption, match=told):
        trained(tmp_path, curriculum=Odd())
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("method", "given", "told"),
    [
        ("sample", lambda made: None, "sample of task 'odd' gave None"),
        ("sample", lambda made: made.part(slice(0, 3)), "gave 3 problems: .* each of 16 levels"),
        ("max_presses", float, "max_presses of task 'odd' gave .*: it must give a whole number"),
        ("max_presses", lambda made: 0, "max_presses of task 'odd' gave 0"),
    ],
)
def test_a_task_gives_problems_and_a_limit(tmp_path, method, given, told):
    def changed(self, *arguments, **options):
        return given(getattr(Stages, method)(self, *arguments, **options))

    kind = type("Odd", (Stages,), {"name": "odd", method: changed})
    with pytest.raises(InvalidOption, match=told):
        trained(tmp_path, dataclass(frozen=True, kw_only=True)(kind)(), learner="a2c")


@pytest.mark.parametrize(
    "kept", few_fast([torch.tensor(0.5), np.float32(0.5), float("-inf"), None], 0)
)
def test_a_curriculum_keeps_numbers(tmp_path, kept):
    @dataclass(frozen=True, kw_only=True)
    class Odd(Uniform):
        name = "odd"

        def record(self, course, level, right):
            course.state["success"] = kept

    with pytest.raises(InvalidOption, match=r"state has success = .*finite number"):
        trained(tmp_path, curriculum=Odd())
    assert not (tmp_path / "run").exists()


MOVING = """
from dataclasses import dataclass
import inwit
from inwit.learners import A2C
from inwit.tasks import Stages

KEPT = []

@inwit.register
@dataclass(frozen=True, kw_only=True)
class Moving(A2C):
    name = "moving"

    def loss(self, trajectory, outputs):
        loss, metrics = super().loss(trajectory, outputs)
        KEPT.append(loss)
        return sum(KEPT), metrics

@dataclass(frozen=True, kw_only=True)
class Mine(Stages):
    name = "mine"
"""


@pytest.mark.slow
def test_a_learner_that_keeps_a_graph_is_named(tmp_path):
    """In a process of its own: here, checks of shapes stand between our calls and the learner's."""
    (tmp_path / "moving.py").write_text(MOVING)
    words = "train moving.py --learner moving --updates 3 --batch 16 --search 0 --out run"
    command = [sys.executable, "-m", "inwit", *words.split()]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert ended.returncode == 2
    told = "a task of your own, Mine, and a learner of your own, Moving, failed: RuntimeError"
    assert told in ended.stderr
    assert "inwit.testing.check_task and inwit.testing.check_learner;" in ended.stderr
