"""The recipe of a task of one's own follows from four measurements, unless the user has chosen."""

import random

import pytest

import inwit
from inwit.learners import A2C, PPO
from inwit.recipes import own_task, stages
from inwit.training.choosing import choose, settled
from inwit.training.limits import BUDGET
from tests.training.test_discoveries import two_forms
from tests.training.test_limits import impossible, made, products, sums


@pytest.fixture(autouse=True)
def long_enough_searches(monkeypatch):
    monkeypatch.setattr("inwit.training.limits.BUDGET", [presses // 10 for presses in BUDGET])


def by_size(share):
    """Large amounts are squared, others are doubled; this share of them is large."""

    def by_size(draw: random.Random) -> inwit.Problem:
        a = draw.randint(100, 999) if draw.random() < share else draw.randint(3, 99)
        return inwit.Problem(prompt="{0}", operands=(a,), answer=a * a if a > 99 else a + a)

    return by_size


def chosen(task):
    return choose(own_task(task), task)


@pytest.mark.slow
def test_where_one_program_serves_a_form_it_is_replayed():
    choice = chosen(made(products))
    assert isinstance(choice.recipe.learner, A2C)
    assert choice.recipe.replay.until == 1
    assert str(choice).startswith(
        "recipe: a search, then replay of its programs: the agent sees no values, one program "
        "serves all problems of a form, programs have 10 keys, random presses solve "
    )


@pytest.mark.slow
def test_an_agent_that_need_not_look_imitates_too(tmp_path):
    task = made(two_forms, sees="operands")
    choice = chosen(task)
    assert choice.shared
    assert isinstance(choice.recipe.learner, A2C)
    agent = inwit.train(task, out=tmp_path / "run")
    assert agent.evaluate(300)[0].agent.accuracy == 1
    assert "the search (" in agent.evaluate(50)[0].found


@pytest.mark.parametrize("share", [0.5, 0.02])
def test_where_keys_depend_on_what_is_seen_ppo_learns(share):
    choice = chosen(made(by_size(share), sees="operands"))
    assert not choice.shared
    assert isinstance(choice.recipe.learner, PPO)
    assert "PPO" in str(choice)


@pytest.mark.slow
def test_how_rare_rewards_are_is_measured():
    often, never = chosen(made(sums)), chosen(made(impossible))
    assert 0 < often.chance < 1
    assert never.chance == 0
    assert str(never).endswith("random presses solve none of the hardest level")
    assert "no program was found" in str(never)


@pytest.mark.slow
def test_what_the_user_has_changed_stands():
    task = made(two_forms, sees="operands")
    recipe = own_task(task).but(**{"learner.clip": 0.1})
    choice = choose(recipe, task)
    assert choice.recipe.learner == recipe.learner
    assert str(choice).startswith("recipe: as stated: ")
    kept = own_task(task).but(seed=3, updates=7, search=10)
    assert not choose(kept, task).stated
    assert choose(kept, task).recipe.updates == 7


def test_what_was_chosen_is_chosen_again():
    first = settled(own_task(made(two_forms, sees="operands")))
    assert settled(first) == first


def test_tools_that_may_answer_differently_leave_no_search():
    @inwit.tool(cached=False)
    def same(value: float) -> float:
        return value

    choice = chosen(inwit.task(tools=[same])(sums))
    assert str(choice).startswith("recipe: A2C without a search: the agent sees no values, random")


def test_other_recipes_stay_as_they_are():
    recipe = stages()
    assert settled(recipe) is recipe
