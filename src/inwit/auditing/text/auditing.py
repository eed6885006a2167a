"""The audit of graded text: every probe, each within what is left of the time."""

from collections.abc import Collection

from inwit.auditing.base import Finding, Item, Outcome, Verdict
from inwit.auditing.child.process import Child
from inwit.auditing.text import right, wrong
from inwit.auditing.text.context import Context
from inwit.auditing.text.probing import Probe

PROBES: dict[str, tuple[Probe, ...]] = {
    "right": (right.golds, right.other_forms),
    "wrong": (wrong.lazy, wrong.constants, wrong.echoes, wrong.hedges, wrong.instructed),
}
"""By group; the groups are looked at in this order."""


def audit_text(
    child: Child, *, items: int, seed: int, only: Collection[str] = ()
) -> tuple[list[Finding], list[str]]:
    """The findings about graded text, and the probes for which no time was left.

    Args:
        child: has opened the target.
        items: how many items are drawn.
        seed: which.
        only: the findings that are wanted; all if none are named.
    """
    drawn = child.prepare("items", items, seed, True)
    subjects = [Item(question=each[0], gold=each[1], fields=each[2]) for each in drawn]
    context = Context(child=child, items=subjects, about=child.about["about"], seed=seed)
    findings, skipped = list[Finding](), list[str]()
    for group, probes in PROBES.items():
        if only and not any(name.startswith(f"{group}/") or name == group for name in only):
            continue
        for probe in probes:
            if child.exhausted:
                skipped.append(f"{group}: {probe.__name__}")
                continue
            findings += probe(context)
    findings += _broken(context)
    kept = [each for each in findings if each.count]
    return [each for each in kept if not only or each.id in only], skipped


def _broken(context: Context) -> list[Finding]:
    """Calls that did not end with a score: an error, a hang or a death is told apart from 0."""
    findings = []
    words = {
        Outcome.ERROR: ("property/error", "raises an exception", Verdict.WARN),
        Outcome.TIMEOUT: ("property/time-out", "does not return in time", Verdict.FAIL),
        Outcome.DEATH: ("property/death", "ends the process", Verdict.FAIL),
    }
    for outcome, (id, what, verdict) in words.items():
        hits = [key for key, reading in context.scored.items() if reading.outcome is outcome]
        told = f"no reply {what}"
        if hits:
            reading = context.scored[hits[0]]
            where = f" ({reading.frames[-1]})" if reading.frames else ""
            told = f"the grader {what} on {len(hits)} replies: {reading.told}{where}"
        findings.append(
            Finding(
                id=id,
                verdict=verdict if hits else Verdict.PASS,
                told=told,
                hits=len(hits),
                count=len(context.scored),
                item=context.items[hits[0][0]] if hits else None,
                reply=context.replies.get(hits[0]) if hits else None,
                reading=context.scored[hits[0]] if hits else None,
            )
        )
    return findings
