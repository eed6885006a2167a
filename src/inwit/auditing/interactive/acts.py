"""What single actions do: those that are none, those that are the same, those after the end."""

import itertools
import random
from collections.abc import Iterator
from statistics import fmean
from typing import Any

from inwit.auditing.base import Finding, Verdict
from inwit.auditing.interactive.context import FEW, LIMIT, Context, Episode, finding

NEARLY, LONG, SEEDS, MOST, USES = 1e-9, 200, 4, 8, 12
"""Steps of an episode in which an action is exchanged, its seeds, actions that are compared, and
how often one must have been used before anything is said of it."""


def after_end(context: Context) -> Iterator[Finding]:
    """A step after the end is not paid: a loop that misses the end would collect it."""
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
    """An observation stays as it was when the next step is taken."""
    moved, count = list[Episode](), 0
    for seed in context.seeds[:SEEDS]:
        policy = {"kind": "random", "seed": seed}
        reading = context.child.ask("aliased", [(seed, policy, FEW)])[0]
        if isinstance(reading.value, bool):
            count += 1
            if reading.value:
                moved.append(context.play(seed, policy, limit=FEW))
    words = "an observation stays as it was when the next step is taken"
    if moved:
        words = f"a step changes the observation that was returned before it ({len(moved)} of "
        words += f"{count} episodes): a buffer of observations holds the last one many times"
    if count:
        yield finding("api/aliased", Verdict.WARN, words, moved, count)


def illegal(context: Context) -> Iterator[Finding]:
    """An action that is none is not paid more than every action that is one."""
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
    words = "an action that is none is refused"
    if taken:
        words = (
            f"an action that is none ({', '.join(taken)}) is taken for another, and not paid more"
        )
    if paid:
        name, found = next(iter(paid.items()))
        words = f"{name}, which is no action, is paid {_mean(found):g} on average, more than every "
        words += f"action ({legal:g})"
    shown = next(iter(paid.values()), [])
    yield finding("api/illegal", Verdict.FAIL, words, shown, len(known) * len(seeds))


def _mean(found: list[Episode]) -> float:
    return fmean(each.sum for each in found) if found else float("-inf")


def same_actions(context: Context) -> Iterator[Finding]:
    """No two actions are always the same: one is exchanged for the other in whole episodes."""
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
    words = "every two actions differ somewhere"
    if alike:
        names = ", ".join(f"{first} and {second}" for first, second in alike[:3])
        words = f"{len(alike)} of {len(pairs)} pairs of actions were never seen to differ: {names}"
    if alike and len(alike) == len(pairs):
        words = "no action was ever seen to make a difference"
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
    """Whether an episode is the same with the second action in the place of the first."""
    plan = [second if each == first else each for each in plans[seed]]
    return before[seed].same(_played(context, seed, plan))
