"""What a person sees of an audit: its ceilings, its findings, its verdict."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console

from inwit.auditing.exhaustive import Audit, Finding, LevelCeilings, Verdict
from inwit.reports.columns import print_columns

STYLES = {"warn": "yellow", "fail": "bold red"}


def print_audit(console: Console, audit: Audit) -> None:
    """Print the ceilings by level, then the findings, the verdict last."""
    without = (f"no {name}" for name in audit.levels[0].without)
    headings = ("level", "form", "chance", "oracle", "best", *without)
    print_columns(console, [headings, *map(ceilings_row, audit.levels)], left=("form",))
    console.print("in brackets: the best program that ignores the problem\n", highlight=False)
    headings = ("verdict", "finding", "level", "figure", "95 % interval", "meaning")
    rows = [headings, *(finding_row(*line) for line in _lines(audit.findings))]
    left = ("verdict", "finding", "level", "meaning")
    print_columns(console, rows, left=left, styles=STYLES)
    found = Counter(finding.verdict for finding in audit.findings)
    counted = ", ".join(f"{found[verdict]} {verdict}" for verdict in reversed(Verdict))
    console.print(f"\n{audit.task}: {audit.verdict} ({counted})", highlight=False)


def ceilings_row(level: LevelCeilings) -> tuple[str, ...]:
    """The cells of a level: each share with, in brackets, that of a program without reading."""
    best = [(level.solvable, level.blind)]
    best += [(share, level.blind_without[name]) for name, share in level.without.items()]
    pairs = (f"{share} ({blind})" for share, blind in best)
    return (str(level.level), level.form, str(level.chance), str(level.oracle), *pairs)


def finding_row(finding: Finding, levels: str) -> tuple[str, ...]:
    """The cells of a finding."""
    low, high = finding.share.interval
    interval, share = f"{low:.1%} to {high:.1%}", str(finding.share)
    return (finding.verdict, finding.name, levels, share, interval, finding.told)


def _lines(findings: Sequence[Finding]) -> Iterator[tuple[Finding, str]]:
    """Findings with their levels; what is perfect at every level is one line, told by the last."""
    for _, same in groupby(findings, key=lambda finding: finding.name):
        group = list(same)
        perfect = all(each.verdict is Verdict.PASS and each.share.value == 1 for each in group)
        if perfect and len(group) > 1:
            yield group[-1], f"{group[0].level} to {group[-1].level}"
        else:
            yield from ((each, "all" if each.level is None else str(each.level)) for each in group)
