"""The audit of any task of ours: what its author left open is found first, in the same time."""

import logging
from typing import Any

from inwit.auditing.exhaustive.auditing import SECONDS, audit_task
from inwit.auditing.exhaustive.base import Audit
from inwit.progress import Deadline, steps
from inwit.tasks import FunctionTask, Task
from inwit.training.limits import Limits, infer_limits

LOG = logging.getLogger("inwit")
PART = 2
"""What part of the seconds each search for programs may take, before the audit itself."""


def audit_own(
    task: Task, *, seconds: float | None = None, **options: Any
) -> tuple[Audit, Limits | None]:
    """Audit a task of ours, and look for programs first where a function draws its problems.

    Args:
        task: any task.
        seconds: of computing that the searches may take together; 30 if None.
        options: those of `audit_task`.

    Returns:
        The audit, and what the search found; None where nothing was searched first.

    Raises:
        InvalidOption: the function draws no problems, or an option is out of range.
    """
    deadline = Deadline(SECONDS if seconds is None else seconds)
    if not isinstance(task, FunctionTask):
        return audit_task(task, seconds=deadline.left, **options), None
    for own in steps([task], ["search for programs"]):
        limits = infer_limits(own, seconds=deadline.seconds / PART)
    if limits.inferred:
        LOG.info("%s", limits)
    given = {"programs": limits.programs} | options
    return audit_task(limits.task, seconds=deadline.left, **given), limits
