"""Shares in percent, intervals of shares and means; in a module that needs only Python."""

from collections.abc import Sequence
from math import hypot, sqrt
from random import Random
from statistics import fmean

CONFIDENCE = 1.959963984540054
"""Standard normal quantile of a 95 % interval."""
RESAMPLES = 2000
"""Resamples of a bootstrap."""


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which is sound at 0 and at 1, too."""
    share, square = right / count, CONFIDENCE**2 / count
    middle = (share + square / 2) / (1 + square)
    half = CONFIDENCE * sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe(first: tuple[int, int], second: tuple[int, int]) -> tuple[float, float]:
    """The 95 % interval of a difference of two shares (Newcombe 1998, his method 10).

    Args:
        first: how many are right, and of how many.
        second: the same of the share that is subtracted.
    """
    (one, (low1, high1)), (two, (low2, high2)) = (
        (right / count, wilson(right, count)) for right, count in (first, second)
    )
    low = one - two - hypot(one - low1, high2 - two)
    return low, one - two + hypot(high1 - one, two - low2)


def bootstrap(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % bootstrap interval of a mean (Efron 1979); the same for the same values."""
    draw, count = Random(0), len(values)
    means = sorted(fmean(draw.choices(values, k=count)) for _ in range(RESAMPLES))
    return means[round(0.025 * (RESAMPLES - 1))], means[round(0.975 * (RESAMPLES - 1))]


def percent(share: float) -> str:
    """A share in tenths of a percent, rounded down: 100 % only if nothing is missing."""
    return f"{int(1000 * share + 1e-9) / 10:.1f} %"
