"""The cells of an audit's two tables: ceilings by level, and findings."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from inwit.auditing.base import Verdict
from inwit.tabular import Sheet

if TYPE_CHECKING:
    from inwit.auditing.exhaustive.base import Finding, LevelCeilings

BLIND = "in brackets: the best program that ignores the problem"


def ceilings(levels: "Sequence[LevelCeilings]") -> Sheet:
    """The best that can be reached at each level, and with what."""
    without = (f"no {name}" for name in levels[0].without)
    return Sheet(
        headings=("level", "form", "chance", "oracle", "best", *without),
        rows=tuple(map(ceilings_row, levels)),
        left=("form",),
        note=BLIND,
    )


def findings(found: "Sequence[Finding]") -> Sheet:
    """The findings, with those that are perfect at every level in one row."""
    return Sheet(
        headings=("verdict", "finding", "level", "figure", "95 % interval", "meaning"),
        rows=tuple(finding_row(*line) for line in _lines(found)),
        left=("verdict", "finding", "level", "meaning"),
    )


def ceilings_row(level: "LevelCeilings") -> tuple[str, ...]:
    """The cells of a level: each share with, in brackets, that of a program without reading."""
    best = [(level.solvable, level.blind)]
    best += [(share, level.blind_without[name]) for name, share in level.without.items()]
    pairs = (f"{share} ({blind})" for share, blind in best)
    oracle = str(level.oracle) if level.stated else "-"
    return (str(level.level), level.form, str(level.chance), oracle, *pairs)


def finding_row(finding: "Finding", levels: str) -> tuple[str, ...]:
    """The cells of a finding."""
    low, high = finding.share.interval
    interval, share = f"{low:.1%} to {high:.1%}", str(finding.share)
    return (finding.verdict, finding.name, levels, share, interval, finding.message)


def _lines(found: "Sequence[Finding]") -> "Iterator[tuple[Finding, str]]":
    """Findings with their levels; what is perfect at every level is one line, that of the last."""
    for _, same in groupby(found, key=lambda finding: finding.name):
        group = list(same)
        perfect = all(each.verdict is Verdict.PASS and each.share.value == 1 for each in group)
        if perfect and len(group) > 1:
            yield group[-1], f"{group[0].level} to {group[-1].level}"
        else:
            yield from ((each, "all" if each.level is None else str(each.level)) for each in group)
