"""Numbers written as text: a tool fails on half of them, and the agent sees the failure.

The output shows the keys that answer a typed question, and the accuracy on 1,000 held-out problems.

    python examples/09_readings.py
    inwit train examples/09_readings.py
"""

import random

import inwit

WORDS = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7}


@inwit.tool
def number(text: str) -> float:
    """The number that digits stand for; it fails on words."""
    return float(text)


@inwit.tool
def spelled(text: str) -> float:
    """The number that a word stands for; it fails on digits."""
    return WORDS[text]


@inwit.tool
def double(value: float) -> float:
    """Twice a number."""
    return 2 * value


@inwit.task(
    tools=[number, spelled, double],
    presses=7,
    shown=["text", "number"],
    display=lambda value: "text" if isinstance(value, str) else "number",
)
def readings(draw: random.Random) -> inwit.Problem:
    value, times = draw.randrange(8), draw.choice((1, 2))
    text = list(WORDS)[value] if draw.random() < 0.5 else str(value)
    prompt = "the reading {0}" if times == 1 else "twice the reading {0}"
    return inwit.Problem(prompt=prompt, operands=(text,), answer=times * value)


if __name__ == "__main__":
    agent = inwit.train(readings, updates=100)
    episode = agent.solve("twice the reading seven")
    score = agent.evaluate(1000)[0].agent
    print(f"{episode.problem}: {episode.keys} = {episode.answer}; {score.accuracy:.1%} right")
    assert episode.answer == 14
    assert score.accuracy >= 0.99
