"""The audit of an environment or reward on the terminal: a table, or one finding in full."""

from rich.console import Console

from inwit.auditing.base import Finding
from inwit.auditing.child.process import explained
from inwit.auditing.findings import TargetAudit
from inwit.reports.audit import STYLES
from inwit.reports.columns import print_sheet


def print_target_audit(console: Console, audit: TargetAudit, *, passes: bool = False) -> None:
    """Print the findings, the worst first, and the verdict last.

    Args:
        console: where to.
        audit: what was found.
        passes: print what is as it should be, too.
    """
    (sheet,) = audit.sheets(passes=passes)
    if sheet.rows:
        print_sheet(console, sheet, STYLES)
        console.print()
    for probe in audit.skipped:
        console.print(f"no time was left for {probe}", highlight=False)
    console.print(audit.headline, highlight=False, soft_wrap=True)


def print_finding(console: Console, finding: Finding) -> None:
    """One finding with its item, its reply and what the grader said, whole."""
    lines = [f"{finding.verdict}  {finding.id}: {finding.message}"]
    if finding.item is not None:
        lines += ["question", finding.item.question, "gold", str(finding.item.gold)]
        lines += ["reply", finding.reply if isinstance(finding.reply, str) else repr(finding.reply)]
    if finding.reading is not None:
        reading = finding.reading
        said = f"{reading.value}" if reading.score is not None else explained(reading)
        lines += ["score", said]
    for line in lines:
        shown = line.encode(errors="backslashreplace").decode()
        console.print(shown, highlight=False, soft_wrap=True)
