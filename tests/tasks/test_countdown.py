"""Countdown against Python's own arithmetic with fractions, and against the machine."""

from collections import Counter
from contextlib import suppress
from fractions import Fraction
from itertools import permutations, product

import pytest
import torch

from inwit.environment import Environment
from inwit.errors import InvalidOption, InvalidProblem
from inwit.tasks import Countdown, merges
from inwit.tasks.countdown import text_of
from inwit.tasks.pool import is_held_out
from tests.reference import press_keys

OPERATORS = "+-*/"


def written(count):
    """All parenthesised expressions of `count` letters in all orders, as Python text."""

    def trees(letters):
        if len(letters) == 1:
            yield letters[0]
        for cut in range(1, len(letters)):
            for left, right in product(trees(letters[:cut]), trees(letters[cut:])):
                for operator in OPERATORS:
                    yield f"({left}{operator}{right})"

    for order in permutations("abcd"[:count]):
        yield from trees(order)


def reached(numbers):
    """Every value of every expression, by Python's `eval` of fractions."""
    found = set()
    names = dict(zip("abcd", map(Fraction, numbers), strict=False))
    for text in written(len(numbers)):
        try:
            found.add(eval(text, {}, names))
        except ZeroDivisionError:
            continue
    return found


def value_of(expression, numbers):
    """The value of a postfix expression by `eval` of its infix text."""
    stack = []
    for item in expression:
        if isinstance(item, int):
            stack.append(f"Fraction({numbers[item]})")
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(f"({left}{item}{right})")
    return eval(stack[0], {"Fraction": Fraction})


@pytest.mark.parametrize("numbers", [(3, 7, 12), (5, 5, 5), (1, 2, 4, 9), (3, 3, 8, 8)])
def test_the_plans_reach_what_pythons_expressions_reach(numbers):
    values = merges.results(torch.tensor([numbers], dtype=torch.double))[0]
    made = {round(value, 6) for value in values.tolist() if value == value}
    assert made == {round(float(value), 6) for value in reached(numbers)}


@pytest.mark.parametrize(
    ("numbers", "targets"),
    [((3, 7, 12), range(10, 100)), ((3, 3, 8, 8), range(20, 30)), ((6, 6, 6), range(10, 50))],
)
def test_a_target_is_solved_exactly_where_python_reaches_it(numbers, targets):
    possible = reached(numbers)
    for target in targets:
        found = merges.solutions(numbers, target)
        assert bool(found) == (target in possible)
        assert len(set(found)) == len(found)
        for expression in found:
            assert value_of(expression, numbers) == target
            used = [item for item in expression if isinstance(item, int)]
            assert sorted(used) == list(range(len(numbers)))


def sorted_sides(expression):
    """A postfix expression as text in which the order of a sum's or product's sides is fixed."""
    stack = []
    for item in expression:
        if isinstance(item, int):
            stack.append(str(item))
        else:
            right, left = stack.pop(), stack.pop()
            sides = sorted([left, right]) if item in "+*" else [left, right]
            stack.append(f"({sides[0]}{item}{sides[1]})")
    return stack[0]


def postfix_of(text):
    """The postfix form of a fully parenthesised text with the letters a to d."""
    output, operators = [], []
    for character in text:
        if character in OPERATORS:
            operators.append(character)
        elif character == ")":
            output.append(operators.pop())
        elif character != "(":
            output.append("abcd".index(character))
    return output


def test_all_solutions_are_found():
    """With different numbers, up to the order of the sides of a sum or product."""
    numbers, target, expected = (2, 5, 9, 14), 24, set()
    names = dict(zip("abcd", map(Fraction, numbers), strict=True))
    for text in written(4):
        with suppress(ZeroDivisionError):
            if eval(text, {}, names) == target:
                expected.add(sorted_sides(postfix_of(text)))
    assert {sorted_sides(each) for each in merges.solutions(numbers, target)} == expected


def test_a_fraction_on_the_way_is_allowed():
    """8 / (3 - 8 / 3) is the only way to 24."""
    found = merges.solutions((3, 3, 8, 8), 24)
    assert found
    assert all("/" in expression for expression in found)
    task = Countdown()
    for expression in found:
        keys = torch.tensor([task.rules.vocabulary.encode(merges.keys(expression))])
        assert press_keys(Environment(task), task.parse("3 3 8 8 -> 24"), keys).all()


@pytest.mark.parametrize("level", [3, 4])
@pytest.mark.parametrize("held_out", [False, True])
def test_problems_are_solvable_sorted_in_range_and_of_their_part(level, held_out):
    task, generator = Countdown(), torch.Generator().manual_seed(1)
    problems = task.sample(torch.full((60,), level), generator, held_out=held_out)
    for row in range(60):
        numbers = [int(each) for each in problems.operands[row, :level].tolist()]
        target = int(problems.answer[row])
        assert numbers == sorted(numbers)
        assert set(numbers) <= set(range(1, 100))
        assert 10 <= target <= 99
        assert Fraction(target) in (reached(numbers) if level == 3 else {Fraction(target)})
        assert merges.solutions(numbers, target)
        assert is_held_out(text_of(numbers, target)) == held_out
        assert task.describe(problems, row) == text_of(numbers, target)


