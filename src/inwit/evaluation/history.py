"""How a run went: its training metrics as columns, its learning curves."""

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite, isnan, nan
from pathlib import Path
from typing import Any

from inwit.errors import InvalidOption, UnknownName
from inwit.evaluation.curves import Curve, draw, smoothed
from inwit.recipe import RunRecipe
from inwit.tabular import Sheet, Tabular
from inwit.training.metrics import LEVELS
from inwit.training.run_folder import RunFolder

SHOWN = 12
"""Rows of the table of a notebook."""
ACCURACY, RETURN = "episodes/accuracy", "episodes/return"
EXPLORING = "measured while exploring; agent.evaluate() scores the agent without it"


class History(Tabular, Mapping[str, list[float]]):
    """Training metrics, a column for each; `nan` where an update did not measure one."""

    def __init__(self, lines: Iterable[Mapping[str, float]]) -> None:
        """Turn lines, one per update, into columns."""
        self.lines = list(lines)
        self.names = list(dict.fromkeys(name for line in self.lines for name in line))

    @classmethod
    def of(cls, folder: Path) -> "History":
        """The history of a run folder.

        Raises:
            DamagedRun: there is no run here, or its metrics cannot be read.
        """
        run = RunFolder(folder)
        run.made()  # an empty file of metrics is one thing, a folder that is gone another
        return cls(run.metrics())

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.names:
            raise UnknownName("metric", name, self.names)
        return [line.get(name, nan) for line in self.lines]

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def accuracies(self) -> list[str]:
        """The metrics that say how well it does: one per level, or the return."""
        levels = sorted(
            (name for name in self.names if name.startswith(LEVELS)),
            key=lambda name: int(name.removeprefix(LEVELS)),
        )
        return levels or [name for name in (ACCURACY, RETURN) if name in self.names][:1]

    @property
    def headline(self) -> str:
        """How many updates, and the last figures."""
        figures = (f"{label(name)} {self.last(name):.3f}" for name in self.accuracies)
        return ", ".join([f"{len(self.lines)} updates", *figures])

    def last(self, name: str) -> float:
        """The latest value of a metric, smoothed as in the plots."""
        known = [value for value in smoothed(self[name]) if not isnan(value)]
        return known[-1] if known else nan

    def sheets(self) -> list[Sheet]:
        """A few updates, evenly spaced, with what matters most."""
        wanted = ("update", "episodes", *self.accuracies, "policy/entropy", "loss/total")
        names = tuple(name for name in wanted if name in self.names)
        every = max(1, -(-len(self.lines) // SHOWN))
        kept = [*range(every - 1, len(self.lines), every)]
        if self.lines and kept[-1:] != [len(self.lines) - 1]:
            kept.append(len(self.lines) - 1)
        rows = tuple(tuple(_shown(self.lines[row].get(name)) for name in names) for row in kept)
        return [Sheet(headings=tuple(map(label, names)), rows=rows, left=(), note=EXPLORING)]

    def rows(self) -> list[dict[str, object]]:
        """A row for every update."""
        return [{name: line.get(name, nan) for name in self.names} for line in self.lines]

    def plot(self, *metrics: str, axes: Any = None) -> Any:
        """Draw learning curves; see `Trained.plot`."""
        curves = [
            Curve(label=label(name), x=self["update"], runs=[self[name]])
            for name in metrics or self.accuracies
        ]
        return draw(curves, y=_axis(metrics or self.accuracies), axes=axes)


def folder_of_run(recipe: RunRecipe) -> RunFolder | None:
    """The folder of a run, which stays the same when the working folder changes."""
    return RunFolder(recipe.out) if recipe.out else None


class Trained(Tabular):
    """What an agent and a player share: the history of their run, and how they are shown."""

    recipe: RunRecipe
    policy: Any
    folder: RunFolder | None
    """Its run folder, if it has one."""

    @property
    def history(self) -> History:
        """The metrics of training, a column for each.

        Raises:
            InvalidOption: it has no run folder.
            DamagedRun: the metrics cannot be read.
        """
        if self.folder is None:
            raise InvalidOption("this agent has no run folder, so its history is unknown")
        return History.of(self.folder.path)

    def plot(self, *metrics: str, axes: Any = None) -> Any:
        """Draw learning curves, smoothed: accuracy while exploring, one curve for each level.

        Args:
            metrics: others instead, by the names in `history`.
            axes: draw on these axes of matplotlib instead of new ones.

        Returns:
            The figure; `.savefig("curves.png")` keeps it.

        Raises:
            InvalidOption: matplotlib is not installed.
            UnknownName: there is no such metric.
        """
        return self.history.plot(*metrics, axes=axes)

    @property
    def headline(self) -> str:
        """What it was trained on, its network and its run folder."""
        weights = sum(part.numel() for part in self.policy.parameters())
        name = getattr(self.recipe, "policy").name  # noqa: B009 (each recipe has its own field)
        where = f", {self.recipe.out}" if self.recipe.out else ""
        return f"{self.recipe.label}, {name} of {weights:,} weights{where}"

    def sheets(self) -> list[Sheet]:
        """The history in short; nothing where there is none."""
        if self.recipe.out is None:
            return []
        history = self.history
        return history.sheets() if history.lines else []

    def rows(self) -> list[dict[str, object]]:
        """A row for every update of its training."""
        return self.history.rows()


def label(metric: str) -> str:
    """A metric as a legend names it."""
    group, slash, name = metric.partition("/")
    if metric.startswith(LEVELS):
        return f"level {metric.removeprefix(LEVELS)}"
    if not slash:
        return metric
    return name if group in ("episodes", "policy") else f"{name} {group}"


def _axis(metrics: Iterable[str]) -> str:
    kinds = {name.partition("@")[0] for name in metrics}
    if kinds == {ACCURACY}:
        return "right answers while exploring"
    return kinds.pop() if len(kinds) == 1 else ""


def _shown(value: float | None) -> str:
    if value is None or not isfinite(value):
        return "-"
    return f"{value:,.0f}" if value == round(value) and abs(value) >= 1 else f"{value:.3f}"
