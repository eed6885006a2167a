"""What is said of a task before it is trained on, and what is not."""

import logging
import random

import pytest

import inwit
from inwit.tasks import remarks


@inwit.tool
def add(a: float, b: float) -> float:
    return a + b


def task_of(draw, **options):
    return inwit.task(tools=[add], presses=4, **options)(draw)


def numbers(top):
    def sums(draw: random.Random) -> inwit.Problem:
        a, b = draw.randrange(top), draw.randrange(top)
        return inwit.Problem(prompt="{0} and {1}", operands=(a, b), answer=a + b)

    return sums


def rarely(draw: random.Random) -> inwit.Problem:
    a, b = draw.randrange(1000), draw.randrange(1000)
    prompt = "{0} plus {1}" if draw.random() < 0.01 else "{0} and {1}"
    return inwit.Problem(prompt=prompt, operands=(a, b), answer=a + b)


def double(draw: random.Random) -> inwit.Problem:
    a, b = draw.randrange(60), draw.randrange(60)
    return inwit.Problem(prompt="{0} and {1}", operands=(a, b), answer=draw.choice([a + b, a]))


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(remarks, "FEW", 300)


def test_a_task_with_many_problems_of_one_answer_each_needs_no_remark():
    assert task_of(numbers(1000)).remarks == ()
    assert inwit.tasks.Stages().remarks == ()


def test_problems_that_can_be_learnt_by_heart_are_counted():
    (told,) = task_of(numbers(5)).remarks
    assert told.startswith("only 25 distinct problems in 800 draws")


def test_prompts_that_are_rare_are_named():
    (told,) = task_of(rarely).remarks
    assert told.startswith("1 of 2 prompts have fewer than 20 distinct problems")
    assert "'{0} plus {1}'" in told


def test_problems_with_several_answers_are_named_unless_a_verifier_judges():
    (told,) = task_of(double).remarks
    assert "have several answers, such as" in told
    assert task_of(double, verify=lambda answer, problem: True).remarks == ()


def test_they_are_told_before_training(tmp_path, caplog):
    with caplog.at_level(logging.INFO, logger="inwit"):
        inwit.train(task_of(numbers(5)), updates=1, batch=8, search=0, out=tmp_path / "run")
    assert "note: only 25 distinct problems" in caplog.text


def test_answers_that_differ_by_their_last_digits_are_the_same():
    def nearly(draw: random.Random) -> inwit.Problem:
        a, b = draw.randrange(60), draw.randrange(60)
        answer = (a + b) * (1 + draw.choice([0, 1e-12]))
        return inwit.Problem(prompt="{0} and {1}", operands=(a, b), answer=answer)

    assert task_of(nearly).remarks == ()
