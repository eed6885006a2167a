"""An audit as one page of HTML: its verdict, its findings, its ceilings."""

from collections.abc import Iterable, Sequence
from html import escape

from inwit.auditing.exhaustive import Audit, Finding
from inwit.auditing.exhaustive.rows import ceilings_row, finding_row
from inwit.reports.certificate_page import STYLE


def audit_page(audit: Audit) -> str:
    """The whole page."""
    title = f"Is {audit.task} worth training on? {audit.verdict}"
    without = [f"without {name}" for name in audit.levels[0].without]
    ceilings = _table(
        ["level", "form", "chance", "oracle", "best", *without], map(ceilings_row, audit.levels)
    )
    headings = ["verdict", "finding", "level", "figure", "95 % interval", "meaning"]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{STYLE}</style></head><body>\n"
        f"<h1>{_text(title)}</h1><p>What inwit audit found, before any training.</p>\n"
        f"<h2>Findings</h2>{_table(headings, map(_finding, audit.findings))}\n"
        "<h2>Ceilings; in brackets: the best program that ignores the problem</h2>"
        f"{ceilings}</body></html>\n"
    )


def _finding(finding: Finding) -> tuple[str, ...]:
    return finding_row(finding, "all" if finding.level is None else str(finding.level))


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{_text(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<div class=wide><table><tr>{head}</tr>{body}</table></div>"


def _cell(content: str) -> str:
    kind = f' class="{content}"' if content in ("pass", "fail") else ""
    return f"<td{kind}>{_text(content)}</td>"


def _text(content: object) -> str:
    return escape(str(content))
