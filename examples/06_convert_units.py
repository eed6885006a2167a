"""Units from a table: the tool knows the factors, the agent learns the direction.

The output shows the keys that answer a typed question, and the accuracy on 1,000 held-out problems.

    python examples/06_convert_units.py
    inwit train examples/06_convert_units.py
"""

import random

import inwit

METRES = {"mile": 1609.344, "yard": 0.9144, "foot": 0.3048, "inch": 0.0254, "league": 4828.032}


@inwit.tool
def metres(amount: float, unit: str) -> float:
    """A length in metres."""
    return amount * METRES[unit]


@inwit.tool
def units(length: float, unit: str) -> float:
    """How many of a unit a length in metres is."""
    return length / METRES[unit]


@inwit.task(tools=[metres, units], once=True)
def lengths(draw: random.Random) -> inwit.Problem:
    amount, (first, second) = draw.randint(1, 999), draw.sample(sorted(METRES), 2)
    prompt, source, target = draw.choice(
        [("how many {1} are {0} {2}", first, second), ("convert {0} {1} to {2}", second, first)]
    )
    order = (target, source) if prompt.startswith("how") else (source, target)
    answer = units(metres(amount, source), target)
    return inwit.Problem(prompt=prompt, operands=(amount, *order), answer=answer)


if __name__ == "__main__":
    agent = inwit.train(lengths, updates=80)
    episode = agent.solve("how many inch are 3 yard")
    score = agent.evaluate(1000)[0].agent
    print(f"{episode.problem}: {episode.keys} = {episode.answer}; {score.accuracy:.1%} right")
    assert episode.answer == 108
    assert score.accuracy >= 0.99
