"""What a language model can call at a task, and what becomes of a call."""

import random
import time
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import pytest

import inwit
from inwit.errors import InvalidOption
from inwit.llm import (
    Toolbox,
    environment_factory,
    instructions,
    prompt_rows,
    tool_functions,
)
from inwit.llm.values import Fault, Values
from inwit.tasks import Expressions
from inwit.tasks.prompts import ALSO
from inwit.tools import ADD, DIV, HANDLES, Tool, tool


class Knot:
    """Something that has no text."""

    def __init__(self, turns):
        self.turns = turns

    def __eq__(self, other):
        return isinstance(other, Knot) and self.turns == other.turns

    def __hash__(self):
        return hash(self.turns)


@dataclass(frozen=True)
class Place:
    """Something that can be written as JSON."""

    row: int
    name: str


@tool
def tie(turns: int) -> Knot:
    """A knot.

    Args:
        turns: How often it is wound.
    """
    return Knot(turns)


@tool
def undo(knot: Knot) -> int:
    """How often it was wound."""
    return knot.turns


@tool
def later(day: date, days: int, leap: bool) -> date:
    """A later date."""
    return date.fromordinal(day.toordinal() + days + leap)


@tool
def hang(seconds: float) -> float:
    """It takes its time."""
    time.sleep(seconds)
    return seconds


@tool(batched=True)
def twice(value):
    """Twice as much."""
    if (value > 100).any():
        time.sleep(60)
    return 2 * value


@inwit.task(tools=[tie, undo, later, hang, twice], memory=2)
def odds(draw: random.Random) -> inwit.Problem:
    turns, day = draw.randrange(50), date(2026, 1, 1 + draw.randrange(28))
    answer = Knot(turns) if draw.random() < 0.5 else day
    prompt = "which knot has {0} turns" if isinstance(answer, Knot) else "which day is {1}"
    return inwit.Problem(prompt=prompt, operands=(turns, day, Knot(turns)), answer=answer)


@pytest.fixture(scope="module")
def box():
    made = Toolbox(odds, seconds=1.5)
    yield made
    made.close()


def posed(toolbox, **row):
    environment = environment_factory(toolbox, calls=20)()
    environment.reset(**({"level": 0, "seed": 3} | row))
    return environment


def test_functions_are_those_of_the_tools(box):
    assert [str(function.signature) for function in box.functions] == [
        "(turns: int) -> str",
        "(knot: str) -> int",
        "(day: str, days: int, leap: bool) -> str",
        "(seconds: float) -> float",
        "(value: float) -> float",
        "(value: str) -> str",
        "() -> str",
        "(value: str) -> str",
    ]
    assert [function.name for function in box.functions[-3:]] == ["store", "recall", "answer"]
    assert box.named["tie"].parameters[0].description == "How often it is wound."
    assert "as text" in box.named["undo"].docstring


@pytest.mark.parametrize("task", ["stages", "expressions", "word-problems", odds])
def test_schemas_are_those_that_transformers_makes_of_the_methods(task):
    utils = pytest.importorskip("transformers.utils")
    toolbox = Toolbox(task)
    environment = environment_factory(toolbox)()
    for function in toolbox.functions:
        schema = utils.get_json_schema(getattr(environment, function.name))
        schema["function"].pop("return", None)  # no chat protocol asks for it
        assert schema == function.schema
    for function in tool_functions(toolbox):
        schema = utils.get_json_schema(function)
        schema["function"].pop("return", None)
        assert schema == toolbox.named[function.__name__].schema


def test_a_class_offers_its_tools_and_nothing_else():
    environment = environment_factory("stages")
    public = {name for name in vars(environment) if not name.startswith("_")}
    assert public == {"mul", "add", "sub", "store", "recall", "answer"}
    assert environment.__name__ == "StagesEnvironment"


def test_numbers_are_calculated_and_the_answer_is_checked():
    environment = posed("stages", level=2)
    text = environment.episode.question
    a, b, c, d, e = (int(each) for each in text if each.isdigit())
    left = environment.add(environment.mul(a=a, b=b), c)
    assert environment.store(left) == "stored"
    right = environment.mul(d, e)
    assert environment.recall() == left == a * b + c
    assert environment.get_reward() == 0.0
    environment.answer(environment.sub(left, right))
    assert environment.get_reward() == 1.0
    with pytest.raises(Fault, match="the problem is over"):
        environment.answer(0)
    assert environment.get_reward() == 1.0
    assert [call.name for call in environment.episode.calls] == (
        ["mul", "add", "store", "mul", "recall", "sub", "answer"]
    )


def test_a_wrong_answer_counts_once():
    environment = posed("stages")
    environment.answer(-1)
    with pytest.raises(Fault):
        environment.answer(eval(environment.episode.question))
    assert environment.get_reward() == 0.0


