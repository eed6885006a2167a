"""The audit of any task of ours: what its author left open is found first, in the same time."""

import logging
from typing import Any

from inwit.auditing.exhaustive.auditing import SECONDS, audit_task
from inwit.auditing.exhaustive.base import Audit
from inwit.progress import Deadline, steps
from inwit.tasks import FunctionTask, Task
from inwit.training.limits import Limits, infer_limits

LOG = logging.getLogger("inwit")
SEARCH, AUDIT, ADVICE = 0.35, 0.65, 0.7
"""After which parts of the seconds the search for programs, the audit and the search for advice
end; the rest is for the start of two processes."""


def audit_own(
    task: Task, *, seconds: float | None = None, **options: Any
) -> tuple[Audit, Limits | None]:
    """Audit a task of ours, and look for programs first where a function draws its problems.

    Args:
        task: any task.
        seconds: of computing, and of waiting by tools, that the command may take; 30 if None.
        options: those of `audit_task`.

    Returns:
        The audit, and what the search found; None where nothing was searched first.

    Raises:
        InvalidOption: the function draws no problems, or an option is out of range.
    """
    seconds = SECONDS if seconds is None else seconds
    if not isinstance(task, FunctionTask):
        return audit_task(task, seconds=seconds, **options), None
    deadline = Deadline(AUDIT * seconds)
    for own in steps([task], ["search for programs"]):
        limits = infer_limits(own, seconds=SEARCH * seconds)
    if limits.inferred:
        LOG.info("%s", limits)
    given = {"programs": limits.programs} | options
    return audit_task(limits.task, seconds=deadline.left, **given), limits
