"""Intervals of shares; a module of its own, since it needs Python alone."""

from math import sqrt

CONFIDENCE = 1.959963984540054
"""Standard normal quantile of a 95 % interval."""


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which is sound at 0 and at 1, too."""
    share, square = right / count, CONFIDENCE**2 / count
    middle = (share + square / 2) / (1 + square)
    half = CONFIDENCE * sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)
