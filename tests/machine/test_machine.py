from dataclasses import replace
from math import inf, nan
from random import Random

import pytest
import torch

from inwit.errors import InvalidOption
from inwit.machine.machine import Machine
from inwit.machine.rules import Rules, Symbol
from inwit.machine.tables import packed
from inwit.tools import ADD, DIV, FAULT, MUL, NEG, SUB, Tool
from tests.reference import Calculator
from tests.tiers import few_fast

FMA = Tool(name="FMA", arity=3, function=lambda a, b, c: a * b + c)
ARITHMETIC = (ADD, SUB, MUL, DIV)
VALUES = (0.0, 1.0, 2.0, -3.0, 7.0, 0.25, 1e200, nan)
KINDS = {
    "number": Symbol.NUMBER,
    "operator": Symbol.OPERATOR,
    "(": Symbol.OPEN,
    ")": Symbol.CLOSE,
    "end": Symbol.END,
}


def press(machine, state, program):
    for key in machine.vocabulary.encode(program):
        state = machine.press(state, torch.full((len(state.depth),), key))
    return state


def fresh(tools, values, depth=3, once=False):
    machine = Machine(Rules(tools=tools, operands=len(values), once=once))
    return machine, machine.reset(torch.tensor([values], dtype=torch.double), depth=depth)


def run(program, values, tools=(*ARITHMETIC, NEG, FMA), **rules):
    machine, state = fresh(tools, values, **rules)
    return press(machine, state, program)


def code(legal):
    """Legal keys as one number: bit k for key k."""
    return (legal.long() << torch.arange(legal.shape[1])).sum(1)


def noisy_play(machine, state, presses, generator):
    """Play that is legal three times out of four: what was pressed, and what was seen after it."""
    names, seen = machine.vocabulary.names, []
    for _ in range(presses):
        legal = machine.members(state.legal)
        legal = legal | ~legal.any(1, keepdim=True)
        wild = torch.rand(len(legal), 1, generator=generator) < 0.25
        weight = (legal | wild).float()
        # Some presses are rarer than their share, so that frames and tools pile up before `ANS`.
        weight[:, machine.vocabulary["ANS"]] *= 0.2
        weight[:, : machine.rules.operands] *= 2 / max(1, machine.rules.operands)
        key = torch.multinomial(weight, 1, generator=generator)[:, 0]
        state = machine.press(state, key)
        row = (key.double(), state.frame.accumulator, state.frame.pending.double())
        row += (
            state.depth.double(),
            state.answered.double(),
            code(machine.members(state.legal)).double(),
        )
        seen.append(torch.stack([column.clone() for column in row], 1))
    assert len(names) < 50  # the code of the legal keys is exact in float64
    return state, torch.stack(seen, 1)  # (B, T, 6)


def replay(calculator, keys, vocabulary):
    """The same presses in the reference."""
    numbers, names = vocabulary.numbers, vocabulary.names
    tools = {name: float(number) for number, name in enumerate(calculator.tools)} | {None: -1.0}
    bits = {name: 1 << number for name, number in numbers.items()}
    rows = []
    for key in keys:
        calculator.press(names[int(key)])
        legal = float(sum(bits[name] for name in calculator.legal()))
        frame = calculator.frame
        shown = (calculator.accumulator, tools[frame[1]], float(len(calculator.memory)))
        rows.append((key, *shown, float(calculator.answered), legal))
    return rows


def same_memory(machine, state, calculators):
    tools = machine.vocabulary.tools
    for row, calculator in enumerate(calculators):
        for place, (values, tool, ran) in enumerate(calculator.memory):
            held = state.memory.values[row, place]
            assert held[~held.isnan()].tolist() == values
            pending = int(state.memory.pending[row, place])
            assert (tools[pending] if pending >= 0 else None) == tool
            assert bool(state.memory.ran[row, place]) == ran


def compare(machine, state, calculators, presses, seed):
    last, seen = noisy_play(machine, state, presses, torch.Generator().manual_seed(seed))
    expected = [
        replay(calculator, keys, machine.vocabulary)
        for calculator, keys in zip(calculators, seen[:, :, 0].tolist(), strict=True)
    ]
    # Exactly, not nearly: the same operations in the same order.
    torch.testing.assert_close(
        seen, torch.tensor(expected, dtype=torch.double), rtol=0, atol=0, equal_nan=True
    )
    same_memory(machine, last, calculators)
    return seen


