"""Ten tools of a workshop, of which eight are never needed."""

import random
from math import ceil, hypot

import inwit


def named(name, count, function):
    def one(a: float) -> float:
        return function(a)

    def two(a: float, b: float) -> float:
        return function(a, b)

    return inwit.tool(name=name)(one if count == 1 else two)


TOOLS = [
    named("area", 2, lambda a, b: a * b),
    named("paint", 2, lambda a, b: ceil(a / b)),
    named("perimeter", 2, lambda a, b: 2 * a + 2 * b),
    named("diagonal", 2, hypot),
    named("slope", 2, lambda a, b: a / b),
    named("rest", 2, lambda a, b: a % b),
    named("half", 1, lambda a: a / 2),
    named("square", 1, lambda a: a * a),
    named("whole", 1, round),
    named("inches", 1, lambda a: a / 2.54),
]


@inwit.task(tools=TOOLS)
def ten_tools(draw: random.Random) -> inwit.Problem:
    operands = (draw.randint(2, 60), draw.randint(2, 60), draw.randint(3, 12))
    level, area = draw.randrange(2), operands[0] * operands[1]
    prompt = "the area of a wall of {0} by {1}" + level * " in tins that cover {2} each"
    answer = ceil(area / operands[2]) if level else area
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, level=level)
