"""Before any training: is the task worth training on?"""

from inwit.auditing.base import Verdict
from inwit.auditing.exhaustive.auditing import audit_task
from inwit.auditing.exhaustive.base import Audit, Finding, LevelCeilings, Share, Single, Trap
from inwit.evaluation.intervals import percent

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
