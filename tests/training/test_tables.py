"""Tables of what to press by what is shown, beside Python's own loop over the same problem."""

import random

import pytest
import torch

import inwit
from inwit.environment import Environment
from inwit.learners import A2C
from inwit.recipes import own_task
from inwit.training.choosing import choose
from inwit.training.limits import BUDGET
from inwit.training.program_search import ProgramSearch
from inwit.training.tables import TableSearch


@inwit.tool
def halve(n: int) -> int:
    if n % 2:
        raise ValueError("odd")
    return n // 2


@inwit.tool
def triple_plus_one(n: int) -> int:
    return 3 * n + 1


def look(n):
    return "done" if n == 1 else "odd" if n % 2 else "even"


def steps_to_one(n):
    return 0 if n == 1 else 1 + steps_to_one(3 * n + 1 if n % 2 else n // 2)


REACHED = [n for n in range(2, 61) if steps_to_one(n) <= 62]  # 27 takes 111 steps
"""Numbers that 64 presses bring to one: the operand, the steps, `ANS`."""


@inwit.task(tools=[halve, triple_plus_one], shown=["done", "even", "odd"], display=look, presses=64)
def to_one(draw: random.Random) -> inwit.Problem:
    return inwit.Problem(prompt="bring {0} to 1", operands=(draw.choice(REACHED),), answer=1)


def by_hand(n):
    keys = ["0"]
    while n != 1:
        keys.append("TRIPLE_PLUS_ONE" if n % 2 else "HALVE")
        n = 3 * n + 1 if n % 2 else n // 2
    return " ".join([*keys, "ANS"])


@inwit.tool
def more(n: float) -> float:
    return n + 7


@inwit.tool
def less(n: float) -> float:
    return n - 1


@inwit.task(tools=[more, less], shown=["a number"], display=lambda n: "a number")
def six_more(draw: random.Random) -> inwit.Problem:
    n = draw.randint(1, 90)
    return inwit.Problem(prompt="{0}", operands=(n,), answer=n + 6)


def table_search(task):
    search = ProgramSearch(Environment(task), torch.Generator().manual_seed(0))
    (form,) = search.forms
    return form, TableSearch(search.environment, form.problems, frames=0)


def test_a_table_presses_what_a_loop_would():
    form, search = table_search(to_one)
    programs = search.programs(4_000_000)
    vocabulary = search.machine.vocabulary
    for row, program in enumerate(programs):
        assert vocabulary.decode(program) == by_hand(int(form.problems.operands[row, 0]))
    assert len(programs) == 256
    assert 0 < search.presses < 2_000_000


def test_a_table_that_no_budget_finds_is_none():
    assert table_search(to_one)[1].programs(100) == []


def test_the_last_key_is_looked_at_where_the_display_is_not_enough():
    _, search = table_search(six_more)
    table = search.find(4_000_000)
    assert len(table) == search.displays * len(search.vocabulary)


@pytest.mark.slow
def test_nothing_is_found_where_the_display_does_not_tell():
    def hidden(draw: random.Random) -> inwit.Problem:
        n = draw.randint(2, 60)
        return inwit.Problem(prompt="{0}", operands=(n,), answer=n + 7 if n % 3 else n + 14)

    task = inwit.task(tools=[more], shown=["a number"], display=lambda n: "a number")(hidden)
    assert table_search(task)[1].programs(200_000) == []


@pytest.mark.slow
def test_forms_with_a_program_need_no_table_and_stay_beside_those_with_one():
    def said(draw: random.Random) -> inwit.Problem:
        n = draw.choice(REACHED)
        if draw.random() < 0.3:
            prompt = "three times {0} and 1"
            return inwit.Problem(prompt=prompt, operands=(n,), answer=3 * n + 1)
        return inwit.Problem(prompt="bring {0} to 1", operands=(n,), answer=1, level=1)

    shown = {"shown": ["done", "even", "odd"], "display": look, "presses": 64, "memory": 0}
    task = inwit.task(tools=[halve, triple_plus_one], once=False, **shown)(said)
    search = ProgramSearch(Environment(task), torch.Generator().manual_seed(0))
    assert [int(form.problems.level[0]) for form in search.forms] == [0, 1]
    for _ in search.run(4_000_000):
        pass
    assert (search.tables, search.solved) == (1, len(search.forms))
    (plain,) = [form for form in search.forms if int(form.problems.level[0]) == 0]
    names = search.environment.machine.vocabulary
    assert names.decode(list(plain.programs[0])) == "0 TRIPLE_PLUS_ONE ANS"


@pytest.mark.slow
def test_a_task_that_branches_is_learnt_from_a_table(monkeypatch, tmp_path):
    monkeypatch.setattr("inwit.training.limits.BUDGET", BUDGET)
    choice = choose(own_task(to_one), to_one)
    assert isinstance(choice.recipe.learner, A2C)
    assert "the key depends on what is shown and on the last key alone" in str(choice)


@pytest.mark.nightly
@pytest.mark.learning
def test_numbers_that_were_held_out_are_brought_to_one(tmp_path):
    agent = inwit.train(to_one, out=tmp_path / "run")
    assert agent.evaluate(300)[0].agent.accuracy >= 0.95
