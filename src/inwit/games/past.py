"""Linear probes of the past: can what was seen k steps before be decoded from the present state?

As `probes.linear` does for keys to come: a ridge regression from the state before an action to what
was seen 1, 2, 4, ... steps before, and at the first step, trained on some episodes and tested on
others; what counts is the accuracy minus that of the best control.

- `untrained`: a network of the same kind, led through the agent's episodes;
- `present`: only the latest action and observation;
- `shuffled`: the agent's own states with shuffled labels.

Numbers are read as quarters of their distribution.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import one_hot
from torch.nn.utils.rnn import pad_sequence

from inwit.games.game import SeededGame
from inwit.games.scores import Dice, chosen_actions
from inwit.policies import Policy
from inwit.probes import Line, Verdict
from inwit.probes.card import judged
from inwit.probes.linear import AGENT, FULL, percentiles, probe, resampled
from inwit.probes.record import vector

LAGS = (1, 2, 4, 8, 16, 32, 64, 128)
FIRST = "seen at the first step"
NOTE = "probe of the state before every action, less the best control"
READ, PARTS, QUARTERS, MOST = 256, 32, 4, 16
"""Fields and numbers that are read; those that are probed, if they vary; classes of a number;
values of a field that is not binned."""
STEPS, MOMENTS = 500, 4000
"""Steps of an episode that are read; moments that a probe is trained on, and tested on."""


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Some episodes side by side, step by step."""

    seen: Float[Tensor, "T B C"]
    """The fields, then the numbers."""
    previous: Int[Tensor, "T B"]
    """The latest action."""
    running: Tensor
    """(T, B): the episode still runs."""
    states: dict[str, Float[Tensor, "T B W"]]
    """The state before each action: of the agent, and of an untrained network."""


@torch.no_grad()
def walk(
    policy: Policy, untrained: Policy, game: SeededGame, seeds: Sequence[int], *, dice: int
) -> Walk:
    """Play one episode from each seed with drawn actions, and keep the states of both networks."""
    networks = {AGENT: policy, "untrained": untrained}
    parts = [
        _walk(networks, game, seeds[first : first + game.count], dice)
        for first in range(0, len(seeds), game.count)
    ]
    return Walk(
        seen=_side_by_side([part.seen for part in parts]),
        previous=_side_by_side([part.previous for part in parts]),
        running=_side_by_side([part.running for part in parts]),
        states={name: _side_by_side([part.states[name] for part in parts]) for name in networks},
    )


def _side_by_side(parts: Sequence[Tensor]) -> Tensor:
    """Parts (T, B, ...) of several lengths as one; the shorter ones are continued with zeros."""
    return pad_sequence([each for part in parts for each in part.unbind(1)])


def _walk(
    networks: Mapping[str, Policy], game: SeededGame, seeds: Sequence[int], seed: int
) -> Walk:
    """Those that fit side by side."""
    count, dice = len(seeds), Dice(seed, seeds)
    game.copies.reset(range(count), seeds)
    memories = {name: each.begin(game.prompt) for name, each in networks.items()}
    previous, running = game.fresh(), np.arange(game.count) < count
    rows = list[tuple[Tensor, Tensor, Tensor]]()
    states: dict[str, list[Tensor]] = {name: [] for name in networks}
    while running.any() and len(rows) < STEPS:
        seen = game.copies.see()
        both = np.concatenate([seen.fields, seen.values], 1)[:count, :READ]
        alive = torch.from_numpy(running[:count].copy())
        rows.append((torch.from_numpy(both).float(), previous[:count], alive))
        observation = game.shown(seen, previous)
        for name, network in networks.items():
            states[name].append(vector(memories[name])[:count])
            scores, _, memories[name] = network.step(observation, memories[name])
            if name == AGENT:
                previous = chosen_actions(scores, observation.legal, dice)
        outcome = game.copies.step(previous.numpy(), running)
        running = running & ~(outcome.terminated | outcome.truncated)
    seen_rows, actions, alive = map(torch.stack, zip(*rows, strict=True))
    kept = {name: torch.stack(parts) for name, parts in states.items()}
    return Walk(seen=seen_rows, previous=actions, running=alive, states=kept)


