"""Linear probes: can the keys of later presses be decoded from the present recurrent state?

A probe is a ridge regression from a state to the keys that are pressed 1 to 8 presses ahead,
one-hot, in closed form: W = (X'X + r I)^-1 X'Y. It is trained on some problems and tested on
others. Its accuracy may not be due to planning; so probes of the same kind are trained on
controls, and what counts is the selectivity (Hewitt and Liang 2019, arXiv:1909.03369): the accuracy
minus that of the best control. The controls:

- `untrained`: a network of the same kind, led through the agent's presses;
- `memoryless`: the inputs of a policy without memory: the prompt, the latest key and observation;
- `present`: only the latest key and observation;
- `shuffled`: the agent's own states with shuffled labels.

A network with attention keeps a row for each symbol, and which rows matter depends on the press in
a nonlinear way. Its whole memory is probed, but only after reading, before the first press.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import one_hot, pad

from inwit.environment import Environment
from inwit.policies import Policy
from inwit.probes.card import Line, Verdict, judged
from inwit.probes.record import is_vector, states_along
from inwit.probes.subject import Subject, draw, untrained
from inwit.tasks import Problems, join_problems
from inwit.training.rollout import rollout
from inwit.trajectory import Prompt, Trajectory

AHEAD = 8
RIDGE = 0.01
"""r, in mean squared lengths of a row of X."""
RESAMPLES = 1000
AGENT = "agent"
MEAN = f"keys 1 to {AHEAD} ahead, mean"
FULL = 0.99
"""If a control is this accurate, the probe cannot show more."""


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How well one later press is decoded."""

    ahead: int
    """Presses after the latest one; 0 is the mean over all."""
    accuracy: dict[str, float]
    """The share of keys decoded rightly, by what the probe reads: the agent or a control."""
    selectivity: float
    """The agent's minus the best control's."""
    interval: tuple[float, float]
    """Its 95 % interval (bootstrap over problems: percentiles of 1,000 resamples)."""
    count: int
    """Keys tested."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """n moments of some episodes: inputs and labels of probes."""

    features: dict[str, Float[Tensor, "n _"]]
    """The inputs, by agent or control."""
    later: Int[Tensor, "n A"]
    """The keys pressed 1, 2, ... presses later; -1 after the end."""
    problem: Int[Tensor, " n"]
    """The problem."""


@torch.no_grad()
def decode(
    policy: Policy,
    untrained: Policy,
    environment: Environment,
    train: Problems,
    test: Problems,
    generator: torch.Generator,
) -> list[Decoding]:
    """Probe an agent's states: the mean over all presses ahead, then each.

    Args:
        policy: the agent.
        untrained: a network of the same kind.
        environment: where the agent presses.
        train: problems to train the probes on.
        test: other problems.
        generator: shuffles the labels and resamples the problems.
    """
    both = join_problems([train, test], environment.padding)  # prompts of one length
    rows = torch.arange(len(both))
    known = read(policy, untrained, environment, both.select(rows[: len(train)]))
    asked = read(policy, untrained, environment, both.select(rows[len(train) :]))
    order = torch.randperm(len(known.later), generator=generator)
    hits = {
        name: probe(features, known.later, asked.features[name]) == asked.later
        for name, features in known.features.items()
    }
    shuffled = probe(known.features[AGENT], known.later[order], asked.features[AGENT])
    return _compare(hits | {"shuffled": shuffled == asked.later}, asked, generator)


def looks_back(policy: Policy, environment: Environment, prompt: Prompt) -> bool:
    """The policy attends to rows of its memory."""
    parts = policy.begin(prompt)
    rows = any(part.is_floating_point() and not is_vector(part) for part in parts)
    return rows and not environment.task.rules.stream


def read(
    policy: Policy, untrained: Policy, environment: Environment, problems: Problems
) -> Reading:
    """The inputs of the agent's and the controls' probes at each moment of greedy episodes."""
    trajectory, _ = rollout(policy, environment, problems)
    sizes, symbols = environment.observation_sizes, len(environment.task.symbols)
    reading = one_hot_prompt(trajectory.prompt, symbols).expand(len(trajectory.key), -1, -1)
    present = _present(trajectory, sizes)
    if looks_back(policy, environment, trajectory.prompt):
        states = [_whole(network, trajectory.prompt) for network in (policy, untrained)]
    else:
        states = [states_along(network, trajectory) for network in (policy, untrained)]
    features = {
        AGENT: [states[0], present],
        "untrained": [states[1], present],
        "memoryless": [reading, present],
        "present": [present],
    }
    moments = len(states[0])  # every press, or the one after reading
    when, problem = trajectory.pressed[:moments].nonzero(as_tuple=True)
    later = pad(trajectory.key.where(trajectory.pressed, -1), (0, 0, 0, AHEAD), value=-1)
    return Reading(
        features={
            name: torch.cat([part[when, problem] for part in parts], 1)
            for name, parts in features.items()
        },
        later=torch.stack([later[when + ahead, problem] for ahead in range(AHEAD)], 1),
        problem=problem,
    )


def _whole(policy: Policy, prompt: Prompt) -> Float[Tensor, "1 B F"]:
    """All numbers in the memory after reading."""
    parts = [part.flatten(1) for part in policy.begin(prompt) if part.is_floating_point()]
    return torch.cat(parts, 1)[None]


def one_hot_prompt(prompt: Prompt, symbols: int) -> Float[Tensor, "B F"]:
    """The symbols by place, and the level, one-hot."""
    level = one_hot(prompt.level, 1 + int(prompt.level.max()))
    return torch.cat([one_hot(prompt.symbols + 1, symbols + 1).flatten(1), level], 1).float()


def _present(trajectory: Trajectory, sizes: Sequence[int]) -> Float[Tensor, "T B F"]:
    """The latest key, the observation at which it was chosen, and a constant, one-hot."""
    observation = trajectory.observation
    parts = [one_hot(observation.previous, observation.legal.shape[2])]
    for column, size in enumerate(sizes):
        seen = one_hot(observation.seen[..., column], size)
        parts.append(pad(seen[:-1], (0, 0, 0, 0, 1, 0)))
    return torch.cat([*parts, torch.ones_like(parts[0][..., :1])], 2).float()


def probe(
    known: Float[Tensor, "n F"], later: Int[Tensor, "n A"], asked: Float[Tensor, "m F"]
) -> Int[Tensor, "m A"]:
    """The keys that a probe decodes."""
    scores: Tensor = asked.double() @ fit(known, later)
    places: Tensor = scores.unflatten(1, (later.shape[1], -1)).argmax(2)
    return places


def fit(known: Float[Tensor, "n F"], later: Int[Tensor, "n A"]) -> Float[Tensor, "F scores"]:
    """A probe's weights; the keys of each press ahead are concatenated.

    Solved in the primal or the dual form, whichever is smaller.
    """
    known, keys = known.double(), 1 + int(later.max())
    targets = one_hot(later + 1, keys + 1)[..., 1:].double().flatten(1)
    ridge = RIDGE * known.square().sum(1).mean()
    weights: Tensor
    if len(known) > known.shape[1]:
        square = known.T @ known
        weights = torch.linalg.solve(square + ridge * torch.eye(len(square)), known.T @ targets)
    else:
        square = known @ known.T
        weights = known.T @ torch.linalg.solve(square + ridge * torch.eye(len(square)), targets)
    return weights


def _compare(hits: dict[str, Tensor], asked: Reading, generator: torch.Generator) -> list[Decoding]:
    """Accuracies, and the agent's compared with the best control's."""
    exists = asked.later >= 0
    count = exists.sum(0)
    accuracy = {name: (hit & exists).sum(0) / count for name, hit in hits.items()}
    controls = [name for name in hits if name != AGENT]
    best = torch.stack([accuracy[name] for name in controls]).argmax(0)
    beside = torch.stack([hits[name] for name in controls], 2)
    beside = beside.gather(2, best.expand(len(beside), -1)[..., None])[..., 0]
    gain = (hits[AGENT].double() - beside.double()) * exists
    means = resampled(gain, exists, asked.problem, generator)  # (R, A)
    found = gain.sum(0) / count
    kept = [ahead for ahead in range(AHEAD) if count[ahead]]
    return [
        Decoding(
            ahead=0 if len(places) > 1 else places[0] + 1,
            accuracy={name: float(share[places].mean()) for name, share in accuracy.items()},
            selectivity=float(found[places].mean()),
            interval=percentiles(means[:, places].mean(1)),
            count=int(count[places].sum()),
        )
        for places in [kept, *([ahead] for ahead in kept)]
    ]


def resampled(
    gain: Float[Tensor, "n A"],
    exists: Tensor,
    problem: Int[Tensor, " n"],
    generator: torch.Generator,
) -> Float[Tensor, "R A"]:
    """The mean gains under resampling of whole problems."""
    size = int(problem.max()) + 1
    total = gain.new_zeros(size, gain.shape[1]).index_add(0, problem, gain)
    count = gain.new_zeros(size, gain.shape[1]).index_add(0, problem, exists.double())
    draws = torch.randint(size, (RESAMPLES, size), generator=generator)
    times = gain.new_zeros(RESAMPLES, size).scatter_add(1, draws, torch.ones_like(draws).double())
    return (times @ total) / (times @ count).clamp(min=1)


def percentiles(values: Float[Tensor, " R"], several: int = 1) -> tuple[float, float]:
    """The 95 % interval that resamples give, for one of several figures (Bonferroni)."""
    ends = torch.tensor([0.025 / several, 1 - 0.025 / several], dtype=torch.double)
    low, high = values.quantile(ends).tolist()
    return low, high


def planning(subject: Subject) -> Iterator[Line]:
    """Are later keys decodable from the state?"""
    policy, environment, task = subject.policy, subject.environment, subject.task
    prompt, _ = environment.reset(subject.problems)
    when = "after reading" if looks_back(policy, environment, prompt) else "before every press"
    control = untrained(subject.recipe, environment)
    known, asked = (
        draw(task, subject.levels, subject.count, subject.seed, held_out=held_out)
        for held_out in (False, True)
    )
    for found in decode(policy, control, environment, known, asked, subject.generator()):
        bar = subject.must_read and not found.ahead
        if bar and (full := _full(found)):
            line = Line(part="planning", name=MEAN, verdict=Verdict.NONE, note=full)
            yield replace(line, count=found.count, seed=subject.seed, beside=found.accuracy)
            continue
        yield Line(
            part="planning",
            name=f"key {found.ahead} ahead" if found.ahead else MEAN,
            verdict=judged(found.interval[0] > 0 if bar else None),
            figure=found.selectivity,
            unit="difference",
            interval=found.interval,
            method="bootstrap",
            needs="lower end above 0" if bar else "",
            fails_if="the state says no more than the best control" if bar else "",
            count=found.count,
            seed=subject.seed,
            beside=found.accuracy,
            note=f"probe of the state {when}, less the best control",
        )


def _full(found: Decoding) -> str:
    """Why nothing can be shown, if a control decodes nearly all keys; empty otherwise."""
    controls = {name: share for name, share in found.accuracy.items() if name != AGENT}
    best = max(controls, key=controls.__getitem__)
    if controls[best] < FULL:
        return ""
    return f"the control '{best}' finds {controls[best]:.1%} of the keys: no more can be shown"
