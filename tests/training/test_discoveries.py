"""Who found the first right program: noted once, counted, and the same after a resume."""

import random

import pytest
import torch

import inwit
from inwit.errors import Interrupted
from inwit.tasks import Stages
from inwit.tools import ADD, MUL
from inwit.training.discoveries import Discoveries, in_words
from inwit.training.run_folder import RunFolder
from tests.recipes import HELPED
from tests.training.test_limits import made


def two_forms(draw: random.Random) -> inwit.Problem:
    a, b = draw.randint(2, 99), draw.randint(2, 99)
    if draw.random() < 0.5:
        return inwit.Problem(prompt="{0} plus {1}", operands=(a, b), answer=a + b)
    return inwit.Problem(prompt="{0} times {1}", operands=(a, b), answer=a * b)


def double_or_square(draw: random.Random) -> inwit.Problem:
    a = draw.randint(3, 999)
    return inwit.Problem(prompt="{0}", operands=(a,), answer=a * a if a > 99 else a + a)


def add(found, by, rows, after):
    level, form = (torch.tensor(column) for column in zip(*rows, strict=True))
    found.add(by, level, form, after)


def test_only_the_first_to_solve_a_form_counts():
    found = Discoveries(made(two_forms))
    add(found, "search", [(0, 11), (0, 12), (0, 11)], 700)
    add(found, "policy", [(0, 12), (1, 13)], 256)
    add(found, "policy", [(1, 14), (1, 13)], 512)
    assert found.found == {"search@0": [2, 700], "policy@1": [2, 512]}
    assert in_words(found.found) == {
        0: "the search (2 forms, 700 presses)",
        1: "the policy (2 forms, 512 episodes)",
    }


def test_where_programs_are_shared_by_a_level_it_counts_as_one_form():
    found = Discoveries(Stages(once=True))
    add(found, "policy", [(0, 11), (0, 12), (2, 13)], 128)
    add(found, "hindsight", [(2, 14), (1, 15)], 200)
    assert in_words(found.found) == {
        0: "the policy (128 episodes)",
        1: "hindsight (200 episodes)",
        2: "the policy (128 episodes)",
    }


@pytest.mark.slow
@pytest.mark.parametrize(("search", "by"), [(8000, "the search"), (0, "the policy")])
def test_scores_say_who_found_what(search, by, tmp_path):
    task = made(two_forms)
    agent = inwit.train(task, updates=30, search=search, out=tmp_path / "run")
    (score,) = agent.evaluate(100)
    assert score.found.startswith(f"{by} (2 forms, ")
    assert agent.evaluate(100).found == f"first right: level 0 by {score.found}"
    (again,) = inwit.load(tmp_path / "run", task=task).evaluate(100)
    assert again.found == score.found
    assert again.rows()[0]["found"] == score.found


@pytest.mark.slow
def test_the_count_of_a_search_is_that_of_its_presses(tmp_path):
    task = inwit.task(tools=[ADD, MUL], presses=8, memory=0, once=False)(two_forms)
    agent = inwit.train(task, updates=2, out=tmp_path / "run")
    forms, presses = RunFolder(agent.recipe.out).latest().found["search@0"]
    assert forms == 2
    assert 0 < presses < 20_000


@pytest.mark.slow
def test_a_resumed_run_remembers_who_was_first(tmp_path):
    def stop(report):
        if report.update == 3:
            raise Interrupted(15, "enough")

    options = {"updates": 6, "batch": 64, "seed": 2}
    whole = inwit.train(HELPED, out=tmp_path / "whole", **options)
    with pytest.raises(Interrupted):
        inwit.train(HELPED, out=tmp_path / "cut", report=stop, **options)
    inwit.resume(tmp_path / "cut")
    first, second = (RunFolder(tmp_path / name).latest() for name in ("whole", "cut"))
    assert first.found == second.found != {}
    assert torch.equal(first.tensors["discovered"], second.tensors["discovered"])
    assert "first right" in whole.evaluate(50).found


@pytest.mark.slow
def test_hindsight_and_random_presses_are_named(tmp_path):
    agent = inwit.train("countdown", updates=1, batch=2, out=tmp_path / "count")
    assert set(RunFolder(agent.recipe.out).latest().found) == {"hindsight@3", "hindsight@4"}
    seen = made(double_or_square, sees="operands")
    agent = inwit.train(seen, updates=1, out=tmp_path / "seen")
    assert agent.evaluate(50)[0].found == "random presses (2,048 episodes)"
