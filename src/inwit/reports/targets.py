"""What a person sees of an audit of anybody's environment: a table, or one finding in full."""

from collections import Counter

from rich.console import Console

from inwit.auditing.base import Finding, Verdict, percent
from inwit.auditing.child.process import explained
from inwit.auditing.findings import TargetAudit
from inwit.auditing.groups import grouped
from inwit.reports.audit import STYLES
from inwit.reports.columns import print_columns

SHOWN = 70
"""Characters of a reply in the table."""
HEADINGS = ("verdict", "finding", "figure", "95 % interval", "of", "meaning")


def print_target_audit(console: Console, audit: TargetAudit, *, passes: bool = False) -> None:
    """Print the findings, the worst first, and the verdict last.

    Args:
        console: where to.
        audit: what was found.
        passes: print what is as it should be, too.
    """
    found = sorted(audit.findings, key=lambda each: -list(Verdict).index(each.verdict))
    told = grouped([each for each in found if passes or each.verdict is not Verdict.PASS])
    if told:
        rows = [HEADINGS, *map(target_row, told)]
        print_columns(console, rows, left=("verdict", "finding", "meaning"), styles=STYLES)
        console.print()
    for probe in audit.skipped:
        console.print(f"no time was left for {probe}", markup=False, highlight=False)
    counted = Counter("ignored" if each.ignored else str(each.verdict) for each in found)
    names = [*map(str, reversed(Verdict)), *(["ignored"] if counted["ignored"] else [])]
    words = ", ".join(f"{counted[name]} {name}" for name in names)
    console.print(
        f"{audit.target}: {audit.verdict} ({words}; {audit.items} items, {audit.seconds:.1f} s)",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def target_row(finding: Finding) -> tuple[str, ...]:
    """The cells of a finding."""
    low, high = finding.bounds
    verdict = "ignored" if finding.ignored else str(finding.verdict)
    return (
        verdict,
        finding.id,
        percent(finding.figure),
        f"{low:.1%} to {high:.1%}",
        str(finding.count),
        meaning(finding),
    )


def meaning(finding: Finding) -> str:
    """The sentence of a finding, and the reply that shows it."""
    text = finding.told
    if finding.reply is not None and finding.verdict is not Verdict.PASS:
        shown = repr(finding.reply)
        text += f": {shown if len(shown) <= SHOWN else shown[:SHOWN] + '...'}"
    return f"{text} (ignored: {finding.ignored})" if finding.ignored else text


def print_finding(console: Console, finding: Finding) -> None:
    """One finding with its item, its reply and what the grader said, whole."""
    lines = [f"{finding.verdict}  {finding.id}: {finding.told}"]
    if finding.item is not None:
        lines += ["question", finding.item.question, "gold", str(finding.item.gold)]
        lines += ["reply", finding.reply if isinstance(finding.reply, str) else repr(finding.reply)]
    if finding.reading is not None:
        reading = finding.reading
        said = f"{reading.value}" if reading.score is not None else explained(reading)
        lines += ["score", said]
    for line in lines:
        shown = line.encode(errors="backslashreplace").decode()
        console.print(shown, markup=False, highlight=False, soft_wrap=True)
