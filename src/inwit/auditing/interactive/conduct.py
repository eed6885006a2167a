"""How an environment behaves: rewards, ends, faults, and what Gymnasium's own checker says."""

from collections import Counter
from collections.abc import Iterator
from math import isfinite

from inwit.auditing.base import Finding, Outcome, Reading, Verdict
from inwit.auditing.interactive.context import LIMIT, Context, Episode, finding

NEARLY, OFTEN, CAP, TWINS = 1e-9, 0.05, 20, 3
LEAST = 2
"""Least number of episodes that show a regularity."""


def api(context: Context) -> Iterator[Finding]:
    """The remarks of the format's own checker, if there is one."""
    if not context.about.get("checker"):
        return
    reading = context.child.ask("check", [()], seconds=20)[0]
    if reading.outcome is not Outcome.VALUE:
        words = f"the checker did not finish: {reading.message}"
        yield _single("api/checker", Verdict.WARN, words, reading)
        return
    said = reading.value if isinstance(reading.value, dict) else {}
    name, error, warnings = context.about["checker"], said.get("error"), said.get("warnings", [])
    if error:
        yield _single("api/checker", Verdict.FAIL, f"{name} refuses it: {error}", reading)
    elif warnings:
        words = f"{name} warns {len(warnings)} times, first: {warnings[0]}"
        yield _single("api/checker", Verdict.WARN, words, reading)
    else:
        yield _single("api/checker", Verdict.PASS, f"{name} finds nothing", reading)


def _single(id: str, verdict: Verdict, words: str, reading: Reading) -> Finding:
    hits = int(verdict is not Verdict.PASS)
    return Finding(id=id, verdict=verdict, message=words, hits=hits, count=1, reading=reading)


def faults(context: Context) -> Iterator[Finding]:
    """Legal actions never raise; such an episode would enter training as reward 0."""
    played = [each for each in context.played if each.reading.outcome is Outcome.VALUE]
    for place, what in (("reset", "reset"), ("step", "a legal action"), ("reward", "get_reward")):
        found = [each for each in played if each.fault and each.fault_at == place]
        if place == "reward" and not context.tools:
            continue
        words = f"{what} never raises"
        if found:
            words = f"{what} raises in {len(found)} of {len(played)} episodes, which would enter "
            words += f"training as reward 0: {found[0].fault}"
        verdict = Verdict.FAIL if len(found) > OFTEN * len(played) else Verdict.WARN
        if played:
            yield finding(f"fault/{place}", verdict, words, found, len(played))
    kinds = {Outcome.TIMEOUT: "fault/time-out", Outcome.DEATH: "fault/death"}
    for outcome, id in kinds.items():
        found = [each for each in context.lost if each.reading.outcome is outcome]
        count = len(played) + len(context.lost)
        words = "no episode hangs" if outcome is Outcome.TIMEOUT else "no process died"
        if found:
            words = f"{len(found)} of {count} episodes: {found[0].reading.message}"
        yield finding(id, Verdict.FAIL, words, found, count)


def rewards(context: Context) -> Iterator[Finding]:
    """Rewards are finite numbers, and their sums lie in the stated range."""
    played = [each for each in context.played if each.rewards]
    bad = [each for each in played if not all(map(isfinite, each.rewards))]
    words = "every reward is finite"
    if bad:
        worst = next(each for each in bad[0].rewards if not isfinite(each))
        words = f"{len(bad)} of {len(played)} episodes pay {worst}: one such reward spoils a run"
    if played:
        yield finding("reward/finite", Verdict.FAIL, words, bad, len(played))
    stated = context.about.get("range")
    if not stated or not played:
        return
    low, high = stated
    out = [each for each in played if not low - NEARLY <= each.sum <= high + NEARLY]
    words = f"episodes are paid from {low:g} to {high:g}, as stated"
    if out:
        words = f"{len(out)} of {len(played)} episodes are paid outside the stated range, "
        words += f"{low:g} to {high:g}: {out[0].sum:g}"
    yield finding("reward/range", Verdict.FAIL, words, out, len(played))


def ends(context: Context) -> Iterator[Finding]:
    """Episodes end, and termination is distinguished from truncation."""
    played = [each for each in context.played if each.complete and each.rewards]
    if context.tools or not played:
        return
    endless = [each for each in played if not each.ended and len(each.rewards) >= LIMIT]
    if (context.about.get("max_steps") or 0) > LIMIT:
        endless = []
    words = f"every episode ends within {LIMIT} steps, or at its stated limit"
    if endless:
        words = f"{len(endless)} of {len(played)} episodes continue after {LIMIT} steps without a "
        words += "stated limit: add a TimeLimit"
    yield finding("end/never", Verdict.WARN, words, endless, len(played))
    ended = [each for each in played if each.ended]
    both = [each for each in ended if each.terminated and each.truncated]
    sound = "termination is distinguished from truncation"
    if len(both) < max(LEAST, len(ended)):
        both = []
    words = f"all {len(both)} ends are both terminated and truncated: a learner cannot know "
    words += "whether the last state has a value"
    yield finding("end/both", Verdict.WARN, words if both else sound, both, len(played))
    yield _capped(played, ended)


def _capped(played: list[Episode], ended: list[Episode]) -> Finding:
    """Whether the longest episodes all end at the same step and report a termination."""
    found: list[Episode] = []
    lengths = Counter(len(each.rewards) for each in ended)
    longest = max(lengths, default=0)
    at = [each for each in ended if len(each.rewards) == longest]
    policies = {str(each.policy["kind"]) for each in at}
    if longest >= CAP and len(at) >= TWINS and len(lengths) > 1 and len(policies) > 1:
        found = [each for each in at if each.terminated and not each.truncated]
        found = found if len(found) == len(at) else []
    words = "no step limit is reported as a termination"
    if found:
        words = f"the {len(found)} longest episodes end after exactly {longest} steps and report a "
        words += "termination: a step limit must be reported as truncated, or its last state "
        words += "gets the value 0"
    return finding("end/limit-as-rule", Verdict.WARN, words, found, len(played))