@pytest.mark.slow
def test_every_solvable_problem_of_three_numbers_is_equally_likely():
    """By how many targets their numbers reach: as often as that among all problems."""
    generator = torch.Generator().manual_seed(2)
    problems = Countdown().sample(torch.full((2000,), 3), generator)
    numbers = torch.randint(1, 100, (10_000, 3), generator=generator).double()
    values = merges.results(numbers)
    targets = torch.stack([(values - goal).abs().lt(1e-9).any(1) for goal in range(10, 100)], 1)
    weight = targets.double().sum(0) / targets.sum()
    drawn = torch.bincount(problems.answer.long() - 10, minlength=90).double() / 2000
    for part in torch.arange(90).split(15):
        assert abs(float(drawn[part].sum() - weight[part].sum())) < 0.03


def test_five_and_six_numbers_only_where_there_are_keys():
    task = Countdown(most=6)
    level = torch.tensor([5, 6, 3, 6])
    problems = task.sample(level, torch.Generator().manual_seed(0))
    environment = Environment(task)
    environment.reset(problems)
    for key in problems.oracle.T:
        environment.press(key)
    assert environment.right.all()
    assert task.levels == range(3, 5)
    with pytest.raises(InvalidOption, match="--most 6"):
        Countdown().sample(level, torch.Generator())
    assert task.chosen_levels([3, 6]) == (3, 6)  # to be scored on
    with pytest.raises(InvalidOption, match="--most 6"):
        Countdown().chosen_levels([5])


def test_the_form_of_stream_of_search():
    task = Countdown(rule="stream-of-search")
    assert task.levels == range(4, 5)
    assert task.targets[-1] == 100
    problems = task.sample(torch.full((2000,), 4), torch.Generator().manual_seed(0))
    assert problems.answer.max() == 100
    assert problems.answer.min() == 10


def test_a_typed_problem():
    task = Countdown()
    problems = task.parse("8 4, 7 8 -> 24")
    assert task.describe(problems, 0) == "4 7 8 8 -> 24"
    assert not task.note("4 7 8 8 -> 24")
    assert "no expression" in task.note("1 1 1 -> 99")
    drawn = task.sample(torch.tensor([3, 4]), torch.Generator().manual_seed(5))
    for row in range(2):
        again = task.parse(task.describe(drawn, row))
        assert again.symbols[0].tolist() == [each for each in drawn.symbols[row] if each >= 0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("24", "not a problem such as"),
        ("4 7 -> 24", "2 numbers: 3 to 4"),
        ("1 2 3 4 5 -> 24", "5 numbers: 3 to 4"),
        ("4 7 100 -> 24", "100 is not one"),
        ("4 7 8 -> 101", "101 is not one of the targets"),
    ],
)
def test_other_texts_are_refused(text, why):
    with pytest.raises(InvalidProblem, match=why):
        Countdown().parse(text)


def test_what_is_seen_is_what_is_left():
    """Numbers, target, display, frames: each standard encoding is that of the reference's value."""
    task = Countdown(waves=False)
    environment = Environment(task)
    _, seen = environment.reset(task.parse("3 5 20 60 -> 12"))
    width, empty = 24, -3

    def flags(observation):
        values = observation.values[0, : 8 * width].view(8, width)
        return [int(each) for each in values[:, empty]], values[:, 1].mul(
            4
        ).expm1().round().tolist()

    assert flags(seen) == ([0, 0, 0, 0, 0, 1, 1, 1], [3, 5, 20, 60, 12, 0, 0, 0])
    for keys, left, values in (
        ("3 SUB", [0, 0, 0, 1, 0, 0, 1, 1], [3, 5, 20, 0, 12, 60, 0, 0]),
        ("STO 1", [0, 0, 1, 1, 0, 0, 0, 1], [3, 20, 0, 0, 12, 5, 60, 0]),
        ("MUL STO", [0, 0, 1, 1, 0, 1, 0, 0], [3, 20, 0, 0, 12, 0, 5, 60]),
    ):
        for key in task.rules.vocabulary.encode(keys):
            seen = environment.press(torch.tensor([key]))[0]
        assert flags(seen) == (left, values)
    pending = seen.values[0, 8 * width :].view(3, 5).argmax(1)
    assert pending.tolist() == [0, 3, 2]  # none, MUL, SUB


def test_blind_nothing_is_seen_but_the_prompt():
    task = Countdown(blind=True, waves=False)
    environment = Environment(task)
    prompt, seen = environment.reset(task.parse("3 5 20 60 -> 12"))
    assert seen.values.shape == (1, 0)
    assert prompt.values.shape == (1, 5, 24)
    assert prompt.values[0, :, 1].mul(4).expm1().round().tolist() == [3, 5, 20, 60, 12]


def test_no_two_sets_of_numbers_dominate_a_batch():
    problems = Countdown().sample(torch.full((500,), 4), torch.Generator().manual_seed(0))
    often = Counter(tuple(row) for row in problems.operands[:, :4].tolist())
    assert max(often.values()) < 25