ADDRESSED = [
    (use, tools, operands, depth)
    for use in ({}, {"once": True}, {"once": True, "allow_unused": True})
    for tools, operands, depth in (
        ((MUL, ADD, SUB), 4, 3),
        ((*ARITHMETIC, NEG), 5, 2),
        ((*ARITHMETIC, NEG, FMA), 6, 4),
        ((FMA, NEG), 7, 1),
    )
]
SEQUENCES = [400, pytest.param(8_500, marks=pytest.mark.nightly)]


@pytest.mark.parametrize("count", SEQUENCES)
@pytest.mark.parametrize(
    ("use", "tools", "operands", "depth"),
    few_fast(ADDRESSED, *range(0, len(ADDRESSED), 2), many=True),
)
def test_addressed_machine_equals_the_reference(use, tools, operands, depth, count):
    machine = Machine(Rules(tools=tools, operands=operands, **use))
    dice = Random(depth)
    problems = [[dice.choice(VALUES) for _ in range(operands)] for _ in range(count)]
    names = [tool.name for tool in tools]
    calculators = [Calculator(names, problem, depth=depth, **use) for problem in problems]
    state = machine.reset(torch.tensor(problems, dtype=torch.double), depth=depth)
    seen = compare(machine, state, calculators, 12, seed=depth)
    assert (seen[:, :, 3].amax(1) > 0).float().mean() > 0.05  # the memory was in use
    assert seen[:, -1, 4].mean() > 0.005  # and some episodes came to an answer


