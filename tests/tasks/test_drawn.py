import random
from dataclasses import replace
from datetime import date

import pytest
import torch

import inwit
from inwit.environment import Environment
from inwit.errors import InvalidOption, InvalidProblem, UnknownName
from inwit.tools import ADD, MUL


@inwit.tool
def shout(text: str) -> str:
    """In capitals."""
    return text.upper()


@inwit.task(tools=[ADD, MUL, shout], presses=6, memory=1)
def small(draw: random.Random) -> inwit.Problem:
    if draw.random() < 0.5:
        one, other = draw.randrange(50), draw.randrange(50)
        prompt, answer, oracle = draw.choice(
            [
                ("add {0} and {1}", one + other, "0 ADD 1 ANS"),
                ("multiply {0} and {1}", one * other, "0 MUL 1 ANS"),
            ]
        )
        return inwit.Problem(prompt=prompt, operands=(one, other), answer=answer, oracle=oracle)
    word = "".join(draw.choices("abc", k=4))
    return inwit.Problem(
        prompt="shout {0}", operands=(word,), answer=word.upper(), level=1, oracle="0 SHOUT ANS"
    )


def draw(task, level, count=200, seed=0, *, held_out=False):
    generator = torch.Generator().manual_seed(seed)
    return task.sample(torch.full((count,), level), generator, held_out=held_out)


@pytest.mark.parametrize("held_out", [False, True])
def test_problems_are_those_that_the_function_drew(held_out):
    problems = draw(small, 0, held_out=held_out)
    for row in range(len(problems)):
        words = small.describe(problems, row).split()
        one, other = int(words[1]), int(words[3])
        expected = one + other if words[0] == "add" else one * other
        assert float(problems.answer[row]) == expected
    for row in range(50):
        problem = small.problem(draw(small, 1), row)
        assert problem.answer == problem.operands[0].upper()
        assert problem.prompt == "shout {0}"


def test_held_out_problems_are_never_drawn_for_training():
    for level in small.levels:
        parts = [
            {(each.prompt, each.operands) for each in small.pool if each.level == level},
            *(
                {
                    (problem.prompt, problem.operands)
                    for problems in [draw(small, level, 4000, held_out=held_out)]
                    for problem in (small.problem(problems, row) for row in range(4000))
                }
                for held_out in (False, True)
            ),
        ]
        assert not parts[1] & parts[2]
        assert parts[1] | parts[2] <= parts[0]
        assert 0.1 < len(parts[2]) / len(parts[0]) < 0.3


def test_the_pool_is_the_same_in_every_run():
    again = replace(small)
    assert again.pool == small.pool
    assert again.symbols == small.symbols


def test_oracles_are_right_and_operands_are_seen_as_places():
    assert small.symbols[:2] == ("{0}", "{1}")
    for level in small.levels:
        environment = Environment(small)
        problems = draw(small, level)
        environment.reset(problems)
        for key in problems.oracle.T[:6]:
            environment.step(key)
        assert environment.right.all()
    assert small.objects.decode(float(environment.state.frame.accumulator[0])).isupper()


def test_what_a_person_types_is_read_like_a_known_problem():
    problem = small.problem(small.parse("  multiply  12.5 and -4 "), 0)
    assert (problem.prompt, problem.operands) == ("multiply {0} and {1}", (12.5, -4.0))
    assert problem.answer != problem.answer  # nobody knows it
    assert small.problem(small.parse("shout hello there"), 0).operands == ("hello there",)


@pytest.mark.parametrize("text", ["", "divide 3 and 4", "add 3 and x", "add 3 and 4 and 5"])
def test_what_is_like_no_problem_is_refused(text):
    with pytest.raises(InvalidProblem, match="like none of the 3 prompts"):
        small.parse(text)


def test_dates_can_be_typed():
    @inwit.task(tools=[ADD])
    def days(source: random.Random) -> inwit.Problem:
        day = date.fromordinal(700_000 + source.randrange(9999))
        return inwit.Problem(prompt="the day {0}", operands=(day,), answer=day)

    assert days.problem(days.parse("the day 2026-11-22"), 0).operands == (date(2026, 11, 22),)
    with pytest.raises(InvalidProblem, match="'today' cannot be read as a date"):
        days.parse("the day today")


def task_of(problem, **options):
    """A task that draws one problem again and again."""
    return inwit.task(tools=[ADD], **options)(lambda source: problem)


