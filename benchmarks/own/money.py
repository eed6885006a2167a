"""Amounts in other currencies, with tax, and shared by some people."""

import random

import inwit

RATES = {"euro": 1.0, "dollar": 1.08, "pound": 0.85, "yen": 161.3, "franc": 0.94}


@inwit.tool
def exchange(amount: float, source: str, target: str) -> float:
    return round(amount / RATES[source] * RATES[target], 2)


@inwit.tool
def taxed(amount: float, percent: float) -> float:
    return round(amount * (1 + percent / 100), 2)


@inwit.tool
def share(amount: float, people: int) -> float:
    return round(amount / people, 2)


@inwit.task(tools=[exchange, taxed, share])
def money(draw: random.Random) -> inwit.Problem:
    amount, (source, target) = draw.randint(1, 5000), draw.sample(sorted(RATES), 2)
    percent, people, level = draw.choice([5, 7, 19, 20]), draw.randint(2, 9), draw.randrange(3)
    plain = exchange(amount, source, target)
    prompt, answer = [
        ("{0} {1} in {2}", plain),
        ("{0} {1} in {2} with {3} percent tax", taxed(plain, percent)),
        (
            "{0} {1} in {2} with {3} percent tax for each of {4}",
            share(taxed(plain, percent), people),
        ),
    ][level]
    operands = (amount, source, target, percent, people)
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, level=level)
