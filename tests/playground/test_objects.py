"""The page of a task whose problems hold objects: its own examples can be asked."""

import json

import pytest

from inwit import agent as agents
from inwit.errors import InvalidOption
from inwit.playground.description import another, describe, drawn_problem
from inwit.playground.episodes import episode
from inwit.playground.learning import example, tried
from inwit.playground.runs import Runs
from inwit.playground.server import Server
from tests.playground.conftest import until

TASK = """
from dataclasses import dataclass

import inwit


@dataclass(frozen=True)
class Place:
    at: int
    name: str


class Knot:
    def __init__(self, turns): self.turns = turns
    def __eq__(self, other): return isinstance(other, Knot) and self.turns == other.turns
    def __hash__(self): return self.turns


@inwit.tool
def right(place: Place) -> int:
    "Where it is."
    return place.at


@inwit.tool
def undo(knot: Knot) -> int:
    "Its turns."
    return knot.turns


@inwit.task(tools=[right, undo], presses=4)
def objects(draw):
    turns = draw.randrange(50)
    if draw.random() < 0.5:
        place = Place(turns, draw.choice(["here", "{0}", 'the "end"']))
        return inwit.Problem(prompt="where is\\n{0}?", operands=(place,), answer=turns)
    knot = Knot(turns)
    return inwit.Problem(prompt="undo {0}!", operands=(knot,), answer=turns, level=1)
"""


@pytest.fixture(autouse=True, scope="module")
def few_problems():
    """The task is drawn quickly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inwit.tasks.function_task.POOL", 200)
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("objects")
    (folder / "own.py").write_text(TASK)
    task, path = str(folder / "own.py"), folder / "run"
    agents.train(task, updates=2, batch=16, **{"policy.width": 8}, out=path)
    return path, task


def test_each_example_can_be_asked_by_its_number(run):
    agent = agents.load(run[0], task=run[1])
    examples = json.loads(json.dumps(describe(agent)["examples"]))
    assert [each["drawn"] for each in examples] == [0, 1]
    for each in examples:
        drawn = drawn_problem(agent.environment.task, each["drawn"])
        made = episode(agent, each["problem"], drawn=drawn)
        assert made.problem == each["problem"]
        assert made.exact == str(int(drawn.answer[0]))
    for number in (-1, 1_000_000):
        with pytest.raises(InvalidOption, match="the problems 0 to 999,999 can be drawn"):
            drawn_problem(agent.environment.task, number)


def test_further_problems_are_drawn_level_by_level_and_turn_by_turn(run):
    task = agents.load(run[0], task=run[1]).environment.task
    drawn = [another(task, number) for number in range(8)]
    assert [each["problem"][:4] for each in drawn] == ["wher", "undo"] * 4
    assert len({each["problem"] for each in drawn}) > 4
    assert drawn == [another(task, number) for number in range(8)]


def test_the_operands_of_a_text_are_shown_on_their_keys(run):
    agent = agents.load(run[0], task=run[1])
    text = another(agent.environment.task, 0)["problem"]
    asked = episode(agent, text, drawn=drawn_problem(agent.environment.task, 0))
    assert asked.operands[0] in text, text
    assert asked.symbols == ("where", "is", asked.operands[0], "?")
    assert asked.entered_by == (-1, -1, 0, -1)


def test_the_example_of_a_run_is_tried_at_every_moment(run):
    runs = Runs([run[0]], run[1])
    given = example(runs, 0)
    assert given["problem"].startswith("undo")
    tries = tried(runs, 0, given["problem"], given["drawn"])
    assert [each["update"] for each in tries] == [0, 1, 2]


def test_every_chip_of_the_page_can_be_pressed(run, page):
    with Server([run[0]], 0, task=run[1]) as server:
        page.goto(server.address)
        page.wait_for_selector("body[data-ready]")
        chips = page.locator("#examples button")
        assert chips.count() == 3
        assert chips.nth(2).text_content() == "another one"
        for number in range(3):
            chips.nth(number).click()
            until(
                page,
                f"document.querySelectorAll('.verdict dd')[1]?.textContent > '' && {number} >= 0",
            )
            assert page.is_hidden("#mistake"), page.text_content("#mistake")
            page.press("#problem", "Enter")  # a field holds no line ends
            until(page, "document.body.ariaBusy === 'false'")
            assert page.is_hidden("#mistake"), page.text_content("#mistake")
        page.goto(f"{server.address}watch.html")
        until(page, "document.querySelectorAll('#tried tr').length === 4")
        assert page.is_hidden("#mistake")
        page.goto(f"{server.address}compare.html")
        page.wait_for_selector("body[data-ready]")
        assert page.is_hidden("#mistake"), page.text_content("#mistake")
