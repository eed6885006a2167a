"""Points, distances and areas in the plane; a point is a tuple."""

import math
import random

import inwit


def distance(one: tuple, other: tuple) -> float:
    return math.dist(one, other)


def middle(one: tuple, other: tuple) -> tuple:
    return ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)


def circle(radius: float) -> float:
    return math.pi * radius**2


def triangle(a: tuple, b: tuple, c: tuple) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2


@inwit.task(tools=[distance, middle, circle, triangle])
def geometry(draw: random.Random) -> inwit.Problem:
    a, b, c = ((draw.randrange(20), draw.randrange(20)) for _ in range(3))
    prompt, answer, level = draw.choice(
        [
            ("how far is {0} from {1}", distance(a, b), 0),
            ("the middle of {0} and {1}", middle(a, b), 0),
            ("the area of the triangle {0} {1} {2}", triangle(a, b, c), 0),
            ("the area of the circle around {0} through {1}", circle(distance(a, b)), 1),
            ("how far is the middle of {0} and {1} from {2}", distance(middle(a, b), c), 1),
            ("the area of the circle over {0} and {1}", circle(distance(middle(a, b), a)), 2),
        ]
    )
    return inwit.Problem(prompt=prompt, operands=(a, b, c), answer=answer, level=level)
