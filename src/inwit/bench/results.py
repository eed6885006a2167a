"""The results of a session: medians, spread, ratios."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from inwit.bench.contenders import FLOOR, OURS, PRESSES


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The updates of one turn of a contender."""

    updates: int
    """How many."""
    cpu: float
    """Seconds of CPU, over all threads of its process."""
    wall: float
    """Wall-clock seconds."""
    memory: float
    """Peak memory of the process so far, in MB."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A contender at one size."""

    name: str
    """Of the contender."""
    title: str
    """Its name in tables."""
    episodes: int
    """Episodes per update."""
    threads: int
    """Maximum number of threads."""
    started: float
    """Seconds until it was ready: imports, compilation, three updates."""
    turns: tuple[Turn, ...]
    """Round by round."""

    @property
    def cpu(self) -> list[float]:
        """CPU seconds per update, by round."""
        return [turn.cpu / turn.updates for turn in self.turns]

    @property
    def wall(self) -> list[float]:
        """Wall-clock seconds per update, by round."""
        return [turn.wall / turn.updates for turn in self.turns]

    @property
    def rate(self) -> float:
        """Presses per CPU second, median over rounds."""
        return PRESSES * self.episodes / median(self.cpu)


@dataclass(frozen=True, kw_only=True)
class Absent:
    """A contender that was not measured."""

    name: str
    """Of the contender."""
    reason: str
    """Why."""
    episodes: int | None = None
    """At which size; None: at every size."""
    threads: int | None = None
    """With how many threads; None: any number."""


@dataclass(kw_only=True)
class Results:
    """A session."""

    measured: list[Measured] = field(default_factory=list)
    """In the order of the sizes."""
    absent: list[Absent] = field(default_factory=list)
    """Contenders that were not measured, and why."""
    versions: dict[str, str] = field(default_factory=dict)
    """Of the libraries."""

    def settings(self) -> list[tuple[int, int]]:
        """The measured numbers of episodes and threads."""
        return list(dict.fromkeys((each.episodes, each.threads) for each in self.measured))

    def at(self, episodes: int, threads: int) -> list[Measured]:
        """All measurements at one size."""
        return [
            each for each in self.measured if (each.episodes, each.threads) == (episodes, threads)
        ]

    def beside(
        self, one: Measured, other: str, kind: Callable[[Measured], list[float]]
    ) -> float | None:
        """Its time relative to another's: the median of the ratios within rounds."""
        for each in self.at(one.episodes, one.threads):
            if each.name == other:
                pairs = zip(kind(one), kind(each), strict=True)
                return median(mine / theirs for mine, theirs in pairs)
        return None

    def to_json(self) -> dict[str, Any]:
        """All results as plain values."""
        return {
            "versions": dict(sorted(self.versions.items())),
            "measured": [asdict(each) | self._summary(each) for each in self.measured],
            "absent": [asdict(each) for each in self.absent],
        }

    def _summary(self, one: Measured) -> dict[str, Any]:
        kinds: dict[str, Callable[[Measured], list[float]]] = {"cpu": cpu, "wall": wall}
        facts: dict[str, Any] = {"presses_per_cpu_second": one.rate}
        for name, kind in kinds.items():
            seconds = kind(one)
            facts |= {
                f"{name}_median": median(seconds),
                f"{name}_least": min(seconds),
                f"{name}_most": max(seconds),
                f"{name}_beside_inwit": self.beside(one, OURS, kind),
                f"{name}_beside_floor": self.beside(one, FLOOR, kind),
            }
        return facts


def cpu(one: Measured) -> list[float]:
    """CPU seconds per update, by round."""
    return one.cpu


def wall(one: Measured) -> list[float]:
    """Wall-clock seconds per update, by round."""
    return one.wall