@dataclass(frozen=True, kw_only=True)
class Moments:
    """n moments of some episodes: inputs and labels of probes."""

    features: dict[str, Float[Tensor, "n _"]]
    """The inputs, by agent or control."""
    past: Int[Tensor, "n A C"]
    """What was seen at each lag, and at the first step; -1 where there was nothing yet."""
    episode: Int[Tensor, " n"]
    """The episode."""


def labels_of(seen: Float[Tensor, "T B C"], sizes: Sequence[int], edges: Tensor) -> Tensor:
    """Classes of what was seen: a field's own values, or the quarter in which a number lies."""
    quarters = (seen[..., None] > edges).sum(-1)
    own = torch.tensor(list(sizes))
    return torch.where(own > 0, seen.long().clamp(min=0), quarters)


def moments_of(
    made: Walk, sizes: Sequence[int], edges: Tensor, actions: int, generator: torch.Generator
) -> Moments:
    """Some moments, at random, after the first step."""
    labels = labels_of(made.seen, sizes, edges)
    when, episode = made.running[1:].nonzero(as_tuple=True)
    order = torch.randperm(len(when), generator=generator)[:MOMENTS]
    when, episode = when[order] + 1, episode[order]
    columns = [labels[(when - lag).clamp(min=0), episode] for lag in LAGS]
    missing = torch.stack([*(when < lag for lag in LAGS), when < 0], 1)
    past = torch.stack([*columns, labels[0, episode]], 1).masked_fill(missing[..., None], -1)
    shown = labels[when, episode]
    classes = [size or QUARTERS for size in sizes]
    now = [one_hot(shown[:, part], size) for part, size in enumerate(classes)]
    numbers = made.seen[when, episode][:, [part for part, size in enumerate(sizes) if not size]]
    action = one_hot(made.previous[when, episode], actions)
    ones = torch.ones(len(when), 1)
    present = torch.cat([action.float(), *(each.float() for each in now), numbers, ones], 1)
    features = {
        name: torch.cat([states[when, episode], present], 1) for name, states in made.states.items()
    }
    return Moments(features=features | {"present": present}, past=past, episode=episode)


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """How well what was seen at one lag is decoded."""

    name: str
    """When it was seen."""
    accuracy: dict[str, float]
    """The share decoded rightly, by what the probe reads: the agent or a control."""
    gain: Float[Tensor, " n"]
    """By moment: the agent's less the best control's, mean over the parts of an observation."""
    exists: Tensor
    """(n,): there was something to decode."""


