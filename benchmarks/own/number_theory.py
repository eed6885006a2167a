"""Divisors, remainders and primes."""

import math
import random

import inwit


def gcd(one: int, other: int) -> int:
    return math.gcd(one, other)


def lcm(one: int, other: int) -> int:
    return math.lcm(one, other)


def power(base: int, exponent: int, modulus: int) -> int:
    return pow(base, exponent, modulus)


def smallest_factor(value: int) -> int:
    return next(n for n in range(2, value + 1) if value % n == 0)


def quotient(one: int, other: int) -> int:
    return one // other


@inwit.task(tools=[gcd, lcm, power, smallest_factor, quotient])
def number_theory(draw: random.Random) -> inwit.Problem:
    a, b, c = draw.randint(2, 400), draw.randint(2, 400), draw.randint(2, 400)
    factor = smallest_factor(a)
    prompt, answer, level = draw.choice(
        [
            ("the greatest common divisor of {0} and {1}", gcd(a, b), 0),
            ("{0} to the power {1} modulo {2}", pow(a, b, c), 0),
            ("the least common multiple of {0} and {1} and {2}", lcm(lcm(a, b), c), 1),
            ("the largest proper divisor of {0}", a // factor, 1),
            ("{1} and the largest proper divisor of {0} in common", gcd(a // factor, b), 2),
        ]
    )
    return inwit.Problem(prompt=prompt, operands=(a, b, c), answer=answer, level=level)
