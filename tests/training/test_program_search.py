"""The search by what programs compute, beside brute force over all key sequences."""

import math
import random
from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
import torch

import inwit
from inwit.environment import Environment
from inwit.learners import Replay, ReplayBuffer
from inwit.recipes import RECIPES
from inwit.tasks import Stages
from inwit.training.program_search import ProgramSearch, solved_at_random
from tests.reference import Calculator

NEAR = 1e-9


def searched(task, presses, *, masks=False, seed=0):
    environment = Environment(task, masks=masks)
    search = ProgramSearch(environment, torch.Generator().manual_seed(seed))
    for _ in search.run(presses):
        pass
    return search


def answer(tools, operands, keys, depth):
    """What the reference interpreter answers; keys that mean nothing are passed over."""
    machine = Calculator(tools, operands, depth=depth)
    for key in keys:
        if key in machine.legal():
            machine.press(key)
    return machine.accumulator if machine.answered else math.nan


@inwit.task(tools=[inwit.tools.ADD, inwit.tools.MUL], presses=10, memory=1)
def two_forms(draw: random.Random) -> inwit.Problem:
    a, b, c, d = (draw.randint(2, 99) for _ in range(4))
    if draw.random() < 0.5:
        return inwit.Problem(prompt="sum of {0} and {1}", operands=(a, b), answer=a + b)
    products = a * b + c * d
    return inwit.Problem(
        prompt="{0} by {1}, {2} by {3}", operands=(a, b, c, d), answer=products, level=1
    )


@inwit.tool
def half(value: float) -> float:
    """Half of a value."""
    return value / 2


@inwit.tool
def triple(value: float) -> float:
    """Three times a value."""
    return 3 * value


@inwit.task(
    tools=[half, triple],
    presses=4,
    shown=["even", "odd"],
    display=lambda value: "odd" if value % 2 else "even",
)
def by_parity(draw: random.Random) -> inwit.Problem:
    value = draw.randint(1, 500)
    return inwit.Problem(
        prompt="go on from {0}", operands=(value,), answer=triple(value) if value % 2 else value / 2
    )


@inwit.tool
def later(day: date, days: int) -> date:
    """A day some days later."""
    return day + timedelta(days=days)


@inwit.tool
def weekday(day: date) -> str:
    """Its day of the week."""
    return f"{day:%A}"


@inwit.task(tools=[later, weekday], presses=8)
def days(draw: random.Random) -> inwit.Problem:
    day, count = date(2024, 1, 1) + timedelta(days=draw.randrange(900)), draw.randint(2, 300)
    answer = weekday(later(day, count))
    return inwit.Problem(prompt="{1} days after {0}", operands=(day, count), answer=answer)


@inwit.task(tools=[inwit.tools.ADD], presses=6)
def impossible(draw: random.Random) -> inwit.Problem:
    a, b = draw.randint(2, 999), draw.randint(2, 999)
    return inwit.Problem(prompt="{0} {1}", operands=(a, b), answer=a * b + 0.5)


@pytest.mark.slow
def test_the_programs_of_the_stages_are_right_on_problems_that_were_held_out():
    task = Stages(once=False)
    search = searched(task, 8_000_000)
    assert search.solved == len(search.forms) == 3
    names = search.environment.machine.vocabulary.names
    tools = [tool.name for tool in task.rules.tools]
    for form in search.forms:
        level = form.problems.level[:50]
        problems = task.sample(level, torch.Generator().manual_seed(1), held_out=True)
        keys = [names[key] for key in form.programs[0]]
        for operands, truth in zip(problems.operands.tolist(), problems.answer, strict=True):
            got = answer(tools, operands, keys, task.max_depth(problems))
            assert got == pytest.approx(float(truth), abs=NEAR)


@pytest.mark.parametrize("masks", [True, False])
def test_what_is_found_is_as_short_as_the_best_of_all_key_sequences(masks):
    """Brute force over every sequence of keys, without the tensors."""
    search = searched(two_forms, 4_000_000, masks=masks)
    assert search.solved == 2
    names = search.environment.machine.vocabulary.names
    for form in search.forms[:1]:
        few, length = form.few, len(form.programs[0])
        rows = [(few.operands[row].tolist(), float(few.answer[row])) for row in range(len(few))]
        keys = ["0", "1", "ADD", "MUL", "STO", "RCL", "ANS"]

        def right(program, rows=rows):
            return all(
                abs(answer(["ADD", "MUL"], operands, program, 1) - truth) < NEAR
                for operands, truth in rows
            )

        assert right([names[key] for key in form.programs[0]])
        shorter = (each for size in range(1, length) for each in product(keys, repeat=size))
        assert not any(map(right, shorter))


