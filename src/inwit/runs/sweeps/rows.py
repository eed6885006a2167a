"""The results of a sweep's trials: a record and a table row for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote
from typing import Literal

from inwit.games.recipe import any_recipe_for
from inwit.recipe import flags
from inwit.runs.sweeps.plan import Plan
from inwit.runs.sweeps.spaces import Value

State = Literal["complete", "pruned", "failed", "not finished"]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One trial."""

    number: int
    """Which, from 0."""
    state: State
    """Its state."""
    options: Mapping[str, Value]
    """Its options."""
    value: float | None = None
    """The objective, if it is complete."""
    accuracy: tuple[float, ...] = ()
    """Held-out accuracy at each level, or the mean return; mean over the complete seeds."""
    seeds: int = 0
    """How many seeds are complete."""
    early: Mapping[int, float] = field(default_factory=dict)
    """The accuracy or return in training by step, on which it may have been pruned."""
    cpu: float = 0.0
    """CPU seconds of its training."""
    reason: str = ""
    """Why it is not complete."""


def best(plan: Plan, rows: Sequence[Row]) -> Row | None:
    """The complete trial with the best value (the first of equals); None if there is none."""
    complete = [(plan.sign * row.value, -row.number, row) for row in rows if row.value is not None]
    return max(complete)[2] if complete else None


def table(plan: Plan, rows: Sequence[Row]) -> list[list[str]]:
    """Headings, and a row of text for each trial."""
    shown = "CPU s to it" if plan.objective == "cpu-seconds" else plan.objective
    level = "hardest level" if plan.measure == "accuracy" else "mean return"
    headings = ["trial", shown, *plan.search, "seeds", level, "CPU s", "state"]
    return [headings, *(_cells(plan, row) for row in rows)]


def _cells(plan: Plan, row: Row) -> list[str]:
    value = "-" if row.value is None else f"{row.value:.4g}"
    form = "{:.1%}" if plan.measure == "accuracy" else "{:.3f}"
    return [
        str(row.number),
        value,
        *(show(row.options.get(name)) for name in plan.search),
        f"{row.seeds} of {len(plan.seeds)}",
        form.format(row.accuracy[-1]) if row.accuracy else "-",
        f"{row.cpu:.1f}",
        f"{row.state}: {row.reason}" if row.reason else row.state,
    ]


def show(value: Value | None) -> str:
    """An option's value, short."""
    if value is None:
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def command(plan: Plan, row: Row) -> str:
    """The command that trains as a trial did: with its options, those that are fixed, its seeds."""
    recipe = plan.recipe_of(row.options)
    seeds = [f"--seed {plan.seeds[0]}"]
    if len(plan.seeds) > 1:
        seeds = [f"--seeds {','.join(map(str, plan.seeds))}"]
    words = map(quote, flags(recipe, any_recipe_for(plan.task)))
    return " ".join(["inwit train", quote(plan.task), *words, *seeds])