@pytest.mark.parametrize("given", ["{}", "{}.0", " {} ", float, str, int])
def test_a_right_answer_may_be_written_in_several_ways(given):
    environment = posed("expressions", level=1)
    exact = eval(environment.episode.question)
    environment.answer(given.format(exact) if isinstance(given, str) else given(exact))
    assert environment.get_reward() == 1.0


def test_the_memory_is_a_stack_with_an_end():
    environment = posed("stages")
    depth = environment.episode.depth
    with pytest.raises(Fault, match="the memory is empty"):
        environment.recall()
    for value in range(depth):
        environment.store(value)
    with pytest.raises(Fault, match="the memory is full"):
        environment.store(0)
    assert [environment.recall() for _ in range(depth)] == list(range(depth))[::-1]


def test_objects_have_text_or_a_name(box):
    environment = posed(box)
    assert environment.later("2026-02-27", 1, leap=True) == "2026-03-01"
    name = environment.tie(7)
    assert name.startswith("Knot#")
    assert environment.undo(name) == 7
    environment.store(name)
    assert environment.recall() == name
    with pytest.raises(Fault, match="does not fit"):
        environment.undo("Knot#99")
    with pytest.raises(Fault, match="takes day, days, leap"):
        environment.later("2026-02-27")


@pytest.mark.parametrize("seed", range(6))
def test_objects_can_be_answered_and_hidden_operands_are_given(box, seed):
    environment = posed(box, seed=seed)
    question, _, given = environment.episode.question.partition(ALSO.partition("{}")[0])
    last = question.split()[-1]
    if "knot" in question:
        turns = int(question.split()[-2])
        knot = environment.tie(turns)
        assert given.endswith(f", {knot})")  # the operand that the question does not show
        environment.answer(knot)
    else:
        environment.answer(last)
    assert environment.get_reward() == 1.0


@pytest.mark.parametrize(("name", "value"), [("hang", 60.0), ("twice", 500.0)])
def test_a_call_that_takes_too_long_is_a_fault(box, name, value):
    environment, begun = posed(box), time.monotonic()
    with pytest.raises(Fault, match=r"no result within 1.5 seconds"):
        getattr(environment, name)(value)
    assert time.monotonic() - begun < 30
    assert getattr(environment, name)(0.0) == 0.0
    assert environment.episode.calls[0].fault


def test_without_a_limit_a_function_is_called_in_this_process():
    seen = []

    @tool
    def note(value: float) -> float:
        seen.append(value)
        return value

    @inwit.task(tools=[note], presses=8, memory=0, once=False)
    def notes(draw: random.Random) -> inwit.Problem:
        value = draw.randrange(100)
        return inwit.Problem(prompt="note {0}", operands=(value,), answer=value)

    posed(Toolbox(notes, seconds=None)).note(4)
    assert seen == [4.0]
    apart = Toolbox(notes)
    posed(apart).note(5)
    apart.close()
    assert seen == [4.0]


@pytest.mark.parametrize(
    "values", [(1, 0), (10**400, 1), (float("nan"), 1), ("one", 1), (None, 1), (HANDLES, 1)]
)
def test_numbers_that_cannot_be_calculated_with_are_faults(values):
    with pytest.raises(Fault):
        posed("word-problems").div(*values)


def test_long_expressions_are_told_to_be_modulo_a_prime():
    toolbox = Toolbox(Expressions(), memory=False).at(20)
    assert "modulo 33554393" in instructions(toolbox)
    rows = prompt_rows("expressions", 2, levels=[20])
    assert all("modulo 33554393" in row["prompt"][0]["content"] for row in rows)
    assert Toolbox("expressions").at(4).task.modulus == 0


@pytest.mark.parametrize("name", ["answer", "reset", "_ADD", "add"])
def test_names_that_are_taken_are_refused(name):
    other = Tool(name=name, arity=2, function=DIV.function)

    @inwit.task(tools=[ADD, other])
    def sums(draw: random.Random) -> inwit.Problem:
        return inwit.Problem(prompt="{0}", operands=(draw.randrange(999),), answer=0)

    with pytest.raises(InvalidOption, match=f"tool '{name.lower()}'"):
        Toolbox(sums)


def test_values_are_written_as_they_are_read():
    values = Values()
    for value, kind in [
        (3.0, float),
        (2.5, float),
        (True, bool),
        ("7", str),
        (date(2026, 1, 2), date),
        (Fraction(1, 3), Fraction),
        ((1, 2), tuple),
        (Knot(3), Knot),
        (Place(2, "x"), Place),
    ]:
        assert values.read(values.write(value, kind), kind) == value
    assert isinstance(values.write(2.0**60), float)
    assert values.write(Knot(3)) == values.write(Knot(3))
