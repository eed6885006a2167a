"""The objects of a task belong to it, and go with it."""

import gc
import random
import weakref
from typing import ClassVar

import pytest
import torch

import inwit
from inwit import agent as agents
from inwit.auditing.exhaustive import audit_task
from inwit.environment import Environment
from inwit.evaluation.traces import trace
from inwit.recipes import own_task
from inwit.training.loop import Training


class Kept:
    """An object that tells when it goes."""

    living: ClassVar = weakref.WeakValueDictionary()

    def __init__(self, number):
        self.number = number
        self.living[id(self)] = self

    def __eq__(self, other):
        return isinstance(other, Kept) and self.number == other.number

    def __hash__(self):
        return hash(self.number)


@inwit.tool
def wrap(number: int) -> Kept:
    return Kept(number)


@inwit.tool
def unwrap(kept: Kept) -> int:
    return kept.number


def wrapping():
    """A task whose problems hold objects of their own."""

    @inwit.task(tools=[wrap, unwrap], presses=4, memory=0, once=False)
    def task(draw: random.Random) -> inwit.Problem:
        value = draw.randrange(500)
        operands = (value, Kept(value))
        return inwit.Problem(
            prompt="wrap {0}", operands=operands, answer=Kept(value), oracle="0 WRAP ANS"
        )

    return task


def play(task):
    environment = Environment(task)
    environment.reset(task.problems(task.pool))
    for key in ("0", "WRAP", "ANS"):
        environment.step(torch.full((len(task.pool),), task.rules.vocabulary[key]))
    assert environment.right.all()


def train(task):
    training = Training(own_task(task).but(updates=2, batch=8, **{"policy.width": 8}))
    assert len(list(training.reports())) == 2


def solve(task):
    agent = Training(own_task(task).but(updates=1, batch=8, **{"policy.width": 8}))
    (made,) = trace(agent.policy, agent.environment, task.parse("wrap 7"))
    assert made.problem.startswith("wrap 7 ")


def audit(task):
    assert audit_task(task, problems=64, budget=2000).levels


@pytest.mark.parametrize(
    ("use", "times"),
    [
        (play, 3),
        pytest.param(solve, 2, marks=pytest.mark.slow),
        pytest.param(train, 2, marks=pytest.mark.slow),
        pytest.param(audit, 2, marks=pytest.mark.slow),
    ],
)
def test_the_objects_of_a_task_go_with_it(use, times, monkeypatch):
    monkeypatch.setattr("inwit.tasks.function_task.POOL", 25)
    for _ in range(times):
        task = wrapping()
        use(task)
        assert len(task.objects) >= len({problem.answer for problem in task.pool})
    assert Kept.living
    del task
    gc.collect()
    assert not Kept.living


def test_two_tasks_with_the_same_tools_have_tables_of_their_own(monkeypatch):
    monkeypatch.setattr("inwit.tasks.function_task.POOL", 25)
    one, other = wrapping(), wrapping()
    play(one)
    play(other)
    assert one.objects is not other.objects
    assert [tool.name for tool in one.rules.tools] == [tool.name for tool in other.rules.tools]
    assert not {*one.rules.tools} & {*other.rules.tools}
    assert one.objects.bind(wrap) is one.rules.tools[0]  # always the same


def test_a_run_is_loaded_with_the_task_itself_unless_its_options_differ(tmp_path, monkeypatch):
    """Problems of the task can be given to the agent: their objects are in the same table."""
    monkeypatch.setattr("inwit.tasks.function_task.POOL", 25)
    task, path = wrapping(), tmp_path / "run"
    agents.train(task, updates=1, batch=8, **{"policy.width": 8}, out=path)
    assert agents.load(path, task=task).environment.task is task
    other = agents.load(path, task=task.but(presses=5)).environment.task
    assert other is not task
    assert (other.presses, other.objects is task.objects) == (task.presses, True)
