"""The audit of an environment or reward as one page of HTML."""

from collections.abc import Iterator

from inwit.auditing.base import Finding, Verdict
from inwit.auditing.child.process import explained
from inwit.auditing.findings import TargetAudit
from inwit.auditing.groups import grouped
from inwit.auditing.rows import HEADINGS, target_row, worst_first
from inwit.reports.page import page, table, text

SHOWN = 4000
"""Characters of a question or a reply."""


def target_page(audit: TargetAudit) -> str:
    """The whole page: the table, then each finding with the item and reply that show it."""
    title = f"{audit.target}: {audit.verdict}"
    found = worst_first(audit.findings)
    shown = "".join(part for each in found for part in _evidence(each))
    versions = ", ".join(f"{name} {value}" for name, value in audit.versions.items())
    return page(
        title,
        f"<h1>{text(audit.target)}: <span class={audit.verdict}>{audit.verdict}</span></h1>"
        f"<p>Is it worth training on? {audit.items} items, seed {audit.seed}, "
        f"{audit.seconds:.1f} s; {text(versions)}.</p>\n"
        f"<h2>Findings</h2>{table(HEADINGS, map(target_row, grouped(found)))}\n"
        f"<h2>What shows them</h2>{shown or '<p>There are none.</p>'}",
    )


def _evidence(finding: Finding) -> Iterator[str]:
    if finding.verdict is Verdict.PASS or finding.item is None:
        return
    yield f"<h3>{text(finding.id)}</h3><p>{text(finding.message)}.</p>"
    reading = finding.reading
    said = ""
    if reading is not None:
        said = str(reading.value) if reading.score is not None else explained(reading)
    reply = finding.reply if isinstance(finding.reply, str) else repr(finding.reply)
    parts = {
        "question": finding.item.question,
        "gold": str(finding.item.gold),
        "reply": reply,
        "score": said,
    }
    for name, part in parts.items():
        yield f"<p>{name}</p><pre>{text(part[:SHOWN])}</pre>"
