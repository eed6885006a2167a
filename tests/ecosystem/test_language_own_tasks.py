"""A language model is shown how a task of one's own is solved, whoever knows its programs."""

import random
from pathlib import Path

import pytest
import torch

import inwit
from inwit.errors import InvalidOption
from inwit.llm import Toolbox, demonstrations
from inwit.llm.known_programs import KnownPrograms
from inwit.tasks import Stages
from inwit.tools import tool

TWO_HOPS = str(Path(__file__).parent.parent.parent / "examples/08_two_hops.py")


@tool
def double(value: float) -> float:
    """Twice as much."""
    return 2 * value


@tool
def following(value: float) -> float:
    """One more."""
    return value + 1


@inwit.task(tools=[double, following], presses=6, memory=0)
def steps(draw: random.Random) -> inwit.Problem:
    value, kind = draw.randrange(1000), draw.choice(["twice", "after"])
    answer = 2 * value if kind == "twice" else value + 1
    oracle = "0 DOUBLE ANS" if kind == "twice" else ""
    return inwit.Problem(prompt=f"{kind} {{0}}", operands=(value,), answer=answer, oracle=oracle)


@tool(cached=False)
def drifting(value: float) -> float:
    """It may answer differently each time."""
    return value + 1


@inwit.task(tools=[drifting], presses=6, memory=0)
def drifts(draw: random.Random) -> inwit.Problem:
    value = draw.randrange(1000)
    return inwit.Problem(prompt="after {0}", operands=(value,), answer=value + 1)


def calls_of(chat):
    functions = [call["function"] for each in chat for call in each.get("tool_calls", ())]
    return [(each["name"], each["arguments"]) for each in functions]


def test_a_program_is_searched_for_where_a_problem_comes_with_none():
    seen = set()
    for chat in demonstrations(Toolbox(steps, seconds=None), 40, seed=3):
        kind, value = chat[1]["content"].split()
        name, answer = (
            ("double", 2 * int(value)) if kind == "twice" else ("following", int(value) + 1)
        )
        assert calls_of(chat) == [(name, {"value": int(value)}), ("answer", {"value": answer})]
        seen.add(kind)
    assert seen == {"twice", "after"}


def test_the_example_of_the_docs_can_be_shown():
    toolbox = Toolbox(TWO_HOPS)
    chats = demonstrations(toolbox, 20)
    toolbox.close()
    hops = {len(calls_of(chat)) for chat in chats}
    assert hops == {2, 3}  # one query or two, and the answer
    assert all(calls_of(chat)[-1][0] == "answer" for chat in chats)


def test_stated_programs_stay_as_they_are_and_nothing_is_searched(monkeypatch):
    task = Stages()
    problems = task.sample(torch.tensor([0, 1, 2]), torch.Generator().manual_seed(0))
    monkeypatch.setattr("inwit.llm.known_programs.ProgramSearch", None)
    assert KnownPrograms(task).of(problems) is problems.oracle


def test_where_nobody_knows_a_program_the_way_out_is_told():
    with pytest.raises(InvalidOption, match="state an oracle with the problems, or show random"):
        demonstrations(Toolbox(drifts, seconds=None), 4)
