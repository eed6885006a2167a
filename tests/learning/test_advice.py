"""Every advice is followed on a task that fails without it, and turns the failure into success."""

import random
from datetime import date, timedelta

import pytest

import inwit
from inwit.evaluation.advice import GOOD, advise_before
from inwit.recipe import Recipe
from inwit.recipes import recipe_for
from inwit.tasks import Stages
from inwit.tools import ADD, MUL
from tests.recipes import HELPED

pytestmark = pytest.mark.learning
NIGHTLY = pytest.mark.nightly
PROBLEMS = 200
WORDS = [one + two for one in ("ba", "co", "di", "fu", "ge", "hi") for two in ("lan", "mer", "nor")]


@inwit.tool
def later(day: date, count: int) -> date:
    """So many days later."""
    return day + timedelta(count)


@inwit.tool
def weekday(day: date) -> str:
    """The day of the week."""
    return day.strftime("%A")


@inwit.tool
def mul(a: float, b: float) -> float:
    """A product."""
    return a * b


@inwit.tool
def add(a: float, b: float) -> float:
    """A sum."""
    return a + b


@inwit.tool
def discount(amount: float) -> float:
    """A tenth less."""
    return round(0.9 * amount, 2)


@inwit.tool
def postage(amount: float) -> float:
    """Five more."""
    return amount + 5


def two_forms(draw: random.Random) -> inwit.Problem:
    day, count = date(2000, 1, 1) + timedelta(draw.randrange(9999)), draw.randint(2, 99)
    plain = ("which day of the week is {0}", weekday(day))
    moved = ("which day of the week is {1} days after {0}", weekday(later(day, count)))
    prompt, answer = draw.choice([plain, moved])
    return inwit.Problem(prompt=prompt, operands=(day, count), answer=answer)


def one_form(draw: random.Random) -> inwit.Problem:
    day, count = date(2000, 1, 1) + timedelta(draw.randrange(9999)), draw.randint(2, 99)
    prompt = "which day of the week is {1} days after {0}"
    return inwit.Problem(prompt=prompt, operands=(day, count), answer=weekday(later(day, count)))


def products(draw: random.Random) -> inwit.Problem:
    a, b, c, d = (draw.randint(2, 99) for _ in range(4))
    prompt = "{0} times {1} and {2} times {3}"
    return inwit.Problem(prompt=prompt, operands=(a, b, c, d), answer=float(a * b + c * d))


def orders(draw: random.Random) -> inwit.Problem:
    due = draw.randint(20, 200)
    answer = discount(due) if due >= 100 else postage(due)
    return inwit.Problem(prompt="pay {0}", operands=(due,), answer=answer)


def named(*, often: bool):
    """Which tool is right depends on a word; each comes once, or beside many others."""

    def named(draw: random.Random) -> inwit.Problem:
        word, beside = draw.randrange(len(WORDS) * 3), draw.choice(WORDS) if often else "now"
        name, due = f"{WORDS[word % len(WORDS)]}{word // len(WORDS)}", 100
        answer = discount(due) if word % 3 else postage(due)
        return inwit.Problem(prompt=f"{name} {beside} {{0}}", operands=(due,), answer=answer)

    return named


def task(draw, tools, **options):
    return inwit.task(tools=tools, **options)(draw)


DAYS = [later, weekday]
CASES = {
    "search": (lambda: task(two_forms, DAYS), {"search": 0, "updates": 40, "seed": 1}),
    "presses": (lambda: task(one_form, DAYS, presses=4), {"updates": 20}),
    "memory": (lambda: task(products, [mul, add], presses=10, memory=0), {"updates": 20}),
    "once": (lambda: Recipe(task=Stages()), {}),
    "replay": (lambda: HELPED, {"replay": 0, "updates": 200}),
    "learning rate": (lambda: HELPED, {"optimiser.learning_rate": 0.9, "updates": 100}),
}
AGAIN = {"presses": {"updates": 100}, "memory": {"updates": 100}}
"""Those that are cut short, since they cannot succeed."""
LATER = ("memory", "once", "learning rate", "replay")
"""Tried every night; that the first two are advised is tried without a training, too."""


def accuracies(agent):
    return [each.agent.accuracy for each in agent.evaluate(PROBLEMS)]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[NIGHTLY] * (name in LATER)) for name in CASES]
)
def test_following_an_advice_turns_failure_into_success(name, tmp_path):
    made, options = CASES[name]
    agent = inwit.train(made(), out=tmp_path / "before", **options)
    assert min(accuracies(agent)) < GOOD
    found = {each.name: each for each in agent.advice(agent.evaluate(PROBLEMS))}
    assert name in found, found
    changed = {**options, **AGAIN.get(name, {}), **found[name].options}
    after = inwit.train(made(), out=tmp_path / "after", **changed)
    assert min(accuracies(after)) >= GOOD


