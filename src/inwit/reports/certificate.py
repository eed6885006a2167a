"""What a person sees of a certificate: a line for every claim, and what failed."""

from itertools import groupby

from rich.console import Console

from inwit.probes import Certificate, Verdict
from inwit.probes.rows import HEADINGS, LEFT, cells
from inwit.reports.columns import aligned

STYLES = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.STATED: "", Verdict.NONE: "dim"}


def print_certificate(console: Console, certificate: Certificate) -> None:
    """Print the lines part by part, what failed and why, and the verdict."""
    head, *lines = aligned([HEADINGS, *map(cells, certificate.shown)], LEFT)
    _print(console, head, "bold")
    shown = zip(certificate.shown, lines, strict=True)
    for part, rows in groupby(shown, key=lambda row: row[0].part):
        _print(console, part, "bold")
        for each, line in rows:
            _print(console, line, STYLES[each.verdict])
    for each in certificate.lines:
        if each.verdict is Verdict.FAIL:
            _print(console, f"fail: {each.name}: {each.fails_if}", "")
    for each in certificate.lines:
        if each.unit == "return" and each.note:
            _print(console, f"note: {each.name}: {each.note}", "")
    summary = "".join(
        f"{name}: {', '.join(parts) or 'nothing'}\n" for name, parts in certificate.summary.items()
    )
    console.print(
        f"\n{certificate.headline}\n{summary}"
        f"trained at commit {certificate.made.get('commit') or 'unknown'}, "
        f"examined at {certificate.commit or 'unknown'}, seed {certificate.seed}",
        highlight=False,
        soft_wrap=True,
    )


def _print(console: Console, line: str, style: str) -> None:
    console.print(line, style=style or None, highlight=False, soft_wrap=True)
