"""The returns of policies that understand nothing, compared with the oracle if there is one."""

import itertools
from collections.abc import Iterator
from statistics import fmean

from inwit.auditing.base import Finding, Verdict
from inwit.auditing.interactive.context import (
    FEW,
    MOST_CONSTANTS,
    Context,
    Episode,
    finding,
)

NEARLY, HALF, SOME, CYCLED = 1e-9, 0.5, 0.05, 4
Played = dict[str, list[Episode]]


def all_of_them(context: Context) -> Iterator[Finding]:
    """Play with every policy, then compare the returns."""
    played = _played(context)
    oracle = _oracle(context)
    if oracle:
        yield from _best(context, oracle, played)
    yield from _signal(played, oracle)
    yield from _lazy(context, played, oracle)
    yield from _success(played, oracle)


def _played(context: Context) -> Played:
    played = {"random play": context.random()}
    seeds = context.seeds
    sticky = [context.play(seed, {"kind": "sticky", "seed": seed}) for seed in seeds[:FEW]]
    played["repeating the last action"] = context.keep(sticky)
    if context.tools or context.about.get("idle") is not None:
        idle = {"kind": "idle"}
        if not context.tools:
            idle = {"kind": "constant", "action": context.about["idle"]}
        played["doing nothing"] = context.keep([context.play(seed, idle) for seed in seeds])
    for action in context.actions[:MOST_CONSTANTS]:
        constant = {"kind": "constant", "action": action}
        episodes = [context.play(seed, constant) for seed in seeds]
        played[f"always {action!s:.60}"] = context.keep(episodes)
    for pair in itertools.combinations(context.actions[:CYCLED], 2):
        cycle = {"kind": "cycle", "actions": list(pair)}
        episodes = [context.play(seed, cycle) for seed in seeds[:FEW]]
        played[f"{pair[0]!s:.30} and {pair[1]!s:.30} in turn"] = context.keep(episodes)
    kept = {name: [each for each in found if each.complete] for name, found in played.items()}
    return {name: found for name, found in kept.items() if found}


def _oracle(context: Context) -> list[Episode]:
    """Episodes of the oracle's actions."""
    if not context.about.get("oracle"):
        return []
    found = [context.play(seed, {"kind": "oracle"}) for seed in context.seeds]
    return [each for each in context.keep(found) if each.complete]


def _best(context: Context, oracle: list[Episode], played: Played) -> Iterator[Finding]:
    """No unplanned policy earns more than the oracle on the same seed."""
    best = {each.seed: each for each in oracle}
    above: dict[int | None, Episode] = {}
    for each in (each for found in played.values() for each in found):
        if each.seed in best and each.sum > best[each.seed].sum + NEARLY:
            known = above.get(each.seed)
            above[each.seed] = each if known is None or each.sum > known.sum else known
    words = f"no unplanned policy earns more than the oracle ({_mean(oracle):g})"
    if above:
        shown = next(iter(above.values()))
        words = f"an unplanned policy earns more than the oracle on {len(above)} of {len(oracle)} "
        words += f"seeds: seed {shown.seed} pays the oracle {best[shown.seed].sum:g} and "
        words += f"{dict(shown.policy)!s:.80} {shown.sum:g}"
    enough = len(above) > SOME * len(oracle)
    verdict = Verdict.FAIL if enough else Verdict.WARN
    yield finding("play/oracle", verdict, words, list(above.values()), len(oracle))
    stated = context.about.get("range")
    if stated and not above:
        low = [each for each in oracle if each.sum < stated[1] - NEARLY]
        words = f"the oracle earns the stated maximum, {stated[1]:g}"
        if low:
            words = f"the oracle earns {low[0].sum:g} on seed {low[0].seed}; the stated maximum "
            words += f"is {stated[1]:g}"
        yield finding("play/oracle-range", Verdict.WARN, words, low, len(oracle))


def _signal(played: Played, oracle: list[Episode]) -> Iterator[Finding]:
    """The returns of unplanned episodes differ, so a learner gets a signal."""
    everybody = [each for found in played.values() for each in found]
    returns = {round(each.sum, 9) for each in everybody}
    flat = everybody if len(returns) == 1 and len(everybody) > 1 else []
    words = f"{len(everybody)} unplanned episodes have {len(returns)} different returns"
    if flat:
        words = f"all {len(everybody)} unplanned episodes earn {flat[0].sum:g}: a learner that "
        words += "explores at random gets no signal"
    if everybody and not (flat and oracle and oracle[0].sum == flat[0].sum):
        yield finding("play/signal", Verdict.WARN, words, flat, len(everybody))


def _lazy(context: Context, played: Played, oracle: list[Episode]) -> Iterator[Finding]:
    """The best policy that ignores observations, as a share of the highest return."""
    if not played:
        return
    means = {name: _mean(found) for name, found in played.items()}
    name = max(means, key=lambda each: means[each])
    floor = min(each.sum for found in played.values() for each in found)
    stated = context.about.get("range")
    top = _mean(oracle) if oracle else (stated[1] if stated else None)
    words = f"best blind policy: {name}, {means[name]:g} on average; random play "
    words += f"{means.get('random play', float('nan')):g}"
    found: list[Episode] = []
    if top is not None and top > floor:
        share = (means[name] - floor) / (top - floor)
        words += f"; {'the oracle' if oracle else 'the stated maximum'} {top:g}"
        if share > HALF:
            found = played[name]
            words = f"a policy that ignores observations earns {share:.0%} of the most: {words}"
    yield finding("play/best-blind", Verdict.WARN, words, found, len(played[name]))


def _success(played: Played, oracle: list[Episode]) -> Iterator[Finding]:
    """The best episodes report success, and not every episode does."""
    everybody = [each for found in played.values() for each in found]
    said = [each for each in everybody if each.success is not None]
    if not said:
        return
    best = {each.seed: each for each in oracle}
    cheap = [each for each in said if each.success and _cheaper(each, best.get(each.seed), said)]
    words = "the episodes that report success are those that earn the most"
    if cheap:
        words = f"{len(cheap)} episodes report success and earn {cheap[0].sum:g}, but the right "
        words += "actions earn more in the same number of steps"
    verdict = Verdict.FAIL if oracle else Verdict.WARN
    yield finding("play/success-paid-less", verdict, words, cheap, len(said))
    random = [each for each in played.get("random play", []) if each.success is not None]
    won = [each for each in random if each.success]
    words = f"random play succeeds in {len(won)} of {len(random)} episodes"
    often = won if random and len(won) > HALF * len(random) else []
    if often:
        words += ": success proves little"
    if random:
        found = finding("play/random-success", Verdict.WARN, words, often, len(random))
        yield Finding(**{**vars(found), "hits": len(won)})


def _cheaper(each: Episode, right: Episode | None, said: list[Episode]) -> bool:
    """Whether another episode of the same length earns twice as much; the oracle's, if known."""
    if right is not None:
        return len(right.rewards) == len(each.rewards) and each.sum <= HALF * right.sum
    peers = [other.sum for other in said if len(other.rewards) == len(each.rewards)]
    return each.sum > 0 and max(peers) >= 2 * each.sum


def _mean(found: list[Episode]) -> float:
    return round(fmean(each.sum for each in found), 6)
