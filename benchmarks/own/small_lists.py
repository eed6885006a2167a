"""Statistics of small lists: one figure, the difference of two, a standard score."""

import random
import statistics

import inwit
from inwit.tools import DIV, SUB


def mean(values: tuple) -> float:
    return statistics.mean(values)


def median(values: tuple) -> float:
    return statistics.median(values)


def spread(values: tuple) -> float:
    return statistics.stdev(values)


def largest(values: tuple) -> float:
    return max(values)


@inwit.task(tools=[mean, median, spread, largest, SUB, DIV])
def small_lists(draw: random.Random) -> inwit.Problem:
    values = tuple(draw.sample(range(100), draw.randint(3, 8)))
    top, average = max(values), mean(values)
    prompt, answer, level = draw.choice(
        [
            ("the mean of {0}", average, 0),
            ("the median of {0}", median(values), 0),
            ("the spread of {0}", spread(values), 0),
            ("how far is the largest of {0} above the mean", top - average, 1),
            ("how far is the mean of {0} above the median", average - median(values), 1),
            ("the score of the largest of {0}", (top - average) / spread(values), 2),
        ]
    )
    return inwit.Problem(prompt=prompt, operands=(values,), answer=answer, level=level)
