"""What a person sees of a certificate: a line for every claim, and what failed."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console

from inwit.probes import Certificate, Line, Verdict

STYLES = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.STATED: "", Verdict.NONE: "dim"}
HEADINGS = ("verdict", "measured", "figure", "95 % interval", "of", "beside", "needs")
RIGHT = ("figure", "95 % interval", "of")
DETAIL = "key "
"""Lines whose names begin so are left to the file and the page."""


def print_certificate(console: Console, certificate: Certificate) -> None:
    """Print the lines part by part, what failed and why, and the verdict."""
    shown = [line for line in certificate.lines if not line.name.startswith(DETAIL)]
    rows = [HEADINGS, *map(_cells, shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    _print(console, HEADINGS, widths, "bold")
    for part, lines in groupby(shown, key=lambda line: line.part):
        console.print(part, style="bold", highlight=False)
        for line in lines:
            _print(console, _cells(line), widths, STYLES[line.verdict])
    for line in certificate.lines:
        if line.verdict is Verdict.FAIL:
            told = f"fail: {line.name}: {line.fails_if}"
            console.print(told, highlight=False, markup=False, soft_wrap=True)
    counted = ", ".join(f"{certificate.count(verdict)} {verdict}" for verdict in Verdict)
    verdict = Verdict.PASS if certificate.passed else Verdict.FAIL
    console.print(
        f"\n{certificate.task}, {certificate.policy}: {verdict} ({counted})\n"
        f"trained at commit {certificate.made.get('commit') or 'unknown'}, "
        f"examined at {certificate.commit or 'unknown'}, seed {certificate.seed}",
        highlight=False,
        soft_wrap=True,
    )


def _print(console: Console, cells: Sequence[str], widths: Sequence[int], style: str) -> None:
    """A row, whole, however narrow the terminal is."""
    placed = (
        cell.rjust(width) if heading in RIGHT else cell.ljust(width)
        for cell, width, heading in zip(cells, widths, HEADINGS, strict=True)
    )
    line = "  ".join(placed).rstrip()
    console.print(line, style=style or None, highlight=False, markup=False, soft_wrap=True)


def _cells(line: Line) -> tuple[str, ...]:
    interval = ""
    if line.interval is not None:
        interval = " to ".join(figure(line, end) for end in line.interval)
    beside = ", ".join(f"{name} {value:.3g}" for name, value in line.beside.items())
    return (
        line.verdict,
        line.name,
        figure(line, line.figure),
        interval,
        f"{line.count:,}",
        beside if line.figure is not None else line.note,
        line.needs,
    )


def figure(line: Line, value: float | None) -> str:
    """A figure of a line as people read it; a share is 100 % only where nothing was wrong."""
    if value is None:
        return "-"
    if line.unit == "bits":
        return f"{value:.3f} bits"
    if line.unit == "difference":
        return f"{100 * value:+.1f} %"
    return f"{int(1000 * value + 1e-9) / 10:.1f} %"
