"""The audit of an interactive environment: every probe, each within what is left of the time."""

from collections.abc import Callable, Collection, Iterator

from inwit.auditing.base import Finding
from inwit.auditing.child.process import Child
from inwit.auditing.interactive import acts, conduct, policies, seeds, tools
from inwit.auditing.interactive.context import Context
from inwit.progress import steps

PROBES: tuple[Callable[[Context], Iterator[Finding]], ...] = (
    conduct.api,
    seeds.same,
    seeds.another,
    seeds.overlap,
    policies.all_of_them,
    acts.same_actions,
    acts.aliased,
    acts.after_end,
    seeds.after_error,
    tools.calls,
    acts.illegal,
    conduct.faults,
    conduct.rewards,
    conduct.ends,
)
"""In this order: what may leave something behind comes late, and the last three look at all that
was played."""


def audit_interactive(
    child: Child, *, items: int, seed: int, only: Collection[str] = ()
) -> tuple[list[Finding], list[str]]:
    """The findings about an interactive environment, and the probes for which no time was left.

    Args:
        child: has opened the target.
        items: how many episodes of each policy are played.
        seed: the first seed.
        only: the findings that are wanted; all if none are named.
    """
    context = Context(child=child, about=child.about["about"], count=items, seed=seed)
    findings, skipped = list[Finding](), list[str]()
    for probe in steps(PROBES, [each.__name__.replace("_", " ") for each in PROBES]):
        if child.exhausted:
            skipped.append(f"{probe.__module__.rpartition('.')[2]}: {probe.__name__}")
            continue
        findings += probe(context)
    kept = [each for each in findings if each.count]
    return [each for each in kept if not only or each.id in only], skipped
