"""Tools: unknown names, wrong arguments, repeated calls, every answer in turn."""

from collections.abc import Iterator, Mapping
from typing import Any

from inwit.auditing.base import Finding, Outcome, Verdict
from inwit.auditing.interactive.context import Context, Episode, finding

NEARLY, MANY, ONCE, SEEDS, OFTEN = 1e-9, 60, 3, 3, 0.5
"""Slack; calls of a long loop and of a short one; seeds; the share above which guessing pays."""
UNKNOWN: Mapping[str, Any] = {"tool": "no_such_tool", "arguments": {}}


def calls(context: Context) -> Iterator[Finding]:
    """Wrong calls may raise or return a text, but must not be paid."""
    if not context.tools:
        return
    seeds = context.seeds
    idle = {seed: context.play(seed, {"kind": "idle"}) for seed in seeds}
    for id, what, wrong in (
        ("tool/unknown", "a call of an unknown tool", [UNKNOWN]),
        ("tool/arguments", "a call with wrong arguments", _wrong_arguments(context)),
    ):
        yield from _unpaid(context, id, what, wrong, idle)
    yield from _loops(context, idle)
    yield from _guesses(context, idle)
    yield from _twice(context)


def _seen(context: Context) -> dict[str, dict[str, Any]]:
    """Each tool that random play called, and the arguments of one call."""
    called = [each for episode in context.random() for each in episode.actions]
    return {each["tool"]: each["arguments"] for each in called if isinstance(each, dict)}


def _wrong_arguments(context: Context) -> list[Mapping[str, Any]]:
    """Each tool without arguments, with too many, and with arguments of other types."""
    made: list[Mapping[str, Any]] = []
    for name, known in _seen(context).items():
        wrong: list[dict[str, Any]] = [{**known, "no_such_argument": 1}]
        if known:
            wrong += [{}, dict.fromkeys(known), {key: [[]] for key in known}]
        made += [{"tool": name, "arguments": each} for each in wrong]
    return made


def _unpaid(
    context: Context,
    id: str,
    what: str,
    wrong: list[Mapping[str, Any]],
    idle: Mapping[int, Episode],
) -> Iterator[Finding]:
    """A wrong call returns a text or raises; it earns nothing and does not end the process."""
    paid, broken, count = list[Episode](), list[Episode](), 0
    for action in wrong:
        for seed in list(idle)[:SEEDS]:
            each = context.play(seed, {"kind": "fixed", "actions": [action]})
            count += 1
            if each.reading.outcome in (Outcome.TIMEOUT, Outcome.DEATH):
                broken.append(each)
            elif each.complete and each.sum > idle[seed].sum + NEARLY:
                paid.append(each)
    words = f"{what} is not paid and does not end the process"
    if broken:
        words = f"{what} hangs or ends the process ({len(broken)} of {count})"
    elif paid:
        words = f"{what} is paid ({len(paid)} of {count})"
    if count:
        yield finding(id, Verdict.FAIL, words, broken or paid, count)


def _loops(context: Context, idle: Mapping[int, Episode]) -> Iterator[Finding]:
    """Many equal calls earn no more than a few."""
    endless, count = list[Episode](), 0
    for name, arguments in _seen(context).items():
        action = {"tool": name, "arguments": arguments}
        for seed in list(idle)[:SEEDS]:
            few = context.play(seed, {"kind": "fixed", "actions": [action] * ONCE})
            many = context.play(seed, {"kind": "fixed", "actions": [action] * MANY})
            count += 1
            if few.complete and many.complete and many.sum > max(1.0, few.sum) + NEARLY:
                endless.append(many)
    words = f"{MANY} equal calls earn no more than a few"
    if endless:
        words = f"{MANY} equal calls earn {endless[0].sum:g}: every further call is paid"
    if count:
        yield finding("tool/loop", Verdict.FAIL, words, endless, count)


def _guesses(context: Context, idle: Mapping[int, Episode]) -> Iterator[Finding]:
    """Trying the answers of all rows in turn is not paid for the right one."""
    guesses, found, count = context.about.get("guesses") or [], list[Episode](), 0
    single = [(name, next(iter(given))) for name, given in _seen(context).items() if given]
    for name, argument in single if len(guesses) > ONCE else []:
        actions = [{"tool": name, "arguments": {argument: each}} for each in guesses]
        for seed in list(idle)[: len(guesses)]:
            each = context.play(seed, {"kind": "fixed", "actions": actions})
            count += 1
            if each.complete and each.sum > idle[seed].sum + NEARLY:
                found.append(each)
    words = "trying the answers of all rows in turn earns no more than chance"
    if len(found) > OFTEN * len(idle):
        words = f"trying the answers of all rows in turn is paid in {len(found)} of {count} "
        words += "episodes: guesses cost nothing"
    else:
        found = []
    if count:
        yield finding("tool/guesses", Verdict.WARN, words, found, count)


def _twice(context: Context) -> Iterator[Finding]:
    """The reward is the same when it is requested again."""
    other, count = list[Episode](), 0
    for seed in context.seeds[:SEEDS]:
        policy = {"kind": "random", "seed": seed}
        reading = context.child.ask("reward_again", [(seed, policy, 5)])[0]
        if isinstance(reading.value, list):
            count += 1
            if reading.value[0] != reading.value[1]:
                other.append(context.play(seed, policy, limit=5))
    words = "the reward is the same when it is requested again"
    if other:
        words = f"the reward differs when it is requested again ({len(other)} of {count})"
    if count:
        yield finding("tool/reward-twice", Verdict.WARN, words, other, count)
