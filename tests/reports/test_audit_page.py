"""The page of an audit begins with its verdict, and with what is not as it should be."""

import re

from inwit.auditing.exhaustive import audit_task
from inwit.recipes import task_for
from inwit.reports.audit_page import audit_page


def test_the_page_begins_with_the_verdict_and_its_reasons():
    audit = audit_task(task_for("tutorial"), problems=64, budget=10_000)
    page = audit_page(audit)
    body = page[page.index("<body>") :]
    assert body.startswith("<body>\n<h1>tutorial: <span class=fail>fail</span></h1>")
    first = body[: body.index("<h2>")]
    lines = first.split("<li class=")[1:]
    expected = [
        (verdict, name)
        for verdict in ("fail", "warn")
        for name in dict.fromkeys(each.name for each in audit.findings if each.verdict == verdict)
    ]
    assert len(expected) > 5
    assert len(lines) == len(expected)
    for line, (verdict, name) in zip(lines, expected, strict=True):
        assert re.match(rf"{verdict}>{re.escape(name)}(, levels? \d[\d, ]*)?: ", line), line
    counts = [
        sum(each.verdict == verdict for each in audit.findings) for verdict in ("fail", "warn")
    ]
    assert f"{counts[0]} fail, {counts[1]} warn" in first


def test_a_sound_task_has_no_reasons():
    audit = audit_task(task_for("expressions"), levels=[1], problems=64, budget=10_000)
    page = audit_page(audit)
    assert f"<h1>expressions: <span class={audit.verdict}>{audit.verdict}</span></h1>" in page
    assert ("<ul>" in page) == (audit.verdict != "pass")
