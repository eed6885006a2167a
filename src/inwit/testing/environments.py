"""What any reward or environment must hold to, for the tests of whoever trains on it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inwit.auditing.auditing import audit_target
from inwit.auditing.base import Verdict
from inwit.auditing.child.process import Limits
from inwit.auditing.findings import TargetAudit, read_baseline, said
from inwit.auditing.targets import FORMS, read_target
from inwit.errors import InvalidOption


def assert_sound(
    target: str,
    *,
    fail_on: str = "fail",
    ignore: Mapping[str, str] | None = None,
    baseline: str | Path | None = None,
    items: int = 50,
    seed: int = 0,
    limits: Limits | None = None,
    **options: Any,
) -> TargetAudit:
    """Audit a reward or an environment, and fail if something is found.

    Args:
        target: as `inwit audit` takes it: `rewards.py:score`, `reasoning-gym:chain_sum`, ...
        fail_on: `warn` or `fail`: from which verdict on it fails.
        ignore: findings that stand, each with the reason.
        baseline: a file of such findings.
        items: how many items are drawn.
        seed: which items.
        limits: what the target may use.
        options: of the adapter: `data`, `question`, `gold`, `set`.

    Returns:
        The audit.

    Raises:
        AssertionError: something was found; it names each finding and the reply that shows it.
        InvalidOption: the target cannot be imported, or not as it was named.
    """
    named = read_target(target, options)
    if named is None:
        forms = ", ".join(FORMS)
        raise InvalidOption(f"'{target}' is a task of ours: check_task is for those; or {forms}")
    audit = audit_target(named, items=items, seed=seed, limits=limits)
    standing = read_baseline(Path(baseline)) if baseline is not None else {}
    audit = audit.without(standing | dict(ignore or {}))
    found = audit.at_least(Verdict(fail_on))
    if found:
        lines = "\n".join(f"  {said(each)}" for each in found)
        raise AssertionError(f"{target} is not sound: {len(found)} findings\n{lines}")
    return audit
