"""Wrong arguments of an agent's methods: one line that says what is allowed."""

import pytest

import inwit
from inwit.cli.agents import SHIPPED
from inwit.errors import InwitError

WRONG = [
    (lambda agent: agent.evaluate(0), "0 problems: give a whole number of at least 1"),
    (lambda agent: agent.evaluate("many"), "'many' problems: give a whole number"),
    (lambda agent: agent.evaluate(True), "True problems: give a whole number"),
    (lambda agent: agent.evaluate(10, seed="x"), "--seed x: it must be from 0"),
    (lambda agent: agent.evaluate(10, seed=-1), "--seed -1: it must be from 0"),
    (lambda agent: agent.trace(1, problems=0), "0 problems: give a whole number of at least 1"),
    (lambda agent: agent.trace("first"), "level 'first' is not a whole number"),
    (lambda agent: agent.certify(2.5), "2.5 problems: give a whole number of at least 1"),
    (lambda agent: agent.solve(23), "23 is not a text"),
    (lambda agent: agent.answer(["3*7"]), "'3\\*7' is not a problem of a file"),
    (lambda agent: agent.evaluate(10, lengths=[1, 2, 1]), "lengths .*: 1 is there twice"),
    (lambda _: inwit.load(3), "3 is not a run folder"),
    (lambda _: inwit.Agent.from_pretrained(None), "None is not a run folder"),
    (lambda _: inwit.resume(b"runs/0"), "b'runs/0' is not a run folder"),
    (lambda _: inwit.train(report=3), "report 3: give a function"),
    (lambda _: inwit.resume("runs/0", report="on"), "report 'on': give a function"),
]


@pytest.mark.parametrize(("call", "words"), WRONG)
def test_a_wrong_argument_is_one_line(call, words):
    with pytest.raises(InwitError, match=words):
        call(inwit.load(SHIPPED))