def test_values_that_are_not_shown_are_named(tmp_path):
    def size(amount: object) -> str:
        return "large" if isinstance(amount, float | int) and amount >= 100 else "small"

    hidden = task(orders, [discount, postage], presses=4, once=True)
    agent = inwit.train(hidden, out=tmp_path / "before", updates=20)
    assert accuracies(agent)[0] < GOOD
    assert "values" in [each.name for each in agent.advice(agent.evaluate(PROBLEMS))]
    shown = {"shown": ["small", "large"], "display": size}
    seen = task(orders, [discount, postage], presses=4, once=True, **shown)
    assert accuracies(inwit.train(seen, out=tmp_path / "after", updates=80))[0] >= GOOD


@NIGHTLY
def test_few_problems_are_named(tmp_path):
    options = {"presses": 4, "once": True}
    agent = inwit.train(
        task(named(often=False), [discount, postage], **options), out=tmp_path / "before"
    )
    assert accuracies(agent)[0] < GOOD
    (found,) = [each for each in agent.advice(agent.evaluate(PROBLEMS)) if each.name == "problems"]
    assert "different problems" in found.reason
    many = task(named(often=True), [discount, postage], **options)
    assert accuracies(inwit.train(many, out=tmp_path / "after"))[0] >= GOOD


def test_an_agent_that_has_learnt_gets_no_advice(tmp_path):
    agent = inwit.train(task(one_form, DAYS), out=tmp_path / "run", updates=40)
    assert min(accuracies(agent)) >= GOOD
    assert agent.advice() == []


def position(robot: tuple) -> tuple:
    return (robot[0], *robot[1])


def grid(draw: random.Random) -> inwit.Problem:
    at, goal = draw.sample(range(12), 2)
    place = (at, (goal, goal))
    return inwit.Problem(prompt="go", operands=(place,), answer=(goal, (goal, goal)))


@inwit.tool
def left(robot: tuple) -> tuple:
    return (max(0, robot[0] - 1), robot[1])


@inwit.tool
def right(robot: tuple) -> tuple:
    return (min(11, robot[0] + 1), robot[1])


def walk(sees=position):
    options = {"presses": 16, "memory": 0, "once": False}
    return task(grid, [left, right], **options, sees=sees)


def test_a_network_without_memory_is_advised_where_few_positions_are_seen():
    recipe = recipe_for(walk()).but(policy="gru")
    found = {each.name: each for each in advise_before(recipe)}
    assert {"problems", "policy"} <= set(found)
    assert recipe.but(**found["policy"].options).policy.name == "feedforward"
    blind = task(grid, [left, right], presses=16, memory=0, once=False)
    for other in (recipe.but(policy="feedforward"), recipe_for(blind).but(policy="gru")):
        assert "policy" not in [each.name for each in advise_before(other)]
    raced = recipe_for(walk())  # training tries such a network by itself
    assert "policy" not in [each.name for each in advise_before(raced)]


def either(draw: random.Random) -> inwit.Problem:
    a = draw.randint(2, 99)
    return inwit.Problem(prompt="{0}", operands=(a,), answer=draw.choice([a + a, a * a]))


def test_problems_with_several_answers_are_named_in_place_of_values_that_are_not_seen():
    options = {"presses": 6, "memory": 0, "once": False}
    names = [each.name for each in advise_before(recipe_for(task(either, [ADD, MUL], **options)))]
    assert "answers" in names
    assert "values" not in names
    verified = task(either, [ADD, MUL], **options, verify=lambda answer, problem: True)
    assert verified.contradictory == (0, len({each.operands for each in verified.pool}))


BEFORE = {
    "presses": lambda: task(one_form, DAYS, presses=4),
    "memory": lambda: task(products, [mul, add], presses=10, memory=0),
    "values": lambda: task(orders, [discount, postage], presses=4, once=True),
    "problems": lambda: task(named(often=False), [discount, postage], presses=4, once=True),
    "once": lambda: task(one_form, DAYS, presses=6, once=False),
}


@pytest.mark.parametrize("name", BEFORE)
def test_an_audit_gives_the_advice_that_needs_no_run(name):
    assert name in [each.name for each in advise_before(recipe_for(BEFORE[name]()))]


def test_a_task_that_is_learnt_gets_no_advice_before():
    assert advise_before(recipe_for(task(one_form, DAYS, presses=6, once=True))) == []
    assert advise_before(HELPED) == []