def decode_past(known: Moments, asked: Moments, generator: torch.Generator) -> list[Remembered]:
    """Probe every lag; those without anything to decode are left out."""
    flat, wanted = known.past.flatten(1), asked.past.flatten(1)
    order = torch.randperm(len(flat), generator=generator)
    decoded = {
        name: probe(features, flat, asked.features[name])
        for name, features in known.features.items()
    }
    decoded["shuffled"] = probe(known.features[AGENT], flat[order], asked.features[AGENT])
    found = list[Remembered]()
    names = [f"seen {lag} step{'s' * (lag > 1)} before" for lag in LAGS] + [FIRST]
    for place, name in enumerate(names):
        exists = asked.past[:, place, 0] >= 0
        if not exists.any() or not (known.past[:, place, 0] >= 0).any():
            continue
        right = {
            each: (keys == wanted).unflatten(1, asked.past.shape[1:])[:, place].double().mean(1)
            for each, keys in decoded.items()
        }
        accuracy = {each: float(share[exists].mean()) for each, share in right.items()}
        best = max((each for each in right if each != AGENT), key=accuracy.__getitem__)
        gain = (right[AGENT] - right[best]) * exists
        found.append(Remembered(name=name, accuracy=accuracy, gain=gain, exists=exists))
    return found


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the lines about the past share."""

    episode: Int[Tensor, " n"]
    """The episode of each moment."""
    generator: torch.Generator
    """Resamples the episodes."""
    seed: int
    """Fixes all draws."""
    scope: str = ""
    """What is probed, if it is not all that was seen."""

    def interval(self, each: Remembered, several: int = 1) -> tuple[float, float]:
        """The 95 % interval of a gain; corrected if it is the best of several (Bonferroni)."""
        gain, exists = each.gain[:, None], each.exists[:, None]
        means = resampled(gain, exists, self.episode, self.generator)[:, 0]
        return percentiles(means, several)

    def line(self, each: Remembered, interval: tuple[float, float]) -> Line:
        """The line of one lag, without a bar."""
        return Line(
            part="past",
            name=each.name,
            verdict=Verdict.STATED,
            figure=float(each.gain.sum() / each.exists.sum()),
            unit="difference",
            interval=interval,
            method="bootstrap",
            count=int(each.exists.sum()),
            seed=self.seed,
            beside=each.accuracy,
            note="; ".join(filter(None, (NOTE, self.scope))),
        )


def past_lines(found: Sequence[Remembered], asked: Asked, *, needed: bool) -> Iterator[Line]:
    """The best lag at which a control leaves something to show, then each lag."""
    open_lags = [each for each in found if _best(each) < FULL]
    if open_lags:
        several = len(open_lags)
        intervals = [asked.interval(each, several) for each in open_lags]
        place = max(range(several), key=lambda number: intervals[number][0])
        line = asked.line(open_lags[place], intervals[place])
        name, bar = f"{line.name}, the best of {several}", "lower end above 0"
        wrong = "at no lag does the state say more than the best control"
        line = replace(line, name=name, method="bootstrap, corrected for the best of several")
        if needed:
            holds = judged(intervals[place][0] > 0)
            line = replace(line, verdict=holds, needs=bar, fails_if=wrong)
        yield line
    else:
        of = f" ({asked.scope})" if asked.scope else ""
        why = f"a control finds all that was seen before{of}: no more can be shown"
        why = why if found else "the episodes are too short: nothing was seen before"
        yield Line(part="past", name="seen before", verdict=Verdict.NONE, note=why)
    for each in found:
        yield asked.line(each, asked.interval(each))


def _best(each: Remembered) -> float:
    return max(share for name, share in each.accuracy.items() if name != AGENT)


def edges_of(made: Walk) -> Float[Tensor, "C 3"]:
    """The quarters of every number, over all episodes."""
    flat = made.seen[made.running]
    some: NDArray[np.float64] = np.quantile(flat.numpy(), [0.25, 0.5, 0.75], axis=0).T
    return torch.from_numpy(np.ascontiguousarray(some)).float()


def sizes_of(fields: Sequence[int], values: int) -> list[int]:
    """By part of an observation how many classes it has by itself; 0 where it is binned."""
    return [*(size if size <= MOST else 0 for size in fields), *[0] * values][:READ]


def scope_of(made: Walk, parts: int) -> tuple[list[int], str]:
    """Which parts of an observation are probed, and in words what is; empty if all is.

    Args:
        made: some episodes; what is always the same in them is not probed.
        parts: of an observation.
    """
    flat = made.seen[made.running]
    vary: list[int] = (flat != flat[:1]).any(0).nonzero()[:, 0].tolist()
    chosen, words = vary[:PARTS], list[str]()
    if len(vary) > PARTS or parts > READ:
        words.append(f"{len(chosen)} of {parts:,} parts of an observation")
    if len(made.running) == STEPS:
        words.append(f"the first {STEPS} steps")
    return chosen, ", ".join(words)
