"""Advice that needs no trained agent: what a short search says, and what it may not say."""

import random

import pytest

import inwit
from inwit.evaluation.advice import advise
from inwit.evaluation.history import History
from inwit.recipes import recipe_for
from inwit.tools import ADD, MUL, SUB

LIMITS = {"presses": 12, "memory": 0, "once": False}


@inwit.tool
def twice(value: int) -> int:
    return value * 2


@inwit.tool
def more(value: int) -> int:
    return value + 1


@inwit.tool
def less(value: int) -> int:
    return value * 3 - 7


@inwit.task(tools=[twice, more, less], **LIMITS)
def hard(draw: random.Random) -> inwit.Problem:
    value, level = draw.randrange(10_000), draw.randrange(2)
    answer = twice(value)
    for step in (more, less, twice, less, more, less, twice) if level else ():
        answer = step(answer)
    prompt = "all of {0}" if level else "the double of {0}"
    return inwit.Problem(prompt=prompt, operands=(value,), answer=answer, level=level)


def advised(monkeypatch, budget, **options):
    monkeypatch.setattr("inwit.evaluation.advice.PRESSES", budget)
    recipe = recipe_for(hard).but(**options)
    accuracy = {0: 1.0, 1: 0.0}
    return {each.name: each for each in advise(recipe, recipe, History([]), accuracy, accuracy)}


@pytest.mark.slow
def test_a_search_that_was_cut_is_advised_to_be_longer_and_nothing_is_said_of_once(monkeypatch):
    found = advised(monkeypatch, 3000)
    assert found["search"].options == {"search": 4 * recipe_for(hard).search}
    assert "all of" in found["search"].reason
    assert "once" not in found


@pytest.mark.slow
def test_where_all_forms_have_programs_once_may_help_and_no_longer_search(monkeypatch):
    found = advised(monkeypatch, 400_000)
    assert "search" not in found
    assert found["once"].options == {"once": True}


@pytest.mark.slow
def test_a_form_without_any_program_needs_no_longer_search(monkeypatch):
    found = advised(monkeypatch, 400_000, presses=6)
    assert found["presses"].options == {"presses": 10}
    assert not {"search", "once"} & set(found)


def curve(*shares):
    return History([{"episodes/accuracy@1": share} for share in shares])


@pytest.mark.slow
def test_a_run_that_still_rose_at_its_end_is_advised_to_be_longer(monkeypatch):
    monkeypatch.setattr("inwit.evaluation.advice.PRESSES", 3000)
    recipe = recipe_for(hard).but(updates=50)
    accuracy, flat, steep = {0: 1.0, 1: 0.8}, [0.8] * 50, [0.2 + 0.012 * n for n in range(50)]

    def names(history, recipe=recipe):
        return {each.name: each for each in advise(recipe, recipe, history, accuracy, accuracy)}

    assert "updates" not in names(curve(*flat))
    assert names(curve(*steep))["updates"].options == {"updates": 100}
    assert "from 61.4 % to 73.4 %" in names(curve(*steep))["updates"].reason
    assert "updates" not in names(curve(*steep[:40]))  # it was stopped early
    assert "updates" not in names(curve(*steep[:-20], *[steep[-20]] * 20))


@pytest.mark.slow
@pytest.mark.parametrize(("updates", "advised"), [(75, True), (76, False)])
def test_a_run_of_half_the_usual_updates_is_advised_to_have_them(monkeypatch, updates, advised):
    monkeypatch.setattr("inwit.evaluation.advice.PRESSES", 3000)
    plain, accuracy = recipe_for(hard).but(updates=150), {0: 1.0, 1: 0.0}
    found = advise(plain.but(updates=updates), plain, History([]), accuracy, accuracy)
    options = [each.options for each in found if each.name == "updates"]
    assert options == ([{"updates": 150}] if advised else [])


@pytest.mark.slow
def test_a_network_without_memory_is_advised_wherever_numbers_are_seen_at_every_press(monkeypatch):
    monkeypatch.setattr("inwit.evaluation.advice.PRESSES", 3000)
    seen = inwit.task(tools=[twice, more, less], sees=["display"], **LIMITS)(hard.draw)
    for task, policy, expected in (
        (seen, "gru", True),
        (seen, "feedforward", False),
        (hard, "gru", False),
    ):
        recipe, accuracy = recipe_for(task).but(policy=policy), {0: 1.0, 1: 0.8}
        found = {
            each.name: each for each in advise(recipe, recipe, History([]), accuracy, accuracy)
        }
        assert ("policy" in found) == expected
        assert "few" not in found["policy"].reason if expected else True


@inwit.task(tools=[ADD, SUB, MUL], sees=["operands"], presses=8, memory=0, once=True)
def target(draw: random.Random) -> inwit.Problem:
    a, b, c, d = (draw.randint(1, 99) for _ in range(4))
    answer = draw.choice(
        [a + b - c * d, a * b - c + d, (a - b) * c + d, (d + c) * b - a, a - d + b - c]
    )
    return inwit.Problem(prompt="{0} {1} {2} {3}", operands=(a, b, c, d), answer=answer)


@pytest.mark.slow
@pytest.mark.parametrize(("share", "named"), [(0.1, True), (0.8, False)])
def test_problems_with_programs_of_their_own_are_named_where_few_are_right(
    monkeypatch, share, named
):
    monkeypatch.setattr("inwit.evaluation.advice.PRESSES", 100_000)
    monkeypatch.setattr("inwit.evaluation.advice.LONGEST", 1000.0)
    recipe, accuracy = recipe_for(target.but(once=False)), {0: share}
    found = {each.name: each for each in advise(recipe, recipe, History([]), accuracy, accuracy)}
    assert ("programs" in found) == named
    assert not named or "different programs" in found["programs"].reason
