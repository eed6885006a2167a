"""Before training: is a task, an environment or a reward worth training on?

    base         verdicts, and the two protocols: graded text, interactive
    targets      what a target names
    child        the process in which foreign code runs
    formats      adapters, a file for each format
    text         the probes of graded text
    interactive  the probes of interactive environments
    exhaustive   the audit of our own tasks: every program is tried
    groups       findings that are one line for a person
    findings     what comes out, and what an author lets stand
    auditing     `inwit.audit`

Nothing but `exhaustive` imports torch.
"""

from typing import TYPE_CHECKING

from inwit.extras import at_first_use

if TYPE_CHECKING:
    from inwit.auditing.auditing import audit
    from inwit.auditing.base import Finding, Verdict
    from inwit.auditing.findings import TargetAudit

_MODULES = {"Finding": "base", "TargetAudit": "findings", "Verdict": "base", "audit": "auditing"}
"""Imported at first use, since children need none of it and every audit starts some."""

__all__ = ["Finding", "TargetAudit", "Verdict", "audit"]


__getattr__ = at_first_use(__name__, _MODULES)
