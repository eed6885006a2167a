"""Before any training: is the task worth training on?"""

from inwit.audit.auditing import audit_task
from inwit.audit.base import Audit, Finding, LevelCeilings, Share, Single, Trap, Verdict, percent

__all__ = [
    "Audit",
    "Finding",
    "LevelCeilings",
    "Share",
    "Single",
    "Trap",
    "Verdict",
    "audit_task",
    "percent",
]
