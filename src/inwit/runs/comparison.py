"""Several runs beside one another: what differs, how well each does, their learning curves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from statistics import median
from typing import Any

from inwit.agent import Agent, load
from inwit.errors import InvalidOption
from inwit.evaluation.curves import Curve, draw
from inwit.evaluation.history import History, label
from inwit.games.player import Player
from inwit.runs.seeds import NAME
from inwit.runs.workers.jobs import flat
from inwit.tabular import Sheet, Tabular
from inwit.texts import to_json
from inwit.tools import described
from inwit.training.configuration import CONFIG
from inwit.training.run_folder import RunFolder

SEED = "seed"
"""The option in which the runs of a row may differ."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of a comparison."""

    path: Path
    """Its folder."""
    options: Mapping[str, object]
    """Every option of its recipe, by the name of the command line."""
    history: History
    """Its training metrics."""
    score: float = nan
    """Right answers on held-out problems of the hardest level, or the mean return; if asked for."""

    @property
    def last(self) -> float:
        """The last smoothed accuracy at the hardest level while exploring, or the last return."""
        names = self.history.accuracies
        return self.history.last(names[-1]) if names else nan


class Comparison(Tabular):
    """Runs in groups that differ in the seed alone; a row and a curve for each group."""

    def __init__(self, runs: Sequence[Run]) -> None:
        """Group runs by their options."""
        groups = dict[str, list[Run]]()
        for run in runs:
            given = run.options.items()
            fixed = {name: value for name, value in given if name != SEED and value is not None}
            groups.setdefault(to_json(fixed, sort_keys=True), []).append(run)
        self.runs = list(runs)
        self.groups = dict(zip(_labels(list(groups.values())), groups.values(), strict=True))

    @property
    def headline(self) -> str:
        """How many runs there are."""
        return f"{len(self.runs)} run{'s' * (len(self.runs) != 1)}: {'; '.join(self.groups)}"

    def sheets(self) -> list[Sheet]:
        """A row for every group: the median of its runs, and their range."""
        scored = any(not isnan(run.score) for run in self.runs)
        rows = tuple(
            (
                name,
                ", ".join(str(run.options[SEED]) for run in runs),
                f"{min(len(run.history.lines) for run in runs):,}",
                _range([run.last for run in runs]),
                *([_range([run.score for run in runs])] if scored else []),
            )
            for name, runs in self.groups.items()
        )
        columns = ("held out",) if scored else ()
        headings = ("runs", "seeds", "updates", "exploring", *columns)
        return [Sheet(headings=headings, rows=rows, left=("runs", "seeds"))]

    def rows(self) -> list[dict[str, object]]:
        """A row for every run."""
        return [
            {"runs": name, "path": str(run.path), "updates": len(run.history.lines)}
            | {"exploring": run.last, "held_out": run.score}
            | dict(run.options)
            for name, runs in self.groups.items()
            for run in runs
        ]

    def plot(self, metric: str = "", *, axes: Any = None) -> Any:
        """Draw a curve for each group: the median of its seeds, and a band from lowest to highest.

        Args:
            metric: which; accuracy at the hardest level that all have, or the return, if not given.
            axes: draw on these axes of matplotlib instead of new ones.

        Returns:
            The figure; `.savefig("curves.png")` keeps it.

        Raises:
            InvalidOption: matplotlib is not installed, or the runs have no metric in common.
            UnknownName: a run has no such metric.
        """
        metric = metric or self._common()
        curves = [
            Curve(
                label=name,
                x=min((run.history["update"] for run in runs), key=len),
                runs=[run.history[metric] for run in runs],
            )
            for name, runs in self.groups.items()
        ]
        return draw(curves, y=f"{label(metric)}, while exploring", axes=axes)

    def _common(self) -> str:
        names = [run.history.accuracies for run in self.runs]
        common = [name for name in names[0] if all(name in each for each in names)]
        if not common:
            raise InvalidOption("the runs have no accuracy and no return in common: name a metric")
        return common[-1]


Given = Agent | Player | Path | str
"""What can be compared."""


def compare(
    runs: Given | Iterable[Given], *, problems: int = 0, task: str | None = None
) -> Comparison:
    """Compare runs: a table, a frame, learning curves with bands over seeds.

    Args:
        runs: one or several of agents, run folders, and parents of several seeds (`inwit train
            --seeds 0-4`).
        problems: score each run greedily on this many held-out problems of its hardest level, or
            episodes of its environment; none are scored by default.
        task: the file of the task, where that is not built in and the runs are to be scored.

    Raises:
        InvalidOption: there are no runs.
        DamagedRun: one is not a run folder, or a damaged one.
    """
    if problems < 0:
        raise InvalidOption(f"problems={problems}: it must be at least 0")
    several: list[Any] = [runs]
    if isinstance(runs, Iterable) and not isinstance(runs, str):
        several = [*runs]
    found = [each for given in several for each in _runs(given, problems, task)]
    if not found:
        raise InvalidOption("there is nothing to compare: give agents or run folders")
    return Comparison(found)


def _runs(given: Given, problems: int, task: str | None) -> list[Run]:
    if isinstance(given, Agent | Player):
        if given.recipe.out is None:
            raise InvalidOption(f"{given!r} has no run folder, so its history is unknown")
        return [_run(given.recipe.out, given if problems else None, problems)]
    if not isinstance(given, str | Path):
        raise InvalidOption(f"{given!r:.60} is {described(given)}: give agents or run folders")
    path = Path(given)
    folders = [path]
    if not (path / CONFIG).exists():
        folders = [each.parent for each in sorted(path.glob(f"{NAME}*/{CONFIG}"))] or [path]
    loaded = (load(each, task=task) if problems else None for each in folders)
    return [_run(each, agent, problems) for each, agent in zip(folders, loaded, strict=True)]


def _run(path: Path, agent: "Agent | Player | None", problems: int) -> Run:
    plain = RunFolder(path).plain()
    return Run(
        path=path,
        options={name.removesuffix(".type"): value for name, value in flat(plain).items()},
        history=History.of(path),
        score=nan if agent is None else _score(agent, problems),
    )


def _score(agent: "Agent | Player", problems: int) -> float:
    if isinstance(agent, Player):
        return agent.evaluate(problems).greedy.mean
    hardest = agent.environment.task.levels[-1]
    return agent.evaluate(problems, lengths=[hardest])[0].agent.accuracy


def _labels(groups: Sequence[Sequence[Run]]) -> list[str]:
    """What tells the groups apart: the options in which they differ; the task if there is one."""
    options = [group[0].options for group in groups]
    names = list(dict.fromkeys(name for each in options for name in each if name != SEED))
    differ = [name for name in names if len({to_json(each.get(name, "")) for each in options}) > 1]
    if not differ:
        return [_subject(each) for each in options]
    return [
        ", ".join(f"{name} {each[name]}" for name in differ if each.get(name) not in (None, ""))
        or _subject(each)
        for each in options
    ]


def _subject(options: Mapping[str, object]) -> str:
    return str(options.get("source") or options.get("task") or options.get("environment.id", "run"))


def _range(values: Sequence[float]) -> str:
    known = [value for value in values if not isnan(value)]
    if not known:
        return "-"
    if len(known) == 1:
        return f"{known[0]:.3f}"
    return f"{median(known):.3f} ({min(known):.3f} to {max(known):.3f})"