@pytest.mark.parametrize("count", SEQUENCES)
@pytest.mark.parametrize(
    ("tools", "depth"), [(ARITHMETIC, 4), ((ADD, MUL, NEG), 2), ((*ARITHMETIC, FMA), 3)]
)
def test_streamed_machine_equals_the_reference(tools, depth, count):
    machine, dice = Machine(Rules(tools=tools)), Random(depth)
    scripts = [random_script(dice) for _ in range(count * 4 // 3)]
    longest = max(map(len, scripts))
    kinds = [[*script, *["end"] * (longest - len(script))] for script in scripts]
    problems = [[dice.choice(VALUES[:-1]) for _ in script] for script in kinds]
    names = [tool.name for tool in tools]
    calculators = [
        Calculator(names, values, depth=depth, kinds=script)
        for values, script in zip(problems, kinds, strict=True)
    ]
    symbols = torch.tensor([[KINDS[kind] for kind in script] for script in kinds])
    state = machine.reset(torch.tensor(problems, dtype=torch.double), symbols, depth=depth)
    seen = compare(machine, state, calculators, 14, seed=depth)
    assert (seen[:, :, 3].amax(1) > 1).float().mean() > 0.05
    assert seen[:, -1, 4].mean() > 0.02


def random_script(dice):
    """The kinds of the symbols of an expression; one in ten has a symbol of another kind."""

    def part(size):
        if size == 0:
            return ["number"]
        left = dice.randrange(size)
        inner = [*part(left), "operator", *part(size - 1 - left)]
        return ["(", *inner, ")"] if dice.random() < 0.4 else inner

    script = [*part(dice.randrange(1, 5)), "end"]
    if dice.random() < 0.1:
        script[dice.randrange(len(script) - 1)] = dice.choice(["number", "operator", "(", ")"])
    return script


def test_a_program_with_memory():
    assert run("0 MUL 1 ADD 2 SUB STO 3 MUL 4 RCL ANS", [3, 7, 2, 4, 5]).frame.accumulator == 3


@pytest.mark.parametrize(
    ("program", "values"),
    [
        ("0 DIV 1", [1.0, 0.0]),
        ("0 DIV 0", [0.0, 1.0]),
        ("0 MUL 1", [1e308, 10.0]),
        ("0 FMA 1 2", [1e308, 10.0, -1e308]),
        ("0 DIV 1 MUL 1", [1.0, 0.0]),
        ("0 DIV 1 NEG", [1.0, 0.0]),
        ("0 SUB STO 0 DIV 1 RCL", [1.0, 0.0]),
        ("0 DIV 1 STO 0 SUB 0 RCL DIV 1", [1.0, 0.0]),
        ("0 DIV 1 SUB STO 0 DIV 1 RCL", [1.0, 0.0]),
    ],
)
def test_a_fault_is_the_value_and_propagates(program, values):
    state = run(program, values)
    assert state.frame.accumulator.tolist() == [FAULT]
    assert state.frame.pending.tolist() == [-1]


def test_a_fault_can_be_overwritten_where_operands_are_free():
    assert run("0 DIV 1 0 ADD 0 ANS", [4.0, 0.0]).frame.accumulator == 8


def test_a_fault_is_never_an_answer(stages):
    problems = stages.parse("3*7+2")
    fault = torch.tensor([FAULT], dtype=torch.double)
    assert not stages.score(fault, problems)
    for answer in (inf, -inf, nan):
        impossible = replace(problems, answer=torch.tensor([answer], dtype=torch.double))
        assert not stages.score(fault, impossible)
        assert not stages.score(torch.tensor([nan], dtype=torch.double), impossible)


def test_an_illegal_press_changes_nothing():
    machine, state = fresh(ARITHMETIC, [3.0, 4.0, nan], depth=1)
    before = press(machine, state, "0 STO 1 ADD")
    kept = (before.frame, before.depth, before.available, before.legal)
    kept = (*kept, before.memory.values.clone())
    after = press(machine, before, "2 ADD RCL ANS STO CTX EOS SUB 2")
    for old, new in zip(
        kept,
        (after.frame, after.depth, after.available, after.legal, after.memory.values),
        strict=True,
    ):
        pairs = [(old, new)] if isinstance(old, torch.Tensor) else []
        pairs = pairs or [(old.values, new.values), (old.pending, new.pending), (old.ran, new.ran)]
        for left, right in pairs:
            first_frames = (left[:, :1], right[:, :1]) if left.dim() == 3 else (left, right)
            torch.testing.assert_close(*first_frames, rtol=0, atol=0, equal_nan=True)


def legal_names(machine, state):
    return {
        machine.vocabulary.names[key]
        for key in machine.members(state.legal)[0].nonzero()[:, 0].tolist()
    }


def test_operands_are_kept_for_the_tools_set_aside():
    machine, state = fresh((ADD, FMA), [1.0, 2.0, 3.0, 4.0, 5.0], once=True)
    state = press(machine, state, "0 FMA STO 1 ADD 2")  # 3 or 4 is kept for FMA
    assert legal_names(machine, state) == {"ADD", "RCL"}
    state = press(machine, state, "ADD 3")
    assert legal_names(machine, state) == {"RCL"}
    assert press(machine, state, "RCL 4 ANS").frame.accumulator == 1 * (2 + 3 + 4) + 5
    for operands, may_store in ((3, False), (4, True)):
        machine, state = fresh((ADD, FMA), [1.0] * operands, once=True)
        assert ("STO" in legal_names(machine, press(machine, state, "0 FMA"))) == may_store


def test_a_press_in_a_stream_copies_nothing_that_grows_with_the_problem():
    machine, length = Machine(Rules(tools=(ADD,))), 1001
    symbols = [[Symbol.NUMBER, Symbol.OPERATOR] * (length // 2) + [Symbol.NUMBER, Symbol.END]]
    operands = torch.rand(1, length + 1, dtype=torch.double)
    state = machine.reset(operands, torch.tensor(symbols), depth=3)
    after = press(machine, state, "READ ADD READ ADD READ")
    assert after.cursor.item() == 5
    for name in ("operands", "symbols", "available"):
        assert getattr(after, name) is getattr(state, name), name
    assert after.memory.values.data_ptr() == state.memory.values.data_ptr()


@pytest.mark.parametrize("count", [1, 56, 57, 130])
def test_sets_of_many_keys_are_sets(count, generator):
    tools = tuple(replace(ADD, name=f"ADD{number}") for number in range(count))
    machine = Machine(Rules(tools=tools, operands=2))
    keys = torch.rand(50, 3, len(machine.vocabulary), generator=generator) < 0.5
    assert torch.equal(machine.members(packed(keys)), keys)
    state = machine.reset(torch.tensor([[3.0, 4.0]], dtype=torch.double), depth=1)
    assert legal_names(machine, state) == {"0", "1"}
    state = press(machine, state, "0")
    assert legal_names(machine, state) == {"0", "1", "STO", "ANS", *machine.vocabulary.tools}
    assert press(machine, state, f"ADD{count - 1} 1 ANS").frame.accumulator == 7


def test_nothing_happens_after_the_answer():
    state = run("0 ADD 1 ANS MUL 1 STO NEG", [3.0, 4.0])
    assert state.frame.accumulator == 7
    assert state.answered.all()
    assert not state.depth.any()


def test_the_tutorials_eighteen_tokens_in_their_order(stages):
    names = "0 1 2 3 4 5 6 7 8 9 CTX MUL ADD SUB ANS STO RCL EOS"
    assert " ".join(stages.rules.vocabulary.names) == names


@pytest.mark.parametrize("tools", [(), (ADD, MUL, ADD)])
def test_tools_need_names_of_their_own(tools):
    with pytest.raises(InvalidOption, match="tools"):
        Rules(tools=tools, operands=2)
