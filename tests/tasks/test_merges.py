"""Plans and their order, against Python's fractions and all plans at once."""

from fractions import Fraction

import pytest
import torch

from inwit.tasks import merges

GENERIC = [(Fraction(7, 3), Fraction(31, 5), Fraction(113, 7), Fraction(409, 11))]
GENERIC.append((Fraction(-19, 2), Fraction(5, 13), Fraction(83, 17), Fraction(-3, 29)))


def plans(count):
    """Every plan as an expression."""
    total = len(merges.results(torch.ones(1, count, dtype=torch.double))[0])
    return [merges.postfix(merges.steps(plan, count), count) for plan in range(total)]


def meaning(expression):
    """What an expression computes of two sets of numbers without a relation between them."""
    return tuple(merges.exact(expression, numbers) for numbers in GENERIC)


@pytest.mark.parametrize("count", [3, 4])
def test_a_random_plan_is_one_of_all_plans(count, generator):
    numbers = torch.randint(1, 9, (500, count), generator=generator).double()
    made, plan = merges.random_plans(numbers, generator)
    every = merges.results(numbers)
    assert torch.equal(made.nan_to_num(nan=-1e9), every[torch.arange(500), plan].nan_to_num(-1e9))
    assert made.isnan().any()  # divisions by zero are among them
    assert len(plan.unique()) > 90


@pytest.mark.parametrize("count", [3, 4])
def test_order_changes_no_meaning(count):
    for expression in plans(count)[::7]:
        assert meaning(merges.ordered(expression)) == meaning(expression)


def test_of_three_numbers_what_means_the_same_is_written_in_one_way():
    written = {merges.ordered(each) for each in plans(3)}
    assert len(written) == len({meaning(each) for each in plans(3)}) == 68


def test_of_four_numbers_few_ways_are_left():
    every = plans(4)
    written = {merges.ordered(each) for each in every}
    means = len({meaning(each) for each in every})
    # (a-b)*(c-d) and (b-a)*(d-c) stay two.
    assert means <= len(written) < 1.1 * means < len(every) / 3


def test_compound_parts_and_what_is_added_come_first():
    assert merges.ordered((2, 1, 3, 0, "-", "-", "+")) == (0, 1, "+", 2, "+", 3, "-")
    assert merges.ordered((2, 0, 1, "*", "+")) == (0, 1, "*", 2, "+")
