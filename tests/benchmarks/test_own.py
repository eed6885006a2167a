"""Each of the 24 tasks of a new user draws what it says, and can be solved."""

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

import own_tasks
from inwit.environment import Environment
from inwit.tasks import read_task
from inwit.tasks.function_task import LIMITS
from inwit.tools import FAULT
from tests.benchmarks.own_programs import PLAYERS, program

FEW = {"grid_world": 200, "thermostat": 700, "maze": 400}
"""Tasks that have few different problems, and how many they draw at least."""
EACH, DRAWN = 4, 3000
FAST = ("units", "maze", "stack_language")
EVERY = pytest.mark.parametrize(
    "name",
    [pytest.param(each, marks=[pytest.mark.slow] * (each not in FAST)) for each in own_tasks.TASKS],
)


@pytest.fixture(autouse=True)
def neighbours(monkeypatch):
    monkeypatch.syspath_prepend(own_tasks.FOLDER)


@cache
def own(name):
    """A task with room for any program: what it needs is inferred where it is trained."""
    task = read_task(str(own_tasks.FOLDER / f"{name}.py"))
    assert task.left_open == LIMITS
    return Environment(replace(task, presses=60, memory=1))


def solved(name, problem):
    """Whether a right program, or a player who sees the display, answers it by legal keys."""
    environment = own(name)
    task, names = environment.task, environment.task.rules.vocabulary.names
    environment.reset(task.problems([problem]))
    keys = iter(program(name, problem.prompt) or ())
    while not bool(environment.ended):
        held = float(environment.state.frame.accumulator)
        shown = held if held != held or held == FAULT else task.objects.decode(held)
        press = next(keys) if name not in PLAYERS else "0"
        if name in PLAYERS and held == held:
            press = "0" if held == FAULT else PLAYERS[name](problem, shown)
        key = names.index(press)
        assert environment.machine.members(environment.state.legal)[0, key], (problem, press)
        environment.step(torch.tensor([key]))
    return bool(environment.right)


@EVERY
def test_every_level_can_be_solved(name):
    task, dice = own(name).task, random.Random(1)
    for level in task.levels:
        of_level = [problem for problem in task.pool if problem.level == level]
        for problem in dice.sample(of_level, EACH):
            assert solved(name, problem), problem


@EVERY
def test_a_task_draws_many_different_problems(name):
    task = own(name).task
    dice = random.Random(0)
    drawn = [task.draw(dice) for _ in range(DRAWN)]
    different = {(problem.prompt, problem.operands) for problem in drawn}
    assert len(different) >= FEW.get(name, 1000)
    assert name not in FEW or len(different) < 1000
    assert len(task.pools) == 2  # every level has problems to train on and some held out


@pytest.mark.parametrize("name", own_tasks.TASKS)
def test_a_task_is_under_thirty_lines(name):
    text = (own_tasks.FOLDER / f"{name}.py").read_text()
    assert sum(map(bool, map(str.strip, text.splitlines()))) < 30


def test_the_halves_are_every_second_task():
    assert set(own_tasks.TASKS) == {path.stem for path in own_tasks.FOLDER.glob("*.py")}
    assert (*own_tasks.DEVELOPMENT, *own_tasks.HELD_OUT) == (
        *own_tasks.TASKS[::2],
        *own_tasks.TASKS[1::2],
    )
    assert len(own_tasks.DEVELOPMENT) == len(own_tasks.HELD_OUT) == 12
    page = Path(own_tasks.FOLDER / "README.md").read_text()
    rows = [line.split(" | ") for line in page.splitlines() if line.startswith("| `")]
    assert [(row[0].strip("|` "), row[1]) for row in rows] == [
        (name, "held out" if name in own_tasks.HELD_OUT else "development")
        for name in own_tasks.TASKS
    ]


def outcome(**fields):
    plain = {"task": "units", "seed": 0, "sources": own_tasks.sources("units")}
    return own_tasks.Outcome(**plain | {"cpu_seconds": 50.0, "accuracy": (1.0, 0.96)} | fields)


@pytest.mark.parametrize(
    ("fields", "passed"),
    [
        ({}, True),
        ({"accuracy": (1.0, 0.949)}, False),
        ({"accuracy": (1.0, 0.95)}, True),
        ({"cpu_seconds": 121.0}, False),
        ({"accuracy": (), "error": "stopped"}, False),
    ],
)
def test_a_run_passes_at_every_level_and_in_time(fields, passed):
    assert outcome(**fields).passed == passed


def test_the_worst_seed_counts_at_every_level():
    row = own_tasks.table_row(
        "units", [outcome(cpu_seconds=10.0), outcome(accuracy=(0.9, 1.0)), outcome()]
    )
    assert row == "| units | 90.0 / 96.0 | 50 | 2 of 3 |"
    failed = own_tasks.table_row("units", [outcome(), outcome(accuracy=(), error="no memory")])
    assert failed == "| units | no memory | 50 | 1 of 2 |"


def test_the_same_command_goes_on_after_a_cut(monkeypatch, capsys, tmp_path):
    ran = []

    def measure(task, seed, out):
        ran.append((task, seed))
        if len(ran) == 3:
            raise KeyboardInterrupt
        out.mkdir(exist_ok=True)
        return outcome(task=task, seed=seed, sources=own_tasks.sources(task))

    monkeypatch.setattr(own_tasks, "measure", measure)
    asked = ["units", "dates"], (0, 1), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        own_tasks.run_all(*asked)
    own_tasks.run_all(*asked)
    assert ran == [("units", 0), ("units", 1), ("dates", 0), ("dates", 0), ("dates", 1)]
    assert "2 of 2 tasks passed with all of 2 seeds" in capsys.readouterr().out
    sources = own_tasks.sources
    monkeypatch.setattr(own_tasks, "sources", lambda task: task[:1] + sources(task))
    assert own_tasks.known(tmp_path / "out") == {}  # something has changed since
