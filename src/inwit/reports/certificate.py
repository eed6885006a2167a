"""What a person sees of a certificate: a line for every claim, and what failed."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Console

from inwit.probes import Certificate, Verdict
from inwit.probes.rows import HEADINGS, LEFT, cells

STYLES = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.STATED: "", Verdict.NONE: "dim"}


def print_certificate(console: Console, certificate: Certificate) -> None:
    """Print the lines part by part, what failed and why, and the verdict."""
    shown = certificate.shown
    rows = [HEADINGS, *map(cells, shown)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    _print(console, HEADINGS, widths, "bold")
    for part, lines in groupby(shown, key=lambda line: line.part):
        console.print(part, style="bold", highlight=False)
        for line in lines:
            _print(console, cells(line), widths, STYLES[line.verdict])
    for line in certificate.lines:
        if line.verdict is Verdict.FAIL:
            failed = f"fail: {line.name}: {line.fails_if}"
            console.print(failed, highlight=False, markup=False, soft_wrap=True)
    missing = ", ".join(certificate.not_shown)
    console.print(
        f"\n{certificate.headline}\n"
        f"{f'not shown: {missing}' if missing else 'every part has a line that was judged'}\n"
        f"trained at commit {certificate.made.get('commit') or 'unknown'}, "
        f"examined at {certificate.commit or 'unknown'}, seed {certificate.seed}",
        highlight=False,
        soft_wrap=True,
    )


def _print(console: Console, cells: Sequence[str], widths: Sequence[int], style: str) -> None:
    """A row, whole, however narrow the terminal is."""
    placed = (
        cell.rjust(width) if heading not in LEFT else cell.ljust(width)
        for cell, width, heading in zip(cells, widths, HEADINGS, strict=True)
    )
    line = "  ".join(placed).rstrip()
    console.print(line, style=style or None, highlight=False, markup=False, soft_wrap=True)
