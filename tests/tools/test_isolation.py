"""A hostile set of tools, in processes of their own and in an agent's training."""

import os
import random
import time

import pytest
import torch

import inwit
from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.evaluation.traces import trace
from inwit.recipes import own_task
from inwit.tools import FAULT
from inwit.training.loop import Training
from tests.tiers import few_fast


def isolated(function, seconds=30):
    return inwit.tool(isolated=True, seconds=seconds, megabytes=64)(function)


@isolated
def raises(value: float) -> float:
    raise RuntimeError("out of order")


def hangs(value: float) -> float:
    while True:
        time.sleep(1)


hangs = isolated(hangs, seconds=0.3)


@isolated
def gives_nan(value: float) -> float:
    return float("nan")


@isolated
def gives_list(value: float) -> float:
    return [value]


@isolated
def exits(value: float) -> float:
    os._exit(3)


@isolated
def allocates(value: float) -> float:
    kept = []
    while True:
        kept.append(bytearray(2**24))


@isolated
def prints(value: float) -> float:
    print("look at me " * 100)
    return value + 1


HOSTILE = {
    raises: "RuntimeError: out of order",
    hangs: "no result within 0.3 seconds",
    gives_nan: "must be finite",
    gives_list: "it returned [1.0]",
    exits: "its process ended with exit code 3",
    allocates: "MemoryError",
}


@pytest.fixture(autouse=True, scope="module")
def closed():
    """Workers hold the pipes of what else is tested in this process: they end with these tests."""
    yield
    for tool in (*HOSTILE, prints):
        tool.function.function.close()


@pytest.mark.parametrize("tool", few_fast(HOSTILE, 0, 1), ids=lambda tool: tool.name)
def test_a_hostile_tool_costs_a_fault_and_works_again(tool, capfd):
    one = torch.ones(1, 1, dtype=torch.double)
    assert tool.call(one).tolist() == [FAULT]
    assert HOSTILE[tool] in tool.explain([1.0])
    assert tool.call(2 * one).tolist() == [FAULT]
    assert capfd.readouterr() == ("", "")


def test_what_a_tool_prints_is_not_seen(capfd):
    assert prints.call(torch.ones(1, 1, dtype=torch.double)).tolist() == [2.0]
    assert capfd.readouterr() == ("", "")


def test_limits_must_be_limits():
    with pytest.raises(InvalidOption, match="must be above 0"):
        inwit.tool(isolated=True, seconds=0)(prints.plain)
    with pytest.raises(InvalidOption, match="cannot be isolated"):
        inwit.tool(isolated=True, batched=True)(prints.plain)


@inwit.task(tools=[*HOSTILE, prints], presses=4)
def hostile(draw: random.Random) -> inwit.Problem:
    value = draw.randrange(3)
    return inwit.Problem(prompt="one more than {0}", operands=(value,), answer=value + 1)


@pytest.mark.slow
def test_training_survives_a_hostile_set_with_the_right_counts(monkeypatch):
    recipe = own_task(hostile).but(updates=3, batch=64, search=0, **{"policy.width": 8})
    training = Training(recipe)
    calls, press = [], type(training.environment.machine).press

    def counted(machine, state, key):
        after = press(machine, state, key)
        calls.append(torch.where(after.failed & ~state.answered, after.called, -1))
        return after

    monkeypatch.setattr(type(training.environment.machine), "press", counted)
    for report in training.reports():
        told = [report.metrics[f"faults/{tool.name}"] for tool in hostile.tools]
        # The retried programs of the same update come after the episodes.
        first = torch.cat(calls[: hostile.presses]).add(1).bincount(minlength=len(told) + 1)
        assert told == first[1:].tolist()
        assert sum(told) > 20
        assert report.metrics["faults/PRINTS"] == 0
        calls.clear()


def test_a_trace_shows_the_reason():
    environment = Environment(hostile)
    keys = environment.machine.vocabulary
    from inwit.policies import Scripted

    policy = Scripted(torch.tensor(keys.encode("0 RAISES 0 PRINTS"))[:, None])
    problems = hostile.problems([hostile.pool[0]])
    [episode] = trace(policy, environment, problems)
    assert episode.presses[0].fault == ""
    assert "RuntimeError: out of order" in episode.presses[1].fault
