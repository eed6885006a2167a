from math import isnan

import pytest
import torch

from inwit.environment import Environment
from inwit.evaluation.traces import trace
from inwit.policies import Scripted
from inwit.tasks import Stages
from inwit.tools import show
from tests.reference import Calculator

MEMORY = "0 MUL 1 ADD 2 SUB STO 3 MUL 4 RCL ANS"


def given(environment, problems, program):
    keys = environment.machine.vocabulary.encode(program)
    return Scripted(torch.tensor(keys)[:, None].expand(-1, len(problems)))


def test_a_trace_by_hand(environment, stages):
    problems = stages.parse("3*7+2-4*5")
    (made,) = trace(given(environment, problems, MEMORY), environment, problems)
    shown = [(press.key, press.accumulator, press.pending, press.memory) for press in made.presses]
    assert shown == [
        ("0", 3.0, "", ()),
        ("MUL", 3.0, "MUL 3 _", ()),
        ("1", 21.0, "", ()),
        ("ADD", 21.0, "ADD 21 _", ()),
        ("2", 23.0, "", ()),
        ("SUB", 23.0, "SUB 23 _", ()),
        ("STO", None, "", ("SUB 23 _",)),
        ("3", 4.0, "", ("SUB 23 _",)),
        ("MUL", 4.0, "MUL 4 _", ("SUB 23 _",)),
        ("4", 20.0, "", ("SUB 23 _",)),
        ("RCL", 3.0, "", ()),
        ("ANS", 3.0, "", ()),
    ]
    assert made.keys == MEMORY
    assert made.problem == "(3*7+2)-(4*5)"
    assert (made.answer, made.exact, made.right) == (3.0, 3.0, True)
    assert [press.value for press in made.presses] == [0.0] * 12
    assert all(press.probability == pytest.approx(1) for press in made.presses)


def test_a_wrong_answer_is_told(environment, stages):
    problems = stages.parse("3*7+2")
    program = "0 ADD 1 MUL 2 ANS"
    (made,) = trace(given(environment, problems, program), environment, problems)
    assert (made.answer, made.exact, made.right) == (20.0, 23.0, False)


def test_no_answer_is_none():
    environment = Environment(Stages(once=False))
    problems = environment.task.parse("3*7+2")
    (made,) = trace(given(environment, problems, "0"), environment, problems)
    assert len(made.presses) == environment.limit
    assert (made.answer, made.right) == (None, False)


def frame_text(frame):
    values, tool, _ = frame
    return " ".join([*([tool] if tool else []), *map(show, values), *(["_"] if tool else [])])


@pytest.mark.parametrize("once", [True, False])
def test_traces_are_the_references(once, make_network, generator, draw_mixed):
    environment = Environment(Stages(once=once))
    network, task = make_network(environment), environment.task
    problems = draw_mixed(task, 30, generator)
    for row, made in enumerate(trace(network, environment, problems)):
        depth = task.max_depth(problems)
        calculator = Calculator(
            ["MUL", "ADD", "SUB"], problems.operands[row].tolist(), depth=depth, once=once
        )
        for press in made.presses:
            assert press.key in calculator.legal()
            calculator.press(press.key)
            empty = isnan(calculator.accumulator)
            assert press.accumulator == (None if empty else calculator.accumulator)
            pending = calculator.frame[1] is not None
            assert press.pending == (frame_text(calculator.frame) if pending else "")
            assert press.memory == tuple(map(frame_text, calculator.memory))
            assert 0 < press.probability <= 1
        assert made.right == (calculator.answered and calculator.accumulator == made.exact)
        assert (made.answer is not None) == calculator.answered


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (3.0, "3"),
        (-0.5, "-0.5"),
        (float("inf"), "fault"),
        (1e20, "100000000000000000000"),
        (1e300, "1e+300"),
        (1 / 3, "0.3333333333333333"),
    ],
)
def test_numbers_are_shown_as_people_write_them(value, text):
    assert show(value) == text
