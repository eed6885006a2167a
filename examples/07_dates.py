"""Dates are objects: three tools work on them, and each question needs one or two of the tools.

The output shows the keys that answer a typed question, and the accuracy on 1,000 held-out problems.

    python examples/07_dates.py
    inwit train examples/07_dates.py
"""

import random
from datetime import date, timedelta

import inwit

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@inwit.tool
def days_between(first: date, second: date) -> int:
    """How many days lie between two dates."""
    return (second - first).days


@inwit.tool
def add_days(day: date, count: int) -> date:
    """The date so many days later."""
    return day + timedelta(count)


@inwit.tool
def weekday(day: date) -> str:
    """The name of the day."""
    return DAYS[day.weekday()]


@inwit.task(tools=[days_between, add_days, weekday], presses=7)
def dates(draw: random.Random) -> inwit.Problem:
    day, count = date(2000, 1, 1) + timedelta(draw.randrange(9999)), draw.randint(2, 99)
    later, prompt, answer = add_days(day, count), *draw.choice(QUESTIONS)
    return inwit.Problem(
        prompt=prompt, operands=(day, count, add_days(later, 1)), answer=answer(day, count, later)
    )


QUESTIONS = [
    ("what day of the week was {0}", lambda day, count, later: weekday(day)),
    ("which date comes {1} days after {0}", lambda day, count, later: later),
    ("what day of the week comes {1} days after {0}", lambda day, count, later: weekday(later)),
    ("how many days are between {0} and {2}", lambda day, count, later: count + 1),
]


if __name__ == "__main__":
    agent = inwit.train(dates, updates=150)
    episode = agent.solve("what day of the week was 2026-11-22")
    score = agent.evaluate(1000)[0].agent
    print(f"{episode.problem}: {episode.keys} = {episode.answer}; {score.accuracy:.1%} right")
    assert episode.answer == "Sunday"
    assert score.accuracy >= 0.99
