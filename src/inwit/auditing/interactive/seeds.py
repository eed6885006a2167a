"""A seed fixes an episode, reset clears everything, and validation differs from training."""

from collections.abc import Iterator, Mapping
from typing import Any

from inwit.auditing.base import Finding, Outcome, Verdict
from inwit.auditing.child.process import Child
from inwit.auditing.interactive.context import FEW, Context, Episode, finding

PART, COMPARED = 3, 300
BAD = ({"tool": "no_such_tool", "arguments": {"a": 1}}, None, -7)
"""Actions that are invalid everywhere."""


def policy_of(seed: int) -> Mapping[str, Any]:
    """Random play that is the same every time."""
    return {"kind": "random", "seed": seed}


def _differ(
    id: str, pairs: list[tuple[Episode, Episode]], sound: str, faulty: str
) -> Iterator[Finding]:
    """Whether the episodes of each pair differ."""
    pairs = [(a, b) for a, b in pairs if _seen(a) and _seen(b)]
    other = [b for a, b in pairs if not a.same(b)]
    words = f"{faulty} ({len(other)} of {len(pairs)} episodes)" if other else sound
    if pairs:
        yield finding(id, Verdict.FAIL, words, other, len(pairs))


def _seen(episode: Episode) -> bool:
    return episode.reading.outcome is Outcome.VALUE


def same(context: Context) -> Iterator[Finding]:
    """The same seed and actions give the same episode: again, in a new process, after others."""
    seeds = context.seeds[:FEW]
    first = [context.play(seed, policy_of(seed)) for seed in seeds]
    if not any(map(_seen, first)):
        return
    again = [context.play(seed, policy_of(seed)) for seed in seeds]
    yield from _differ(
        "seed/same-episode",
        list(zip(first, again, strict=True)),
        "the same seed and actions give the same episode",
        "the same seed and actions give another episode: nothing can be repeated",
    )
    fresh = first[:3] if context.about.get("remote") else _in_fresh_processes(context, seeds[:3])
    after = []
    for seed in seeds[:3]:
        context.play(seed + 1, policy_of(seed + 1), limit=PART)  # left in the middle
        after.append(context.play(seed, policy_of(seed)))
    if not context.about.get("remote"):
        yield from _differ(
            "seed/another-process",
            list(zip(fresh, first, strict=False)),
            "a seed gives the same episode in another process",
            "a seed gives a different episode in another process",
        )
    yield from _differ(
        "seed/left-over",
        list(zip(fresh, after, strict=False)),
        "an episode does not depend on the previous one",
        "an episode depends on the previous one: reset does not clear everything",
    )


def _in_fresh_processes(context: Context, seeds: list[int]) -> list[Episode]:
    """Each seed in its own process, where nothing can be left over."""
    child, fresh = context.child, list[Episode]()
    for seed in seeds:
        with Child(child.target, child.limits, hash_seed=1) as other:
            fresh.append(context.play(seed, policy_of(seed), other))
    return fresh


def another(context: Context) -> Iterator[Finding]:
    """Different seeds give different episodes."""
    episodes = [context.play(seed, policy_of(0)) for seed in context.seeds]
    played = [each for each in episodes if each.complete]
    if len(played) < 2 or not context.about.get("seeded", True):
        return
    known = {(each.first, each.seen) for each in played}
    alone = played[1:] if len(known) == 1 else []
    words = f"{len(played)} seeds give {len(known)} different episodes"
    if alone:
        words = f"all {len(played)} seeds give the same episode: reset ignores the seed, or there "
        words += "is only one world, which a fixed list of actions solves"
    yield finding("seed/another-episode", Verdict.WARN, words, alone, len(played))


def after_error(context: Context) -> Iterator[Finding]:
    """After an invalid action, reset begins a sound episode."""
    seed = context.seeds[0]
    sound = context.play(seed, policy_of(seed))
    pairs, raised = list[tuple[Episode, Episode]](), False
    for bad in BAD:
        reading = context.child.ask("after_error", [(bad, seed, policy_of(seed), 500)])[0]
        if isinstance(reading.value, dict):
            raised = raised or bool(reading.value["raised"])
            found = reading.value["episode"]
            lists = {name: tuple(found[name]) for name in ("rewards", "actions")}
            made = Episode(seed=seed, policy=policy_of(seed), reading=reading, **{**found, **lists})
            pairs.append((sound, made))
    yield from _differ(
        "seed/after-error",
        pairs,
        "reset begins a sound episode after an invalid action" + (" that raised" if raised else ""),
        "after an invalid action the next episode differs: reset does not repair the environment",
    )


def overlap(context: Context) -> Iterator[Finding]:
    """Validation seeds are not training seeds, and begin in other worlds."""
    training, held_out = (context.about.get(name) for name in ("train_seeds", "held_out_seeds"))
    if not training or not held_out:
        return
    first, last = max(training[0], held_out[0]), min(training[1], held_out[1])
    shared = list(range(first, last))
    words = f"the validation seeds {held_out[0]} to {held_out[1] - 1} are not training seeds"
    if shared:
        words = (
            f"{len(shared)} of {held_out[1] - held_out[0]} validation seeds are training seeds, "
        )
        words += f"such as {shared[0]}: validation repeats training episodes"
    shown = [context.play(shared[0], policy_of(0))] if shared else []
    count = held_out[1] - held_out[0]
    found = finding("data/held-out-seeds", Verdict.FAIL, words, shown, count)
    yield Finding(**{**vars(found), "hits": len(shared)})
    if not shared:
        yield from _worlds(context, training, held_out)


def _worlds(context: Context, training: list[int], held_out: list[int]) -> Iterator[Finding]:
    """How many validation worlds occur in training, judged by the first observation."""
    ranges = [range(low, min(high, low + COMPARED)) for low, high in (training, held_out)]
    asked = [list(each) for each in ranges]
    readings = [context.child.ask("firsts", [(each,)], seconds=20)[0] for each in asked]
    if any(not isinstance(each.value, list) for each in readings):
        return
    lists: list[list[str]] = [each.value for each in readings if isinstance(each.value, list)]
    known, count = set(lists[0]), len(lists[1])
    shared = [seed for seed, name in zip(asked[1], lists[1], strict=True) if name in known]
    words = f"{count} validation episodes begin unlike the first {len(asked[0])} of training"
    if shared:
        words = f"{len(shared)} of {count} validation episodes begin like one of the first "
        words += f"{len(asked[0])} of training (such as seed {shared[0]}): levels repeat, or "
        words += "the first observation shows little"
    verdict = Verdict.FAIL if _equal_episodes(context, shared, asked[0], lists) else Verdict.WARN
    shown = [context.play(shared[0], policy_of(0))] if shared else []
    found = finding("data/held-out-worlds", verdict, words, shown, count)
    yield Finding(**{**vars(found), "hits": len(shared)})


def _equal_episodes(
    context: Context, shared: list[int], training: list[int], lists: list[list[str]]
) -> bool:
    """Whether episodes that begin alike also continue alike under the same random actions."""
    for seed in shared[:FEW]:
        name = context.child.ask("firsts", [([seed],)])[0].value
        twins = [each for each, first in zip(training, lists[0], strict=True) if [first] == name]
        for twin in twins[:1]:
            ours, theirs = (context.play(each, policy_of(1)) for each in (seed, twin))
            if ours.complete and ours.same(theirs) and len(lists[0]) > 1 and len(set(lists[0])) > 1:
                return True
    return False
