"""`inwit.audit`: any task, environment or reward, before any training."""

import platform
from collections.abc import Collection, Mapping
from dataclasses import replace
from importlib.metadata import version
from inspect import signature
from math import inf
from typing import TYPE_CHECKING, Any

from inwit.auditing.child.process import Child, Limits
from inwit.auditing.findings import TargetAudit
from inwit.auditing.targets import Target, read_target
from inwit.errors import InvalidOption, UnknownName
from inwit.parts import check_count, check_seed

if TYPE_CHECKING:
    from inwit.auditing.exhaustive import Audit
    from inwit.tasks import Task

ITEMS, LEAST = 50, 4
"""Default number of items, and the minimum for an audit."""


def audit(
    target: "str | Task",
    *,
    items: int = ITEMS,
    seed: int = 0,
    only: Collection[str] = (),
    limits: Limits | None = None,
    **options: Any,
) -> "TargetAudit | Audit":
    """Whether a task, an environment or a reward is worth training on.

    Args:
        target: `FILE.py:FUNCTION`, `reasoning-gym:NAME`, `trl:FILE.py:NAME`, ... (see
            `docs/audit_your_reward.md`); or a task of ours, by its name or itself, whose programs
            are all tried.
        items: number of items.
        seed: of the items.
        only: the findings that are wanted; by default all.
        limits: what the target may use, in a process of its own.
        options: of the adapter: `data`, `held_out`, `gold`, `question`, `set`; of a task, those of
            `inwit.auditing.exhaustive.audit_task`, and `seconds` for its searches together.

    Raises:
        InvalidOption: the target cannot be imported, or not as it was named, or is none.
        UnknownName: it has no such option.
    """
    named = read_target(target, options) if isinstance(target, str) else None
    if named is None:
        foreign = {"items": items != ITEMS, "only": bool(only), "limits": limits is not None}
        options |= {name: None for name, given in foreign.items() if given}
        return _audit_own(target, seed, options)
    return audit_target(named, items=items, seed=seed, only=only, limits=limits)


def _audit_own(target: object, seed: int, options: Mapping[str, Any]) -> "Audit":
    """The audit of a task of ours; options of foreign code are refused."""
    from inwit.auditing.exhaustive import audit_task
    from inwit.auditing.exhaustive.own import audit_own
    from inwit.recipes import task_for
    from inwit.tasks import Task

    if not isinstance(target, str | Task):
        wanted = "give its name, such as 'rewards.py:score', or a task"
        raise InvalidOption(f"{target!r:.60} is not a target: {wanted}")
    task = task_for(target.removeprefix("task:") if isinstance(target, str) else target)
    known = [name for name in signature(audit_task).parameters if name != "task"]
    for each in options:
        if each not in known:
            raise UnknownName("option of the audit of a task", each, known)
    check_seed(seed)
    if "problems" in options:
        check_count("problems", options["problems"])
    seconds = options.get("seconds")
    if seconds is not None and not (isinstance(seconds, int | float) and 0 < seconds < inf):
        raise InvalidOption(f"seconds {seconds!r:.60}: give a number above 0, or None")
    return audit_own(task, seed=seed, **options)[0]


def audit_target(
    target: Target,
    *,
    items: int = ITEMS,
    seed: int = 0,
    only: Collection[str] = (),
    limits: Limits | None = None,
) -> TargetAudit:
    """The audit of foreign code; see `audit`.

    Raises:
        InvalidOption: it cannot be imported, or not as it was named.
    """
    check_seed(seed)
    check_count("items", items)
    if items < LEAST:
        raise InvalidOption(f"{items} items: an audit needs at least {LEAST}")
    limits = replace(limits or Limits(), network=True) if target.remote else limits or Limits()
    with Child(target, limits) as child:
        findings, skipped = _audit_of(child)(child, items=items, seed=seed, only=only)
        return TargetAudit(
            target=target.name,
            kind=child.about["kind"],
            seed=seed,
            items=items if child.items is None else child.items,
            findings=tuple(findings),
            skipped=tuple(skipped),
            versions=_versions(child.about["about"]),
            seconds=child.spent,
        )


def _audit_of(child: Child) -> Any:
    if child.about["kind"] == "graded":
        from inwit.auditing.text.auditing import audit_text

        return audit_text
    from inwit.auditing.interactive.auditing import audit_interactive

    return audit_interactive


def _versions(about: Mapping[str, Any]) -> dict[str, str]:
    ours = {"inwit": version("inwit"), "python": platform.python_version()}
    return {**ours, **about.get("versions", {})}
