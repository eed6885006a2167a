"""The agent sees the number on the display, and what it presses next depends on it.

Each step of the Collatz sequence halves an even number and takes an odd one three times plus one.
Nobody says what even is: the agent learns it from right or wrong alone.

    python examples/13_seen_values.py
    inwit train examples/13_seen_values.py
"""

import random

import inwit

STEPS = {"two": 2, "three": 3, "four": 4}


@inwit.tool
def halve(value: float) -> float:
    """Half of a number, rounded down."""
    return value // 2


@inwit.tool
def triple(value: float) -> float:
    """Three times a number, plus one."""
    return 3 * value + 1


@inwit.task(tools=[halve, triple], presses=6, sees=["display"])
def collatz(draw: random.Random) -> inwit.Problem:
    steps, first = draw.choice(list(STEPS)), draw.randint(1, 999)
    value = first
    for _ in range(STEPS[steps]):
        value = 3 * value + 1 if value % 2 else value // 2
    return inwit.Problem(prompt=f"{steps} steps from {{0}}", operands=(first,), answer=value)


if __name__ == "__main__":
    agent = inwit.train(collatz, updates=150)
    episode = agent.solve("three steps from 7")
    score = agent.evaluate(1000)[0].agent
    print(f"{episode.problem}: {episode.keys} = {episode.answer}; {score.accuracy:.1%} right")
    assert episode.answer == 34
    assert score.accuracy >= 0.99
