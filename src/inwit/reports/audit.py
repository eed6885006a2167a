"""What a person sees of an audit: its ceilings, its findings, its verdict."""

from rich.console import Console

from inwit.auditing.exhaustive import Audit
from inwit.reports.columns import print_sheet

STYLES = {"warn": "yellow", "fail": "bold red"}


def print_audit(console: Console, audit: Audit) -> None:
    """Print the ceilings by level, then the findings, the verdict last."""
    ceilings, findings = audit.sheets()
    print_sheet(console, ceilings)
    console.print(f"{ceilings.note}\n", highlight=False)
    print_sheet(console, findings, STYLES)
    console.print(f"\n{audit.headline}", highlight=False)
