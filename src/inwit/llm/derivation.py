"""Whether calls have made a number from all numbers of a problem, each used exactly once.

Where a problem states its answer, as a target does, whoever repeats it would be right. There an
answer counts only if the calls of the episode lead to it. Calls that lead nowhere do not matter: an
agent may try. What each number can have been made from is known as sets of the problem's numbers;
a call makes its result from two sets that have nothing in common.
"""

from collections.abc import Iterable, Sequence
from itertools import product

DIGITS = 9
"""Decimal places to which numbers are the same."""
Step = tuple[Sequence[float], float]
"""What a function was called with, and its result."""


def is_made(value: float, numbers: Sequence[float], calls: Iterable[Step]) -> bool:
    """Whether the calls, one after another, make this value from all of these numbers."""
    sources = dict[float, set[int]]()
    for place, number in enumerate(numbers):
        sources.setdefault(round(number, DIGITS), set()).add(1 << place)
    for arguments, result in calls:
        parts = [sources.get(round(each, DIGITS), set()) for each in arguments]
        made = {sum(sets) for sets in product(*parts) if _apart(sets)}
        sources.setdefault(round(result, DIGITS), set()).update(made)
    return (1 << len(numbers)) - 1 in sources.get(round(value, DIGITS), set())


def _apart(sets: Sequence[int]) -> bool:
    """Whether no two sets, given as bits, have a member in common."""
    union = 0
    for each in sets:
        if union & each:
            return False
        union |= each
    return True