GOOD = {"prompt": "say {0}", "operands": (1,), "answer": 1}


@pytest.mark.parametrize(
    ("problem", "why"),
    [
        ("text", "it returned a str, not an inwit.Problem"),
        (inwit.Problem(**GOOD | {"operands": ()}), "needs at least one operand"),
        (inwit.Problem(**GOOD | {"answer": None}), "and an answer"),
        (inwit.Problem(**GOOD | {"prompt": "say {1}"}), "has no operand 1: it has 1"),
        (inwit.Problem(**GOOD | {"operands": ([1],)}), "the list \\[1\\] cannot be hashed"),
        (inwit.Problem(**GOOD | {"answer": float("nan")}), "must be finite"),
        (inwit.Problem(**GOOD | {"level": 2}), "levels must be consecutive from 0; got \\[2\\]"),
        (inwit.Problem(**GOOD), "it draws too few different ones"),
    ],
)
def test_what_is_no_problem_is_refused(problem, why):
    with pytest.raises(InvalidOption, match=why):
        draw(task_of(problem), 0)


def test_a_function_that_fails_is_told():
    @inwit.task(tools=[ADD])
    def broken(source: random.Random) -> inwit.Problem:
        return 1 / 0

    with pytest.raises(InvalidOption, match="task 'broken' drew no problem: ZeroDivisionError"):
        _ = broken.pool


@pytest.mark.parametrize(
    "options", [{"presses": 0}, {"memory": -1}, {"tolerance": -1.0}, {"shown": ["a"]}]
)
def test_options_out_of_range_are_refused(options):
    with pytest.raises(InvalidOption, match=r"at least|give both shown and display"):
        task_of(inwit.Problem(**GOOD), **options)


def test_a_verifier_of_the_users_is_asked_and_its_failure_is_a_wrong_answer():
    def near(answer, problem):
        return abs(answer - problem.answer) <= len(problem.operands)

    task = replace(small, verify=near)
    problems = draw(task, 0)
    assert task.score(problems.answer + 2, problems).all()
    assert not task.score(problems.answer + 3, problems).any()
    assert not task.score(torch.full((200,), torch.nan).double(), problems).any()
    words = draw(task, 1)
    assert not task.score(torch.ones(200).double(), words).any()  # a number less a text


def test_what_is_on_the_display_is_seen():
    task = replace(
        small, shown=("low", "high"), display=lambda value: "high" if value > 49 else "low"
    )
    environment = Environment(task)
    assert environment.observation_sizes == (4,)
    problems = draw(task, 0)
    _, observation = environment.reset(problems)
    assert (observation.seen == 0).all()  # empty
    for key in problems.oracle.T[:3]:
        seen = environment.step(key).observation.seen
    assert seen[:, 0].tolist() == [3 if answer > 49 else 2 for answer in problems.answer.tolist()]
    with pytest.raises(UnknownName, match=r"unknown display of task 'small' 'hihg'.*'high'"):
        replace(task, display=lambda value: "hihg").observe(torch.ones(1).double())
    with pytest.raises(InvalidOption, match=r"display of task 'small' failed on the float 1\.0"):
        replace(task, display=lambda value: 1 / 0).observe(torch.ones(1).double())


def test_problems_that_may_show_something_else_are_not_alike():
    task = replace(small, shown=("any",), display=lambda value: "any")
    problems = draw(small, 0)
    pairs = {(row[0], row[2]) for row in (small.describe(problems, i).split() for i in range(200))}
    assert len(small.identity(problems).unique()) == 2  # two prompts
    assert len(task.identity(problems).unique()) >= len(pairs)


def test_a_failed_call_costs_what_it_is_said_to():
    task = inwit.task(tools=[shout], presses=4)(
        lambda source: inwit.Problem(
            prompt="shout {0}", operands=(source.randrange(99),), answer="A", oracle="0 ANS"
        )
    )
    environment = Environment(task, fault_cost=0.25)
    environment.reset(draw(task, 0, 3))
    keys = task.rules.vocabulary
    rewards = [
        environment.step(torch.full((3,), keys[name])).reward.tolist()
        for name in ("0", "SHOUT", "SHOUT", "ANS")
    ]
    assert rewards == [
        [0.0] * 3,
        [-0.25] * 3,
        [0.0] * 3,
        [0.0] * 3,
    ]  # a fault is passed on for free
    assert environment.faults.tolist() == [3]
