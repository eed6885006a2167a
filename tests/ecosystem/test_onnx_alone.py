"""What docs/sharing.md and agent.json say is enough: a machine written from them does the same."""

import json
import subprocess
import sys

import pytest
import torch

import inwit
from inwit.agent import HELD_OUT_SEED, load
from inwit.interfaces.agents import SHIPPED

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
pytest.importorskip("onnxruntime")

from tests.ecosystem import onnx_machine

pytestmark = pytest.mark.filterwarnings("ignore")
COUNT = 60
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


@inwit.task(tools=[metres, half], presses=7, memory=2)
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
import inwit
from inwit.interfaces.exports.onnx import export_onnx
options = {"updates": 3, "batch": 64, "policy.width": 16}
for name, task, out in [part.split("|") for part in sys.argv[1:]]:
    changes = options | eval(name.partition("?")[2])
    shipped = out.endswith("shipped")
    agent = inwit.load(task) if shipped else inwit.train(task, out=out, **changes)
    export_onnx(agent, __import__("pathlib").Path(out + "-onnx"))
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Runs and what is exported of them, written by another process: here shapes are checked."""
    place = tmp_path_factory.mktemp("alone")
    (place / "own.py").write_text(TASKS)
    own = place / "own.py"
    wanted = {
        "stages": ("stages", "{}"),
        "freely": ("stages", "{'once': False, 'seed': 3}"),
        "blind": ("stages", "{'masks': False, 'policy.reader': 'recurrent'}"),
        "shipped": (SHIPPED.as_posix(), "{}"),
        "stream": ("expressions", "{'operators': '+-*/', 'seed': 1}"),
        "prompt": ("expressions-prompt", "{'seed': 2}"),
        "prompt freely": ("expressions-prompt", "{'once': False, 'policy': 'gru'}"),
        "lengths": (f"{own}:lengths", "{}"),
        "middles": (f"{own}:middles", "{}"),
    }
    told = [f"{name}?{change}|{task}|{place / name}" for name, (task, change) in wanted.items()]
    subprocess.run([sys.executable, "-c", EXPORT, *told], check=True)
    return {name: (place / name, task) for name, (task, _) in wanted.items()}


def loaded(folders, name):
    path, task = folders[name]
    agent = load(SHIPPED if name == "shipped" else path, task=task if ".py:" in task else None)
    return agent, f"{path}-onnx"


def drawn(agent, level, count, seed=HELD_OUT_SEED):
    generator = torch.Generator().manual_seed(seed)
    task = agent.environment.task
    return task.sample(torch.full((count,), level), generator, held_out=True)


def same(agent, alone, ask):
    """Keys and answers, problem by problem, each with the limits that it has alone."""
    task, different = agent.environment.task, set()
    for level in task.levels:
        problems = drawn(agent, level, max(5, COUNT // len(task.levels)))
        for row in range(len(problems)):
            one = problems.select(torch.tensor([row]))
            (expected,) = inwit.tracing.trace(agent.policy, agent.environment, one)
            keys, answer = ask(alone, task, one)
            assert keys == expected.keys, task.describe(one, 0)
            assert answer == expected.answer
            different.add(keys)
    return different


@pytest.mark.parametrize("name", ["stages", "freely", "blind"])
def test_stages(folders, name):
    agent, folder = loaded(folders, name)
    alone = onnx_machine.Agent(folder)
    assert same(agent, alone, lambda alone, task, one: alone.stage(task.describe(one, 0)))


@pytest.mark.parametrize("name", ["shipped", "stream", "prompt", "prompt freely"])
def test_expressions(folders, name):
    agent, folder = loaded(folders, name)
    alone = onnx_machine.Agent(folder)
    found = same(agent, alone, lambda alone, task, one: alone.expression(task.describe(one, 0)))
    assert len(found) > 3
    if name == "shipped":  # far longer than it was trained on
        for row in range(5):
            one = drawn(agent, 30, 5).select(torch.tensor([row]))
            (expected,) = inwit.tracing.trace(agent.policy, agent.environment, one)
            keys, answer = alone.expression(agent.environment.task.describe(one, 0))
            assert (keys, answer) == (expected.keys, expected.answer)


@pytest.mark.parametrize("name", ["lengths", "middles"])
def test_functions(folders, name):
    agent, folder = loaded(folders, name)
    task = agent.environment.task
    functions = {tool.name: tool.plain for tool in task.rules.tools}
    alone = onnx_machine.Agent(folder, functions, task.display)

    def ask(alone, task, one):
        problem = task.problem(one, 0)
        return alone.prompt(problem.prompt, list(problem.operands), problem.level)

    assert len(same(agent, alone, ask)) > 1


def test_what_is_told_of_each_machine(folders):
    told = {
        name: json.loads((path.with_name(f"{path.name}-onnx") / "agent.json").read_text())
        for name, (path, _) in folders.items()
    }
    assert told["stages"]["once"]
    assert not told["freely"]["once"]
    assert not told["blind"]["masks"]
    assert [column["name"] for column in told["shipped"]["seen"]] == ["symbol", "next", "top"]
    assert told["middles"]["seen"] == [
        {"name": "display", "values": ["empty", "fault", "low", "high"]}
    ]
    assert told["lengths"]["presses"] == {"always": 7}
    assert told["lengths"]["frames"] == {"always": 2}
    assert told["lengths"]["tools"][0]["signature"] == "(amount: float, unit: str) -> float"
    for each in told.values():
        assert each["format"] == 2
        assert len(each["kinds"]) == len(each["keys"])
