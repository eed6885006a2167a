"""Whole programs on the machine: every expression can be written, and no episode gets stuck."""

from fractions import Fraction
from math import nan

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inwit.machine.machine import Machine
from inwit.machine.rules import Rules
from inwit.tools import ADD, DIV, FAULT, MUL, NEG, SUB, Tool

FMA = Tool(name="FMA", arity=3, function=lambda a, b, c: a * b + c)
ARITHMETIC = (ADD, SUB, MUL, DIV)
NUMBERS = [3.0, 1.0, -4.0, 0.0, 5.0, 9.0, 2.0, 6.0, 0.5]
LEAVES = st.integers(0, len(NUMBERS) - 1)
OPERATORS = {"ADD": "+", "SUB": "-", "MUL": "*", "DIV": "/"}
TREES = st.recursive(
    LEAVES, lambda part: st.tuples(st.sampled_from(sorted(OPERATORS)), part, part), max_leaves=12
)


def compiled(tree):
    if isinstance(tree, int):
        return [str(tree)]
    name, left, right = tree
    below = compiled(right)
    return [*compiled(left), name, *(below if len(below) == 1 else ["STO", *below, "RCL"])]


def written(tree):
    """The tree as Python's `eval` reads it, with exact numbers."""
    if isinstance(tree, int):
        return f"Fraction({NUMBERS[tree]})"
    return f"({written(tree[1])} {OPERATORS[tree[0]]} {written(tree[2])})"


def exactly(tree):
    try:
        return float(eval(written(tree), {"Fraction": Fraction}))
    except ZeroDivisionError:
        return FAULT


@pytest.mark.slow
@settings(max_examples=60)
@given(st.lists(TREES, min_size=1, max_size=12))
def test_expression_trees_compile_to_keys(trees):
    machine = Machine(Rules(tools=ARITHMETIC, operands=len(NUMBERS)))
    programs = [[*compiled(tree), "ANS"] for tree in trees]
    length = max(map(len, programs))
    keys = [machine.vocabulary.encode(" ".join(program)) for program in programs]
    keys = [program + [machine.vocabulary["EOS"]] * (length - len(program)) for program in keys]
    state = machine.reset(torch.tensor([NUMBERS] * len(trees), dtype=torch.double), depth=12)
    for key in torch.tensor(keys).T:
        state = machine.press(state, key)
    assert state.answered.all()
    assert not state.depth.any()
    exact = torch.tensor([exactly(tree) for tree in trees], dtype=torch.double)
    torch.testing.assert_close(state.frame.accumulator, exact, rtol=1e-9, atol=1e-9)


def play_out(tools, operands, depth, generator):
    """Random legal play with every operand used once, until every episode is answered."""
    machine = Machine(Rules(tools=tools, operands=operands + 1, once=True))
    values = torch.rand(500, operands + 1, generator=generator, dtype=torch.double)
    values[:, -1] = nan  # a key without an operand
    state, presses = machine.reset(values, depth=depth), 0
    while not state.answered.all():
        legal = machine.members(state.legal)
        dead = ~state.answered & ~legal.any(1)
        assert not dead.any(), "nothing is legal, and nothing was answered"
        assert presses < 1000
        weight = legal.float() + state.answered[:, None]
        state = machine.press(state, torch.multinomial(weight, 1, generator=generator)[:, 0])
        presses += 1
    return machine, state


def unused(machine, state):
    """Whether an operand is left."""
    return bool(machine.members(state.available)[:, : machine.rules.operands].any())


@pytest.mark.parametrize("tools", [(MUL, ADD, SUB), (ADD, NEG)])
@pytest.mark.parametrize(("operands", "depth"), [(1, 1), (3, 0), (4, 1), (6, 5)])
def test_once_leaves_no_dead_ends(tools, operands, depth, generator):
    machine, state = play_out(tools, operands, depth, generator)
    assert not unused(machine, state)  # every operand, and once:
    assert not state.depth.any()  # an operand key is legal once, and nothing is left over
    assert (state.frame.pending < 0).all()


@pytest.mark.parametrize("depth", [0, 1, 5])
def test_once_leaves_no_dead_ends_for_tools_of_three_arguments(depth, generator):
    assert not unused(*play_out((ADD, FMA), 5, depth, generator))