def test_an_operand_that_one_form_lacks_is_tried_in_another():
    search = searched(two_forms, 4_000_000)
    (program,) = (form.programs[0] for form in search.forms if int(form.problems.level[0]) == 1)
    names = search.environment.machine.vocabulary.names
    assert {"0", "1", "2", "3", "STO", "RCL"} <= {names[key] for key in program}


@pytest.mark.slow
def test_where_a_choice_depends_on_what_is_seen_problems_are_searched_one_by_one():
    search = searched(by_parity, 400_000)
    assert search.noun == "problems"
    assert search.solved == len(search.forms) > 100
    names = search.environment.machine.vocabulary.names
    for form in search.forms:
        value = float(form.problems.operands[0, 0])
        expected = "TRIPLE" if value % 2 else "HALF"
        assert [names[key] for key in form.programs[0]] == ["0", expected, "ANS"]
    episodes = search.episodes()
    assert episodes.right.all()
    assert len(episodes.problem.unique()) == len(search.forms)


def test_values_that_are_objects_are_distinguished():
    search = searched(days, 400_000)
    (form,) = search.forms
    names = search.environment.machine.vocabulary.names
    assert [names[key] for key in form.programs[0]] == ["0", "LATER", "1", "WEEKDAY", "ANS"]


@pytest.mark.slow
def test_an_impossible_task_is_given_up_before_the_presses_are_spent():
    search = searched(impossible, 10_000_000)
    assert search.solved == 0
    assert search.episodes() is None
    assert search.presses < 1_000_000
    assert "0 of 1 forms" in str(search)
    (form,) = search.impossible
    assert search.why(form).startswith("no program of at most 6 presses and 0 frames in memory")


def test_a_search_stops_when_its_presses_are_spent():
    search = searched(Stages(once=False), 50_000)
    assert search.solved < 3
    assert search.presses < 60_000  # the last programs are tried on further problems


@pytest.mark.slow
def test_the_same_seed_finds_the_same_programs():
    first, second = (searched(two_forms, 500_000, seed=3) for _ in range(2))
    assert [form.programs for form in first.forms] == [form.programs for form in second.forms]
    assert first.presses == second.presses


def test_the_share_of_random_episodes_that_are_right_is_that_of_the_hardest_level():
    environment = Environment(two_forms, masks=True)
    share, played = solved_at_random(environment, torch.Generator().manual_seed(0))
    assert played == 2 * 2048
    assert 0 <= share < 0.01


def test_the_episodes_of_found_programs_are_right():
    search = searched(RECIPES["stages"]().task, 20_000, masks=True)
    solved = [int(form.problems.level[0]) for form in search.forms if form.programs]
    assert 0 < len(solved) < len(search.forms)
    episodes = search.episodes()
    assert episodes.level.unique().tolist() == solved
    assert episodes.right.all()
    assert episodes.reward.sum(0).eq(1).all()


def test_problems_that_look_the_same_are_kept_once_so_that_every_form_is_in_each_replay():
    search = searched(two_forms, 200_000)
    assert all(len(form.problems) > 100 for form in search.forms)
    buffer = ReplayBuffer(Replay())
    buffer.solved = search.episodes()
    assert len(buffer) == len(search.forms) == 2
    generator = torch.Generator().manual_seed(0)
    for _ in range(5):
        assert sorted(buffer.sample(generator).level.tolist()) == [0, 1]


@inwit.task(tools=[inwit.tools.ADD, inwit.tools.MUL], presses=14, memory=1)
def part_of_another(draw: random.Random) -> inwit.Problem:
    a, b, c = (draw.randint(2, 99) for _ in range(3))
    cube = inwit.Problem(prompt="cube of {0} by {1}", operands=(a, b, c), answer=a**3 * b)
    more = a**3 * b + c
    level = draw.randrange(2)
    return replace(cube, prompt="{2} more", answer=more, level=1) if level else cube


def test_a_search_goes_on_from_where_the_program_of_another_form_ends():
    search = searched(part_of_another, 0)
    keys = part_of_another.rules.vocabulary
    cube = tuple(keys.encode("0 MUL 0 MUL 0 MUL 1 ANS"))
    first, second = search.forms
    first.programs = [cube]
    (breadth,) = search._starts(second)
    search._follow(second, breadth, 3_000)
    assert second.programs[0] == (*cube[:-1], *keys.encode("ADD 2 ANS"))
    assert search.presses < 10_000  # the tries on further problems included


@pytest.mark.slow
def test_without_legal_keys_a_key_is_not_given_up_while_operands_are_left():
    """Where each operand is used once, `ANS` means nothing until none is left."""
    search = searched(Stages(once=True), 300_000)
    assert search.solved == len(search.forms) == 3
