"""The cells of the table of findings of a foreign environment."""

from collections.abc import Sequence

from inwit.auditing.base import Finding, Verdict
from inwit.auditing.groups import grouped
from inwit.evaluation.intervals import percent
from inwit.tabular import Sheet

SHOWN = 70
"""Characters of a reply in the table."""
HEADINGS = ("verdict", "finding", "figure", "95 % interval", "of", "meaning")


def findings(found: Sequence[Finding], *, passes: bool) -> Sheet:
    """The findings, the worst first, those of a group in one row.

    Args:
        found: the findings.
        passes: include those that pass.
    """
    kept = [each for each in worst_first(found) if passes or each.verdict is not Verdict.PASS]
    rows = tuple(map(target_row, grouped(kept)))
    return Sheet(headings=HEADINGS, rows=rows, left=("verdict", "finding", "meaning"))


def worst_first(found: Sequence[Finding]) -> list[Finding]:
    """The findings in the order of their verdicts."""
    return sorted(found, key=lambda each: -list(Verdict).index(each.verdict))


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
    text = finding.message
    if finding.reply is not None and finding.verdict is not Verdict.PASS:
        shown = repr(finding.reply)
        text += f": {shown if len(shown) <= SHOWN else shown[:SHOWN] + '...'}"
    return f"{text} (ignored: {finding.ignored})" if finding.ignored else text
