"""Single actions: invalid ones, equivalent ones, and steps after the end."""

import itertools
import random
from collections.abc import Iterator
from statistics import fmean
from typing import Any

from inwit.auditing.base import Finding, Verdict
from inwit.auditing.interactive.context import FEW, LIMIT, Context, Episode, finding

NEARLY, LONG, SEEDS, MOST, USES = 1e-9, 200, 4, 8, 12
"""Slack; steps of an episode in which an action is replaced; its seeds; most actions compared; uses
of an action before it is judged."""


def after_end(context: Context) -> Iterator[Finding]:
    """Steps after the end are not paid: a loop that misses the end would collect the reward."""
    if context.tools:
        return
    over = [each for each in context.played if each.complete and each.terminated][:FEW]
    paid: list[Episode] = []
    for each in over:
        reading = context.child.ask("past_end", [(each.seed, each.policy, LIMIT)])[0]
        if isinstance(reading.value, float) and reading.value > NEARLY:
            paid.append(each)
    words = "steps after the end are not paid"
    if paid:
        words = f"a step after the end is paid in {len(paid)} of {len(over)} episodes: a loop that "
        words += "misses the end collects it"
    if over:
        yield finding("end/paid-after", Verdict.WARN, words, paid, len(over))


def aliased(context: Context) -> Iterator[Finding]:
    """The next step does not change an observation."""
    moved, count = list[Episode](), 0
    for seed in context.seeds[:SEEDS]:
        policy = {"kind": "random", "seed": seed}
        reading = context.child.ask("aliased", [(seed, policy, FEW)])[0]
        if isinstance(reading.value, bool):
            count += 1
            if reading.value:
                moved.append(context.play(seed, policy, limit=FEW))
    words = "the next step does not change an observation"
    if moved:
        words = f"a step changes the previous observation in place ({len(moved)} of {count} "
        words += "episodes): a buffer of observations holds the last one many times"
    if count:
        yield finding("api/aliased", Verdict.WARN, words, moved, count)


def illegal(context: Context) -> Iterator[Finding]:
    """No invalid action is paid more than every valid one."""
    known, seeds = context.about.get("illegal") or [], context.seeds[:FEW]
    if not known:
        return

    def once(action: Any) -> list[Episode]:
        found = [context.play(seed, {"kind": "fixed", "actions": [action]}) for seed in seeds]
        return [each for each in found if each.complete and each.rewards]

    legal = max((_mean(once(action)) for action in context.actions), default=0.0)
    tried = {repr(action): once(action) for action in known}
    paid = {name: found for name, found in tried.items() if _mean(found) > legal + NEARLY}
    taken = [name for name, found in tried.items() if found]
    words = "invalid actions are refused"
    if taken:
        words = f"invalid actions ({', '.join(taken)}) are accepted, but not paid more"
    if paid:
        name, found = next(iter(paid.items()))
        words = f"the invalid action {name} is paid {_mean(found):g} on average, more than every "
        words += f"valid one ({legal:g})"
    shown = next(iter(paid.values()), [])
    yield finding("api/illegal", Verdict.FAIL, words, shown, len(known) * len(seeds))


def _mean(found: list[Episode]) -> float:
    return fmean(each.sum for each in found) if found else float("-inf")


def same_actions(context: Context) -> Iterator[Finding]:
    """No two actions always do the same: whole episodes are repeated with one for the other."""
    listed = context.actions[:MOST]
    if context.tools or len(listed) < 3 or len(listed) != len(context.actions):
        return
    plans = {seed: _plan(seed, listed) for seed in context.seeds[: 2 * SEEDS]}
    before = {seed: _played(context, seed, plan) for seed, plan in plans.items()}
    alike: list[tuple[Any, Any]] = []
    pairs = list(itertools.combinations(listed, 2))
    for first, second in pairs:
        uses = sum(plan[: len(before[seed].rewards)].count(first) for seed, plan in plans.items())
        if uses >= USES and all(
            _unmoved(context, before, plans, first, second, seed) for seed in plans
        ):
            alike.append((first, second))
    found = list(before.values()) if alike else []
    words = "any two actions differ somewhere"
    if alike:
        names = ", ".join(f"{first} and {second}" for first, second in alike[:3])
        words = f"{len(alike)} of {len(pairs)} pairs of actions never differed: {names}"
    if alike and len(alike) == len(pairs):
        words = "no action ever made a difference"
    shown = finding("play/same-actions", Verdict.WARN, words, found, len(pairs))
    yield Finding(**{**vars(shown), "hits": len(alike)})


def _plan(seed: int, listed: list[Any]) -> list[Any]:
    draw = random.Random(f"exchange {seed}")
    return [draw.choice(listed) for _ in range(LONG)]


def _played(context: Context, seed: int, plan: list[Any]) -> Episode:
    return context.play(seed, {"kind": "fixed", "actions": plan})


def _unmoved(
    context: Context,
    before: dict[int, Episode],
    plans: dict[int, list[Any]],
    first: Any,
    second: Any,
    seed: int,
) -> bool:
    """Whether an episode is the same with the second action in place of the first."""
    plan = [second if each == first else each for each in plans[seed]]
    return before[seed].same(_played(context, seed, plan))
