"""Bit tricks: masks, shifts, counts, distances."""

import random

import inwit


def both(one: int, other: int) -> int:
    return one & other


def differ(one: int, other: int) -> int:
    return one ^ other


def shift(value: int, places: int) -> int:
    return value >> places


def count(value: int) -> int:
    return value.bit_count()


def lowest(value: int) -> int:
    return value & -value


@inwit.task(tools=[both, differ, shift, count, lowest])
def bits(draw: random.Random) -> inwit.Problem:
    a, b, n = draw.randrange(1, 4096), draw.randrange(1, 4096), draw.randint(1, 9)
    prompt, answer, level = draw.choice(
        [
            ("bits set in {0}", count(a), 0),
            ("lowest bit of {0}", lowest(a), 0),
            ("bits set in both {0} and {1}", count(a & b), 1),
            ("how many bits differ between {0} and {1}", count(a ^ b), 1),
            ("{0} without its lowest bit", a ^ lowest(a), 1),
            ("bit {2} of {0}", a >> n & 1, 2),
            ("bits of {0} and {1} that differ above place {2}", count((a ^ b) >> n), 2),
        ]
    )
    return inwit.Problem(prompt=prompt, operands=(a, b, n, 1), answer=answer, level=level)
