from dataclasses import replace
from random import Random

import pytest
import torch

from inwit.environment import Environment
from inwit.errors import InvalidOption, InvalidProblem, UnknownName
from inwit.tasks import Expressions, ExpressionsPrompt
from inwit.tasks.pool import is_held_out
from inwit.tasks.structures import _grow, structure
from inwit.tools import FAULT
from tests.reference import press_keys
from tests.tiers import few_fast


def draw(task, levels, seed=0):
    """Held-out problems: they are drawn one by one, and need no pool."""
    generator = torch.Generator().manual_seed(seed)
    return task.sample(torch.tensor(levels), generator, held_out=True)


@pytest.mark.parametrize("kind", [Expressions, ExpressionsPrompt])
def test_a_structure_keeps_its_identity_from_batch_to_batch(kind):
    task = kind()
    alone = draw(task, [1] * 100)
    beside = draw(task, [1, 4] * 100, seed=1)  # the prompts are padded further
    assert beside.symbols.shape[1] > alone.symbols.shape[1]
    assert set(beside.identity[::2].tolist()) == set(alone.identity.tolist())
    assert len(alone.identity.unique()) == 3  # n+n, n-n, n*n


def test_an_operator_without_a_tool_is_told_with_those_that_have_one():
    with pytest.raises(UnknownName, match=r"operator '%'.*\*, \+, -, /"):
        Expressions(operators="+%")
    with pytest.raises(InvalidOption, match="drawn"):
        Expressions(operators="+-", drawn="*")
    # Symbols: a number, then the operators.
    minus = draw(Expressions(operators="+-", drawn="-"), [2] * 20)
    assert not (minus.symbols == 1).any()
    assert (minus.symbols == 2).any(1).all()


def test_as_a_prompt_there_must_be_a_key_for_every_operand():
    most = ExpressionsPrompt(numbers="digits").operands - 1
    task = ExpressionsPrompt(numbers="digits", largest=most)
    assert len(draw(task, [most] * 5)) == 5
    with pytest.raises(InvalidOption, match=f"--largest {most + 1}.*at most {most}"):
        replace(task, largest=most + 1)
    assert Expressions(largest=most + 1).levels[-1] == most + 1  # a stream has no operand keys


def test_numbers_are_read_in_double_precision():
    problems = Expressions().parse("16777217*0.1-0")
    assert problems.answer.item() == 1677721.7
    assert sorted(set(problems.operands[~problems.operands.isnan()].tolist())) == [0, 0.1, 16777217]


@pytest.mark.parametrize("kind", [Expressions, ExpressionsPrompt])
@pytest.mark.parametrize("operators", ["+-*/", "/"])
def test_nothing_drawn_divides_by_zero(kind, operators):
    task = kind(operators=operators, numbers="digits")
    problems = draw(task, [1, 2, 3, 4] * 100)
    assert problems.answer.isfinite().all()
    assert press_keys(Environment(task), problems, problems.oracle).all()


def test_what_cannot_but_divide_by_zero_has_no_answer():
    task = Expressions(operators="+/", drawn="/", numbers="zeros")
    problems = draw(task, [1, 2, 3] * 5)
    assert (problems.answer == FAULT).all()
    assert not press_keys(Environment(task), problems, problems.oracle).any()


@pytest.mark.slow
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("count", [400, 3000])
def test_a_value_that_outgrows_float64_is_refused_shortly(sign, count):
    with pytest.raises(InvalidProblem, match="too large") as raised:
        Expressions().parse(sign + "*".join(["9"] * count))
    assert len(str(raised.value).splitlines()) == 1
    assert Expressions().parse("*".join(["9"] * 300)).answer.item() == float(9**300)


def test_many_operations_are_right_to_the_digit(environment):
    task = Expressions().at_length(100)
    problems = draw(task, [100] * 5)
    assert press_keys(environment.on(task), problems, problems.oracle).all()


@pytest.mark.parametrize("shape", ["any", "left", "right"])
@pytest.mark.parametrize("operators", few_fast(["-", "+", "*/", "+-"], 0, 2))
def test_structures_are_held_out_wherever_there_are_several(shape, operators):
    """Of all structures, listed here by drawing many, some are held out, or none can be."""
    task = Expressions(operators=operators, shape=shape, largest=4)
    for level in task.levels:
        drawn = Random(level)
        every = {_grow(task.grammar, level, drawn) for _ in range(3000)}
        parts = [{text for text in every if is_held_out(text) == apart} for apart in (False, True)]
        shared = level < 3 or not all(parts)
        assert task.is_shared(level) == shared
        for apart, part in zip((False, True), parts, strict=True):
            asked = {structure(task.grammar, level, drawn, apart) for _ in range(20)}
            assert asked <= (every if shared else part)
