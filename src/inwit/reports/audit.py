"""What a person sees of an audit: its ceilings, its findings, its verdict."""

from collections.abc import Sequence

from rich.console import Console

from inwit.auditing.exhaustive import Audit
from inwit.reports.columns import print_sheet

STYLES = {"unknown": "yellow", "warn": "yellow", "fail": "bold red"}


def print_audit(console: Console, audit: Audit, advice: Sequence[str] = ()) -> None:
    """Print the ceilings by level, then the findings and what may help, the verdict last."""
    ceilings, findings = audit.sheets()
    print_sheet(console, ceilings)
    console.print(f"{ceilings.note}\n", highlight=False)
    print_sheet(console, findings, STYLES)
    if advice:
        console.print("\nbefore training (docs/it_does_not_learn.md):", highlight=False)
    for line in advice:
        console.print(f"  - {line}", highlight=False, soft_wrap=True)
    console.print(f"\n{audit.headline}", highlight=False)
