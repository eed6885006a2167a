"""The audit of graded text: every probe, within the time that is left."""

from collections.abc import Collection

from inwit.auditing.base import Finding, Outcome, Verdict
from inwit.auditing.child.process import Child
from inwit.auditing.text import ceilings, data, ends, near, partial, properties, right, wrong
from inwit.auditing.text.context import Context, items_of
from inwit.auditing.text.probing import Probe
from inwit.progress import steps

PROBES: dict[str, tuple[Probe, ...]] = {
    "right": (right.golds, right.stated_form, right.other_forms),
    "wrong": (
        wrong.lazy,
        wrong.constants,
        wrong.echoes,
        wrong.hedges,
        wrong.instructed,
        properties.names,
    ),
    "near": (near.misses, ends.unfinished, ends.taken_back),
    "partial": (partial.lazy, partial.parts, partial.repeated),
    "data": (data.repeats, data.overlap, data.golds, data.solved),
    "ceiling": (ceilings.all_of_them,),
    "property": (
        properties.longest,
        properties.order,
        properties.together,
        properties.finite,
        properties.repeatable,
        properties.types,
        properties.evaluates,
    ),
}
"""The probes by group, in the order in which they run."""


def audit_text(
    child: Child, *, items: int, seed: int, only: Collection[str] = ()
) -> tuple[list[Finding], list[str]]:
    """The findings about graded text, and the probes that the time limit left out.

    Args:
        child: the process that has opened the target.
        items: number of items.
        seed: seed of the items.
        only: names of the findings to make; all if empty.
    """
    drawn = child.prepare("items", items, seed, True)
    context = Context(child=child, items=items_of(drawn), about=child.about["about"], seed=seed)
    child.items = len(context.items) or None
    findings, skipped = list[Finding](), list[str]()
    blind = not context.about.get("correctness", True)
    if blind:
        findings.append(_says_nothing(context))
    for group, probes in steps(list(PROBES.items()), list(PROBES)):
        if (blind and group not in ("data", "property")) or not _wanted(group, only):
            continue
        for probe in probes:
            if child.exhausted:
                skipped.append(f"{group}: {probe.__name__}")
                continue
            findings += probe(context)
    findings += _broken(context)
    kept = [each for each in findings if each.count]
    return [each for each in kept if not only or each.id in only], skipped


def _wanted(group: str, only: Collection[str]) -> bool:
    """Whether a group can yield a requested finding; properties need the replies of all groups."""
    prefixes = {each.partition("/")[0] for each in only}
    doubtful = "doubtful" in prefixes and group in ("wrong", "near")
    replies = "property" in prefixes and group in ("right", "wrong", "near", "partial")
    return not only or group in prefixes or doubtful or replies


def _says_nothing(context: Context) -> Finding:
    """The grader does not read the gold: a reward for length or format."""
    message = "the grader does not read the gold, so nothing is right or wrong for it"
    if not context.stated:
        message = "no gold is stated: name its column with --gold"
    return Finding(id="right/no-gold", verdict=Verdict.WARN, message=message, hits=1, count=1)


def _broken(context: Context) -> list[Finding]:
    """Calls that ended without a score: an exception, a hang or a crash is not a score of 0."""
    findings = []
    words = {
        Outcome.ERROR: ("property/error", "raises an exception", Verdict.WARN),
        Outcome.TIMEOUT: ("property/time-out", "does not return in time", Verdict.FAIL),
        Outcome.DEATH: ("property/death", "ends the process", Verdict.FAIL),
    }
    for outcome, (id, what, verdict) in words.items():
        hits = [key for key, reading in context.scored.items() if reading.outcome is outcome]
        message = f"no reply {what}"
        if hits:
            reading = context.scored[hits[0]]
            where = f" ({reading.frames[-1]})" if reading.frames else ""
            message = f"the grader {what} on {len(hits)} replies: {reading.message}{where}"
        findings.append(
            Finding(
                id=id,
                verdict=verdict if hits else Verdict.PASS,
                message=message,
                hits=len(hits),
                count=len(context.scored),
                item=context.items[hits[0][0]] if hits else None,
                reply=context.replies.get(hits[0]) if hits else None,
                reading=context.scored[hits[0]] if hits else None,
            )
        )
    return findings
