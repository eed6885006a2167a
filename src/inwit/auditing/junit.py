"""An audit as a JUnit file, with a test case for each finding."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from inwit.auditing.base import Finding, Verdict
from inwit.auditing.findings import TargetAudit

NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML does not allow."""
SHOWN = 2000


def to_junit(audit: TargetAudit) -> str:
    """The text of the file: `fail` is a failure; a warning is output of its case."""
    failures = audit.at_least(Verdict.FAIL)
    suite = Element(
        "testsuite",
        name=f"inwit audit {audit.target}",
        tests=str(len(audit.findings)),
        failures=str(len(failures)),
        skipped=str(sum(bool(each.ignored) for each in audit.findings)),
        time=f"{audit.seconds:.3f}",
    )
    for finding in audit.findings:
        case = SubElement(suite, "testcase", classname=_text(audit.target), name=finding.id)
        if finding.ignored:
            SubElement(case, "skipped", message=_text(finding.ignored))
        elif finding.verdict is Verdict.FAIL:
            failure = SubElement(case, "failure", message=_text(finding.message))
            failure.text = _text(_evidence(finding))
        elif finding.verdict is Verdict.WARN:
            SubElement(case, "system-out").text = _text(f"warn: {_evidence(finding)}")
    indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suite, encoding="unicode")


def _evidence(finding: Finding) -> str:
    lines = [finding.message]
    if finding.item is not None:
        lines += [f"question: {finding.item.question}", f"gold: {finding.item.gold}"]
        lines += [f"reply: {finding.reply!r}"]
    if finding.reading is not None:
        lines += [f"score: {finding.reading.value} {finding.reading.message}".rstrip()]
    return "\n".join(line[:SHOWN] for line in lines)


def _text(content: str) -> str:
    return NO_XML.sub("?", content)
