"""Advice that needs no trained agent: what a short search says, and what it may not say."""

import random

import inwit
from inwit.evaluation.advice import advise
from inwit.evaluation.history import History
from inwit.recipes import recipe_for

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


def test_a_search_that_was_cut_is_advised_to_be_longer_and_nothing_is_said_of_once(monkeypatch):
    found = advised(monkeypatch, 3000)
    assert found["search"].options == {"search": 4 * recipe_for(hard).search}
    assert "all of" in found["search"].reason
    assert "once" not in found


def test_where_all_forms_have_programs_once_may_help_and_no_longer_search(monkeypatch):
    found = advised(monkeypatch, 400_000)
    assert "search" not in found
    assert found["once"].options == {"once": True}


def test_a_form_without_any_program_needs_no_longer_search(monkeypatch):
    found = advised(monkeypatch, 400_000, presses=6)
    assert found["presses"].options == {"presses": 10}
    assert not {"search", "once"} & set(found)
