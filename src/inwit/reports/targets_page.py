"""An audit of anybody's environment as one page of HTML."""

from collections.abc import Iterator
from html import escape

from inwit.auditing.base import Finding, Verdict
from inwit.auditing.child.process import explained
from inwit.auditing.findings import TargetAudit
from inwit.auditing.groups import grouped
from inwit.auditing.rows import HEADINGS, target_row, worst_first
from inwit.reports.certificate_page import STYLE

SHOWN = 4000
"""Characters of a question or a reply."""


def target_page(audit: TargetAudit) -> str:
    """The whole page: the table, then each finding with the item and reply that show it."""
    title = f"{audit.target}: {audit.verdict}"
    found = worst_first(audit.findings)
    head = "".join(f"<th>{escape(each)}</th>" for each in HEADINGS)
    rows = "".join(f"<tr>{''.join(map(_cell, target_row(each)))}</tr>" for each in grouped(found))
    shown = "".join(part for each in found for part in _evidence(each))
    versions = ", ".join(f"{name} {value}" for name, value in audit.versions.items())
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{_text(audit.target)}: <span class={audit.verdict}>{audit.verdict}</span></h1>"
        f"<p>Is it worth training on? {audit.items} items, seed {audit.seed}, "
        f"{audit.seconds:.1f} s; {_text(versions)}.</p>\n"
        f"<h2>Findings</h2><div class=wide><table><tr>{head}</tr>{rows}</table></div>\n"
        f"<h2>What shows them</h2>{shown or '<p>There are none.</p>'}</body></html>\n"
    )


def _evidence(finding: Finding) -> Iterator[str]:
    if finding.verdict is Verdict.PASS or finding.item is None:
        return
    yield f"<h3>{_text(finding.id)}</h3><p>{_text(finding.message)}.</p>"
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
        yield f"<p>{name}</p><pre>{_text(part[:SHOWN])}</pre>"


def _cell(content: str) -> str:
    kind = f' class="{content}"' if content in ("pass", "warn", "fail") else ""
    return f"<td{kind}>{_text(content)}</td>"


def _text(content: str) -> str:
    """Safe for a page, also what is no character."""
    return escape(content.encode(errors="backslashreplace").decode())
