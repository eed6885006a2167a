"""Learning curves, drawn with matplotlib: a line per curve, a band over several seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan
from statistics import fmean, median
from typing import Any

from inwit.extras import require

STEPS = 60
"""A smoothed value is the mean over this share of the run on either side."""
SIZE = (7.0, 4.0)
"""Of a new figure, in inches."""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line: a metric over the updates of one run, or of several with other seeds."""

    label: str
    """Its name in the legend."""
    x: Sequence[float]
    """Where its values stand."""
    runs: Sequence[Sequence[float]]
    """The values, run by run; `nan` where nothing was measured."""


def smoothed(values: Sequence[float]) -> list[float]:
    """The mean of each value and its neighbours, so that the trend shows."""
    reach = len(values) // STEPS
    means = list[float]()
    for place, value in enumerate(values):
        near = values[max(0, place - reach) : place + reach + 1]
        known = [each for each in near if not isnan(each)]
        means.append(nan if isnan(value) else fmean(known))
    return means


def band(curve: Curve) -> tuple[list[float], list[float], list[float]]:
    """Lowest, median and highest run at every place, smoothed; as long as the shortest run."""
    runs = list(map(smoothed, curve.runs))
    low, middle, high = list[float](), list[float](), list[float]()
    for values in zip(*runs, strict=False):
        known = [each for each in values if not isnan(each)] or [nan]
        low.append(min(known))
        middle.append(median(known))
        high.append(max(known))
    return low, middle, high


def draw(curves: Sequence[Curve], *, y: str, axes: Any = None) -> Any:
    """Draw curves and return the figure.

    Args:
        curves: the lines.
        y: the name of the vertical axis.
        axes: where to draw; on new axes if none are given.

    Raises:
        InvalidOption: matplotlib is not installed.
    """
    if axes is None:
        pyplot = require("matplotlib.pyplot", "plot")
        figure, axes = pyplot.subplots(figsize=SIZE, layout="constrained")
        pyplot.close(figure)  # a notebook would show it a second time
    for curve in curves:
        low, middle, high = band(curve)
        x = curve.x[: len(middle)]
        (line,) = axes.plot(x, middle, label=curve.label)
        if len(curve.runs) > 1:
            axes.fill_between(x, low, high, alpha=0.2, color=line.get_color(), linewidth=0)
    axes.set_xlabel("update")
    axes.set_ylabel(y)
    axes.grid(alpha=0.3)
    if curves:
        axes.legend(frameon=False)
    return axes.figure
