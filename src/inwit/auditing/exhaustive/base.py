"""What an audit finds: shares, ceilings by level, traps, and findings with verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

from jaxtyping import Bool
from torch import Tensor

from inwit.auditing.base import Verdict, counted
from inwit.auditing.exhaustive import rows
from inwit.evaluation.intervals import percent, wilson
from inwit.tabular import Sheet, Tabular


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share of problems."""

    value: float
    """From 0 to 1."""
    count: int
    """How many problems were drawn (where numbers are hidden: how many that look different)."""
    complete: bool = True
    """Every program was tried; otherwise the best one may do better than this."""

    @classmethod
    def of(cls, right: Bool[Tensor, " P"]) -> "Share":
        """The share of those that are true."""
        return cls(value=float(right.double().mean()), count=len(right))

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % Wilson interval; nearly half a problem too wide where the share is a mean."""
        return wilson(round(self.value * self.count), self.count)

    def __str__(self) -> str:
        least = "" if self.complete or self.value == 1 else ">= "
        return f"{least}{percent(self.value)}"


@dataclass(frozen=True, kw_only=True)
class LevelCeilings:
    """What can be reached at one level, and with what."""

    level: int
    """The level."""
    form: str
    """What its problems look like."""
    oracle: Share
    """The programs that the problems come with."""
    stated: bool = True
    """Some problem comes with one."""
    chance: Share
    """Random legal play."""
    solvable: Share
    """The best program for every problem that looks different."""
    blind: Share
    """The best program that ignores the problem: it knows what the legal keys give away."""
    without: Mapping[str, Share] = field(default_factory=dict)
    """`solvable` with some keys gone: `memory` (`STO` and `RCL`) or a tool, by name."""
    blind_without: Mapping[str, Share] = field(default_factory=dict)
    """`blind` with some keys gone."""


@dataclass(frozen=True, kw_only=True)
class Trap:
    """A program that is right by luck."""

    level: int
    """The level."""
    problem: str
    """One of the problems; there is one program that is right on all that are like it."""
    program: str
    """The keys."""
    share: float
    """How many of the problems that are like this one it answers rightly."""
    distance: int | None
    """Keys to insert, leave out or replace for a right program; None if none was found."""


@dataclass(frozen=True, kw_only=True)
class Single:
    """One program for all problems; a press that is not legal does nothing."""

    program: str
    """Its keys."""
    share: Share
    """How many problems of all levels, mixed evenly, it answers rightly."""
    levels: tuple[int, ...]
    """The levels of which it answers every problem that was tried."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of an audit."""

    name: str
    """What was looked at."""
    level: int | None
    """At which level; None for all levels."""
    share: Share
    """The figure."""
    verdict: Verdict
    """Whether it is as it should be."""
    message: str
    """What it means, in a sentence."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Audit(Tabular):
    """Whether a task is worth training on."""

    task: str
    """Its name."""
    seed: int
    """Fixes the problems that were drawn."""
    single: Single
    """The best program that was found for all levels at once."""
    levels: tuple[LevelCeilings, ...]
    """The ceilings, level by level."""
    traps: tuple[Trap, ...]
    """The programs that score best without being right, the best of a level first."""
    findings: tuple[Finding, ...]
    """All findings."""

    @property
    def verdict(self) -> Verdict:
        """The worst verdict."""
        found = {finding.verdict for finding in self.findings}
        return next(each for each in reversed(Verdict) if each in found or each is Verdict.PASS)

    @property
    def headline(self) -> str:
        """The task, the verdict and how many findings have which."""
        return f"{self.task}: {self.verdict} ({counted(each.verdict for each in self.findings)})"

    def sheets(self) -> list[Sheet]:
        """The ceilings by level, and the findings."""
        return [rows.ceilings(self.levels), rows.findings(self.findings)]

    def rows(self) -> list[dict[str, object]]:
        """A row for every finding; `level` is None for one of all levels."""
        return [
            {
                "name": each.name,
                "level": each.level,
                "verdict": str(each.verdict),
                "figure": each.share.value,
                "low": each.share.interval[0],
                "high": each.share.interval[1],
                "count": each.share.count,
                "meaning": each.message,
            }
            for each in self.findings
        ]

    def at(self, level: int) -> LevelCeilings:
        """The ceilings of a level.

        Raises:
            KeyError: it was not audited.
        """
        return {each.level: each for each in self.levels}[level]

    def find(self, name: str, level: int | None = None) -> Finding:
        """The finding of a name, at a level.

        Raises:
            KeyError: there is none.
        """
        return {(each.name, each.level): each for each in self.findings}[name, level]

    def to_json(self) -> dict[str, object]:
        """All of it in plain values; every share with its interval."""
        return {"verdict": str(self.verdict), **_plain(self)}


def _plain(record: Any) -> Any:
    if is_dataclass(record):
        plain = {each.name: _plain(getattr(record, each.name)) for each in fields(record)}
        return plain | {"interval": record.interval} if isinstance(record, Share) else plain
    if isinstance(record, Mapping):
        return {name: _plain(value) for name, value in record.items()}
    return [_plain(value) for value in record] if isinstance(record, tuple) else record
