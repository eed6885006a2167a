"""The contract of a reward or an environment, for the tests of those who train on it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inwit.auditing.auditing import audit_target
from inwit.auditing.base import Verdict
from inwit.auditing.child.process import Limits
from inwit.auditing.findings import TargetAudit, read_baseline, said
from inwit.auditing.targets import FORMS, read_target
from inwit.errors import InvalidOption, UnknownName

FAILING = ("warn", "fail")
"""The verdicts from which on a target may fail."""


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
    """Audit a reward or an environment; fail if it finds something.

    Args:
        target: as `inwit audit` takes it: `rewards.py:score`, `reasoning-gym:chain_sum`, ...
        fail_on: `warn` or `fail`: the verdict from which on it fails.
        ignore: accepted findings, each with the reason.
        baseline: a file of accepted findings.
        items: number of items.
        seed: which items.
        limits: of the target's time and memory.
        options: of the adapter: `data`, `question`, `gold`, `set`.

    Returns:
        The audit.

    Raises:
        AssertionError: it found something; the message lists the findings and their replies.
        InvalidOption: the target cannot be imported, or not under this name; or `fail_on` is
            another verdict, which is told before the audit.
    """
    if fail_on not in FAILING:
        raise UnknownName("verdict of fail_on", str(fail_on), FAILING)
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
