"""What policies earn that understand nothing, beside the oracle if there is one."""

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
    """Play by all policies, then what their returns say."""
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
    """What the stated right actions earn."""
    if not context.about.get("oracle"):
        return []
    found = [context.play(seed, {"kind": "oracle"}) for seed in context.seeds]
    return [each for each in context.keep(found) if each.complete]


def _best(context: Context, oracle: list[Episode], played: Played) -> Iterator[Finding]:
    """No policy without a plan is paid more than the oracle, on the same seed."""
    best = {each.seed: each for each in oracle}
    above: dict[int | None, Episode] = {}
    for each in (each for found in played.values() for each in found):
        if each.seed in best and each.sum > best[each.seed].sum + NEARLY:
            known = above.get(each.seed)
            above[each.seed] = each if known is None or each.sum > known.sum else known
    words = f"no lazy policy is paid more than the oracle, which earns {_mean(oracle):g}"
    if above:
        shown = next(iter(above.values()))
        words = f"on {len(above)} of {len(oracle)} seeds another action is paid more than the right"
        words += f" one: seed {shown.seed} pays the oracle {best[shown.seed].sum:g} and "
        words += f"{dict(shown.policy)!s:.80} {shown.sum:g}"
    enough = len(above) > SOME * len(oracle)
    verdict = Verdict.FAIL if enough else Verdict.WARN
    yield finding("play/oracle", verdict, words, list(above.values()), len(oracle))
    stated = context.about.get("range")
    if stated and not above:
        low = [each for each in oracle if each.sum < stated[1] - NEARLY]
        words = f"the oracle is paid the stated maximum, {stated[1]:g}"
        if low:
            words = f"the oracle is paid {low[0].sum:g} on seed {low[0].seed}; the stated maximum "
            words += f"is {stated[1]:g}"
        yield finding("play/oracle-range", Verdict.WARN, words, low, len(oracle))


def _signal(played: Played, oracle: list[Episode]) -> Iterator[Finding]:
    """Episodes by chance differ in what they are paid: a learner sees a difference."""
    everybody = [each for found in played.values() for each in found]
    returns = {round(each.sum, 9) for each in everybody}
    flat = everybody if len(returns) == 1 and len(everybody) > 1 else []
    words = f"{len(everybody)} episodes without a plan are paid {len(returns)} different sums"
    if flat:
        words = f"all {len(everybody)} episodes without a plan are paid {flat[0].sum:g}: a learner "
        words += "that explores by chance sees no difference"
    if everybody and not (flat and oracle and oracle[0].sum == flat[0].sum):
        yield finding("play/signal", Verdict.WARN, words, flat, len(everybody))


def _lazy(context: Context, played: Played, oracle: list[Episode]) -> Iterator[Finding]:
    """The best policy that looks at nothing, as a share of what can be had."""
    if not played:
        return
    means = {name: _mean(found) for name, found in played.items()}
    name = max(means, key=lambda each: means[each])
    floor = min(each.sum for found in played.values() for each in found)
    stated = context.about.get("range")
    top = _mean(oracle) if oracle else (stated[1] if stated else None)
    words = f"best without looking: {name}, {means[name]:g} on average; random play "
    words += f"{means.get('random play', float('nan')):g}"
    found: list[Episode] = []
    if top is not None and top > floor:
        share = (means[name] - floor) / (top - floor)
        words += f"; {'the oracle' if oracle else 'the stated maximum'} {top:g}"
        if share > HALF:
            found = played[name]
            words = f"a policy that looks at nothing earns {share:.0%} of what can be had: {words}"
    yield finding("play/best-blind", Verdict.WARN, words, found, len(played[name]))


def _success(played: Played, oracle: list[Episode]) -> Iterator[Finding]:
    """Success is what the best episodes have, and not what every episode has."""
    everybody = [each for found in played.values() for each in found]
    said = [each for each in everybody if each.success is not None]
    if not said:
        return
    best = {each.seed: each for each in oracle}
    cheap = [each for each in said if each.success and _cheaper(each, best.get(each.seed), said)]
    words = "success is reported for the episodes that are paid best"
    if cheap:
        words = f"{len(cheap)} episodes count as success and are paid {cheap[0].sum:g}, where the "
        words += "right actions are paid more in as many steps"
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
    """Whether an episode as long as it is paid twice as much, on the same seed if it is known."""
    if right is not None:
        return len(right.rewards) == len(each.rewards) and each.sum <= HALF * right.sum
    peers = [other.sum for other in said if len(other.rewards) == len(each.rewards)]
    return each.sum > 0 and max(peers) >= 2 * each.sum


def _mean(found: list[Episode]) -> float:
    return round(fmean(each.sum for each in found), 6)
