"""Lengths in other units, and the sum of two lengths in a third unit."""

import random

import inwit
from inwit.tools import ADD

METRES = {"mile": 1609.344, "yard": 0.9144, "foot": 0.3048, "inch": 0.0254, "fathom": 1.8288}


@inwit.tool
def metres(amount: float, unit: str) -> float:
    return amount * METRES[unit]


@inwit.tool
def in_unit(length: float, unit: str) -> float:
    return length / METRES[unit]


@inwit.task(tools=[metres, in_unit, ADD])
def units(draw: random.Random) -> inwit.Problem:
    one, other, target = draw.sample(sorted(METRES), 3)
    first, second = draw.randint(1, 99), draw.randint(1, 99)
    if draw.random() < 0.5:
        answer = in_unit(metres(first, one), target)
        return inwit.Problem(
            prompt="how many {2} are {0} {1}", operands=(first, one, target), answer=answer
        )
    answer = in_unit(metres(first, one) + metres(second, other), target)
    operands = (first, one, second, other, target)
    return inwit.Problem(
        prompt="{0} {1} and {2} {3} in {4}", operands=operands, answer=answer, level=1
    )
