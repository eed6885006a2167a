"""What docs/sharing.md and agent.json say is enough: a machine written from them does the same."""

import json
import subprocess
import sys

import pytest
import torch

from inwit.agent import HELD_OUT_SEED, load
from inwit.cli.agents import SHIPPED
from inwit.tasks import FunctionTask, Stages

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.ecosystem import onnx_machine

pytestmark = pytest.mark.filterwarnings("ignore")
COUNT = 100
TASKS = '''
import random

import inwit


@inwit.tool
def metres(amount: float, unit: str) -> float:
    """A length in metres."""
    return amount * {"mile": 1609.344, "yard": 0.9144}[unit]


@inwit.tool
def middle(low: float, value: float, high: float) -> float:
    """The value, kept within two others."""
    return sorted([low, value, high])[1]


@inwit.tool
def half(value: float) -> float:
    """Half of it, where that is whole."""
    if value % 2:
        raise ValueError("odd")
    return value / 2


@inwit.task(tools=[metres, half], presses=7, memory=2, once=False)
def lengths(draw: random.Random) -> inwit.Problem:
    amount, unit = draw.randint(1, 99), draw.choice(["mile", "yard"])
    prompt = draw.choice(["({0}) {1}, in\\\\nmetres", "{{0}} is {1}{0}!"])
    return inwit.Problem(prompt=prompt, operands=(amount, unit), answer=metres(amount, unit))


@inwit.task(tools=[middle, half], presses=12, memory=2, once=True,
            shown=("low", "high"), display=lambda value: "low" if value < 50 else "high")
def middles(draw: random.Random) -> inwit.Problem:
    given = tuple(draw.randint(1, 99) for _ in range(draw.choice((3, 5))))
    return inwit.Problem(
        prompt="{0} {1} {2}" + " {3} {4}" * (len(given) > 3), operands=given,
        answer=sorted(given)[1], level=int(len(given) > 3))
'''
EXPORT = """
import sys
from pathlib import Path
import inwit
from inwit.cli.agents import SHIPPED
from inwit.exports.onnx import export_onnx
task, changes, out = sys.argv[1:]
options = {"updates": 3, "batch": 64, "policy.width": 16} | eval(changes)
agent = inwit.train(task, out=out, **options) if task else inwit.load(SHIPPED)
export_onnx(agent, Path(out + "-onnx"))
"""
HELP = {"once": True, "masks": "given", "search": 0}
QUICK = {
    "stages": ("stages", HELP),
    "shipped": ("", {}),
    "lengths": ("own.py:lengths", {"search": 0}),
}
MORE = {
    "freely": ("stages", {"search": 0, "masks": "none", "policy.reader": "recurrent"}),
    "self-masked": ("stages", {"once": True, "search": 0, "masks.practice": 1}),
    "stream": ("expressions", {"operators": "+-*/", "seed": 1}),
    "prompt": ("expressions-prompt", {"seed": 2}),
    "prompt freely": ("expressions-prompt", {"once": False, "policy": "gru"}),
    "middles": ("own.py:middles", {}),
}
"""Agents by a name: the task, and what is changed in its recipe."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    (folder / "own.py").write_text(TASKS)
    return folder


@pytest.fixture(params=[*QUICK, *(pytest.param(name, marks=pytest.mark.learning) for name in MORE)])
def exported(request, place):
    """An agent and its folder; another process writes it, for shapes are checked in this one."""
    task, changes = (QUICK | MORE)[request.param]
    task = task.replace("own.py", str(place / "own.py"))
    out = place / request.param
    if not out.with_name(f"{out.name}-onnx").exists():
        subprocess.run([sys.executable, "-c", EXPORT, task, repr(changes), str(out)], check=True)
    agent = load(out if task else SHIPPED, task=task if ".py" in task else None)
    return request.param, agent, out.with_name(f"{out.name}-onnx")


def drawn(agent, level, count):
    generator = torch.Generator().manual_seed(HELD_OUT_SEED)
    task = agent.environment.task
    return task.sample(torch.full((count,), level), generator, held_out=True)


def alone_at(agent, folder):
    """The agent of the folder, and how it is asked a problem of the task."""
    task = agent.environment.task
    functions = {tool.name: tool.plain for tool in task.rules.tools if tool.plain}
    alone = onnx_machine.Agent(folder, functions, getattr(task, "display", None))
    if isinstance(task, Stages):
        return lambda one: alone.stage(task.describe(one, 0))
    if isinstance(task, FunctionTask):
        return lambda one: alone.prompt(*_parts(task.problem(one, 0)))
    return lambda one: alone.expression(task.describe(one, 0))


def _parts(problem):
    return problem.prompt, list(problem.operands), problem.level


def test_a_machine_written_from_the_page_does_the_same(exported):
    """Keys and answers, problem by problem, each with the limits that it has alone."""
    name, agent, folder = exported
    task, ask, different = agent.environment.task, alone_at(agent, folder), set()
    levels = [*task.levels, *([30] if name == "shipped" else [])]  # far longer than trained on
    for level in levels:
        problems = drawn(agent, level, COUNT // len(levels))
        for row in range(len(problems)):
            one = problems.select(torch.tensor([row]))
            expected = agent.solve(task.describe(one, 0))
            keys, answer = ask(one)
            assert keys == expected.keys, expected.problem
            assert answer == expected.answer
            different.add(keys)
    assert len(different) > 1


TOLD = {
    "stages": {"once": True, "masks": True, "presses": {"always": 8, "level": 4}, "seen": []},
    "shipped": {"stream": True, "frames": {"level": 1, "opened": 1}, "operands": 0},
    "lengths": {"presses": {"always": 7}, "frames": {"always": 2}, "once": False},
    "freely": {"once": False, "masks": False},
    "self-masked": {"once": True, "masks": False},
    "stream": {"symbol_kinds": ["number", *["operator"] * 4, "open", "close"]},
    "prompt": {"presses": {"least": 2, "level": 4}, "frames": {"level": 1}},
    "prompt freely": {"once": False, "policy": "gru"},
    "middles": {"seen": [{"name": "display", "values": ["empty", "fault", "low", "high"]}]},
}


def test_what_is_told_of_each_machine(exported):
    name, agent, folder = exported
    told = json.loads((folder / "agent.json").read_text())
    assert TOLD[name].items() <= told.items()
    assert told["format"] == 2
    assert len(told["kinds"]) == len(told["keys"])
    sizes = tuple(len(column["values"]) for column in told["seen"])
    assert sizes == agent.environment.observation_sizes
    for tool, own in zip(told["tools"], agent.environment.task.rules.tools, strict=True):
        assert (tool["name"], tool["arity"], tool["signature"]) == (
            own.name,
            own.arity,
            own.signature,
        )
