"""An audit as one page of HTML: its verdict, its findings, its ceilings."""

from collections.abc import Sequence
from itertools import groupby

from inwit.auditing.base import Verdict
from inwit.auditing.exhaustive import Audit, Finding
from inwit.auditing.exhaustive.rows import ceilings_row, finding_row
from inwit.reports.page import page, table, text


def audit_page(audit: Audit, advice: Sequence[str] = ()) -> str:
    """The whole page; `advice` is what may help before training."""
    listed = "".join(f"<li>{text(line)}</li>" for line in advice)
    counted = ", ".join(f"{count} {name}" for name, count in _counted(audit).items())
    without = [f"without {name}" for name in audit.levels[0].without]
    ceilings = table(
        ["level", "form", "chance", "oracle", "best", *without], map(ceilings_row, audit.levels)
    )
    headings = ["verdict", "finding", "level", "figure", "95 % interval", "meaning"]
    return page(
        audit.headline,
        f"<h1>{text(audit.task)}: <span class={audit.verdict}>{audit.verdict}</span></h1>"
        f"<p>Is this task worth training on? {counted} (inwit audit, before any training).</p>\n"
        f"{_worst(audit)}{f'<h2>What may help</h2><ul>{listed}</ul>' if listed else ''}"
        f"<h2>Findings</h2>{table(headings, map(_finding, audit.findings))}\n"
        "<h2>Ceilings; in brackets: the best program that ignores the problem</h2>"
        f"{ceilings}",
    )


def _counted(audit: Audit) -> dict[Verdict, int]:
    """How many findings have each verdict, the worst first."""
    verdicts = [finding.verdict for finding in audit.findings]
    return {each: verdicts.count(each) for each in reversed(Verdict) if each in verdicts}


def _worst(audit: Audit) -> str:
    """What is not as it should be, a sentence for each kind of finding; failures first."""
    found = []
    for verdict in (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN):
        lines = [each for each in audit.findings if each.verdict is verdict]
        for name, group in groupby(lines, key=lambda each: each.name):
            *before, last = group
            levels = [str(each.level) for each in (*before, last) if each.level is not None]
            where = f", level{'s' * (len(levels) > 1)} {', '.join(levels)}" if levels else ""
            found.append(f"<li class={verdict}>{text(name + where)}: {text(last.message)}</li>")
    return f"<ul>{''.join(found)}</ul>\n" if found else ""


def _finding(finding: Finding) -> tuple[str, ...]:
    return finding_row(finding, "all" if finding.level is None else str(finding.level))
