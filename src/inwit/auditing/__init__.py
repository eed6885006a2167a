"""Before any training: is a task, an environment or a reward worth training on?

    base         verdicts, and the two protocols: graded text, interactive
    targets      what a target names
    child        the process in which foreign code runs
    formats      adapters, a file for each format
    text         the probes of graded text
    interactive  the probes of what is acted in
    exhaustive   the audit of our own tasks: every program is tried
    groups       findings that are one line for a person
    findings     what comes out, and what an author lets stand
    auditing     `inwit.audit`

Nothing but `exhaustive` imports torch.
"""

from inwit.auditing.auditing import audit
from inwit.auditing.base import Finding, Verdict
from inwit.auditing.findings import TargetAudit

__all__ = ["Finding", "TargetAudit", "Verdict", "audit"]
