"""Policy x game -> trajectory: the policy presses, and a record of T rows is filled.

Episodes of a game may continue from one window of rows to the next, and new ones may begin inside a
window. Our own tasks are the special case in which every episode begins and ends with the window.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar, runtime_checkable

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.environment import Environment, Transition
from inwit.errors import InvalidOption
from inwit.policies import ILLEGAL, Memory, Policy, renew
from inwit.records import map_tensors
from inwit.tasks import Problems
from inwit.trajectory import Observation, Outputs, Prompt, Trajectory

CHECK = 32
"""Presses between two checks of whether all episodes are over: a check waits for the device."""


_Record = TypeVar("_Record", Observation, Transition)


@runtime_checkable
class Game(Protocol):
    """What a rollout needs of an environment: B episodes side by side, on one device.

    After an episode ends, one row shows what its last press led to; nothing is pressed in that row.
    The row after it begins the next episode. Gymnasium calls this autoreset at the next step. A
    game that cannot wait for a row gives what the press led to as `final`.
    """

    @property
    def starting(self) -> Bool[Tensor, " B"] | None:
        """Which episodes begin with what is seen now; None if none ever does inside a window."""

    @property
    def final(self) -> Observation | None:
        """What the latest press led to where its episode ended and the next one is already shown.

        Rows of other episodes mean nothing; None if there is no such episode.
        """

    @property
    def right(self) -> Bool[Tensor, " B"]:
        """Whether the answer of each episode is right; false where there are none."""

    def press(self, key: Int[Tensor, " B"]) -> tuple[Observation, Transition]:
        """Press one key in every episode."""

    def rewards(self, made: Transition) -> Float[Tensor, "T B"]:
        """What the presses of a window earned."""


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a window begins."""

    problem: Int[Tensor, " B"]
    """Which problem each episode is at (see `Task.identity`)."""
    level: Int[Tensor, " B"]
    """Its level."""
    prompt: Prompt
    """What is read before the first press of an episode."""
    observation: Observation
    """What is seen before the first press of the window."""
    memory: Memory
    """The recurrent state then."""
    starts: Bool[Tensor, " B"]
    """The episode begins with the window."""


def begin(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    *,
    limit: int | None = None,
    depth: int | None = None,
    identity: Int[Tensor, " B"] | None = None,
) -> Start:
    """Begin one episode at every problem.

    Args:
        policy: who reads the prompt.
        environment: where; its state is overwritten.
        problems: the problems.
        limit: how many presses an episode may take; by default what the task allows for these.
        depth: how many frames the memory holds; by default the same.
        identity: which problem each is, where it is known already.
    """
    if identity is None:
        identity = environment.task.identity(problems).to(environment.device, non_blocking=True)
    prompt, observation = environment.reset(problems, limit=limit, depth=depth)
    return Start(
        problem=identity,
        level=environment.problems.level,
        prompt=prompt,
        observation=observation,
        memory=policy.begin(prompt),
        starts=torch.ones_like(observation.previous, dtype=torch.bool),
    )


def rollout(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    generator: torch.Generator | None = None,
    *,
    explore: float = 0.0,
) -> tuple[Trajectory, Outputs]:
    """One whole episode at every problem.

    Args:
        policy: chooses the keys.
        environment: where; its state is overwritten.
        problems: the problems, on the CPU.
        generator: draws the keys, on the CPU; without one the most probable key is pressed.
        explore: share of uniformly random presses (see `exploration`).

    Returns:
        See `fill`.
    """
    start = begin(policy, environment, problems)
    shares, noise = exploration(explore, len(problems)), None
    if generator is not None:
        noise = torch.rand(environment.limit, len(problems), generator=generator)
        noise = noise.to(environment.device, non_blocking=True)
    if shares is not None:
        shares = shares.to(environment.device, non_blocking=True)
    trajectory, outputs, _ = fill(
        policy, environment, start, environment.limit, noise=noise, explore=shares
    )
    return trajectory, outputs


def fill(
    policy: Policy,
    game: Game,
    start: Start,
    length: int,
    *,
    noise: Float[Tensor, "T B"] | None = None,
    explore: Float[Tensor, " B"] | None = None,
) -> tuple[Trajectory, Outputs, Start]:
    """Fill a window of rows; nothing here is drawn, and nothing waits for the device.

    Args:
        policy: chooses the keys.
        game: where.
        start: where the window begins.
        length: T, the number of rows.
        noise: draws the keys, from 0 to 1; without it the most probable key is pressed.
        explore: epsilon of each episode, the share of uniformly random presses.

    Returns:
        The record without gradient; the policy's outputs on it, with gradient where autograd is on
        (one forward pass serves both); and where the next window begins, without gradient.
    """
    observation, memory, starts = start.observation, start.memory, start.starts
    never = torch.zeros_like(starts)
    fresh = start.memory if game.starting is None else policy.begin(start.prompt)
    seen, scores, values, keys, begun, made, weighed = [], [], [], [], [], [], []
    ends = dict[int, Float[Tensor, " B"]]()  # values of what ended episodes have shown last
    for t in range(length):
        score, value, memory, weights = policy.explore(observation, memory)
        if t == 0:
            _check_outputs(policy, score, value, memory, observation.legal)
        probabilities = press_probabilities(score.detach(), observation.legal, explore, weights)
        if weights is not None:
            weighed.append(weights)
        key = probabilities.argmax(1) if noise is None else draw(probabilities, noise[t])
        seen.append(observation)
        scores.append(score)
        values.append(value)
        keys.append(key)
        begun.append(starts)
        observation, transition = game.press(key)
        made.append(transition)
        if game.final is not None:
            with torch.no_grad():
                ends[t] = policy.step(game.final, memory)[1]
        starts = never if game.starting is None else game.starting
        if game.starting is not None:
            memory = renew(starts, fresh, memory)
    after = replace(
        start,
        observation=observation,
        memory=tuple(each.detach() for each in memory),
        starts=starts,
    )
    observations, window = _stacked(seen), _stacked(made)
    key, score, value = torch.stack(keys), torch.stack(scores), torch.stack(values)
    outputs = outputs_of(score, value, observations, key)
    log_prob, estimate = outputs.log_prob.detach(), value.detach()
    if explore is not None:
        weights = torch.stack(weighed) if weighed else None
        behaviour = press_probabilities(score.detach(), observations.legal, explore, weights)
        log_prob = behaviour.gather(-1, key[..., None])[..., 0].log()
    trajectory = Trajectory(
        problem=start.problem,
        level=start.level,
        prompt=start.prompt,
        observation=observations,
        key=key,
        log_prob=log_prob,
        value=estimate,
        next_value=_next_values(policy, game, estimate, window, after, ends),
        reward=game.rewards(window),
        starts=torch.stack(begun),
        terminated=window.terminated,
        truncated=window.truncated,
        pressed=window.pressed,
        meant=window.meant,
        right=game.right,
    )
    return trajectory, outputs, after


def _check_outputs(
    policy: Policy, score: Tensor, value: Tensor, memory: Memory, legal: Tensor
) -> None:
    """Other shapes may be stretched to fit, and teach nonsense.

    Raises:
        InvalidOption: a policy gives others.
    """
    given, wanted = [(*score.shape,), (*value.shape,)], [(*legal.shape,), (*legal.shape[:1],)]
    states = [(*each.shape,) for each in memory]
    if given != wanted:
        told = (
            f"scores and values of the shapes {given[0]} and {given[1]}; needed are {wanted[0]}, a "
            f"score for each key in each episode, and {wanted[1]}, a value for each episode"
        )
    elif any(shape[:1] != wanted[1] for shape in states):
        told = f"states of the shapes {states}; their first axis must be the {len(legal)} episodes"
    else:
        return
    name = type(policy.unwrapped).__name__
    raise InvalidOption(f"{name}.step gave {told} (inwit.testing.check_policy checks the rest)")


def _next_values(
    policy: Policy,
    game: Game,
    value: Float[Tensor, "T B"],
    made: Transition,
    after: Start,
    ends: Mapping[int, Float[Tensor, " B"]],
) -> Float[Tensor, "T B"]:
    """The value of what each press led to: that of the next row, or of the next window's first."""
    if game.starting is None:
        # Every episode is over. How many presses there are is a rule of the task: those that run
        # out are worth nothing, else it would pay never to answer.
        following = torch.cat([value[1:], torch.zeros_like(value[:1])])
        return following.masked_fill(made.terminated | made.truncated, 0.0)
    with torch.no_grad():
        last = policy.step(after.observation, after.memory)[1]
    following = torch.cat([value[1:], last[None]])
    for t, end in ends.items():
        following[t] = torch.where(made.terminated[t] | made.truncated[t], end, following[t])
    return following.masked_fill(made.terminated, 0.0)


def _stacked(records: list[_Record]) -> _Record:
    """Records of single presses as one record with axis T."""
    return map_tensors(lambda *each: torch.stack(each), *records)


@torch.no_grad()
def play(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    generator: torch.Generator | None = None,
) -> Bool[Tensor, " P"]:
    """Whether one episode at each problem is right, without keeping a record.

    Args:
        policy: chooses the keys.
        environment: where; its state is overwritten.
        problems: the problems, on the CPU.
        generator: draws the keys, on the CPU; without one the most probable key is pressed.
    """
    prompt, observation = environment.reset(problems)
    memory = policy.begin(prompt)
    for t in range(environment.limit):
        scores, _, memory = policy.step(observation, memory)
        probabilities = press_probabilities(scores, observation.legal)
        if generator is None:
            key = probabilities.argmax(1)
        else:
            noise = torch.rand(len(problems), generator=generator)
            key = draw(probabilities, noise.to(environment.device))
        observation = environment.press(key)[0]
        if t % CHECK == CHECK - 1 and bool(environment.ended.all()):
            break
    return environment.right


def outputs_of(
    scores: Float[Tensor, "T B V"],
    values: Float[Tensor, "T B"],
    observation: Observation,
    key: Int[Tensor, "T B"],
) -> Outputs:
    """What scores and values say of the keys that were pressed."""
    possible = scores.masked_fill(~observation.legal, ILLEGAL)
    log_probs = possible.log_softmax(-1)
    return Outputs(
        log_prob=log_probs.gather(-1, key[..., None])[..., 0],
        entropy=-(possible.softmax(-1) * log_probs).sum(-1),
        value=values,
    )


def evaluate(policy: Policy, trajectory: Trajectory, memory: Memory | None = None) -> Outputs:
    """The policy's outputs, as it is now, on presses that were made before.

    Args:
        policy: who is evaluated.
        trajectory: what was seen and pressed.
        memory: the recurrent state before the first row, where its episodes began earlier.
    """
    observation, key = trajectory.observation, trajectory.key
    given = (trajectory.prompt, observation, trajectory.starts)
    unrolled = policy.unroll(*given) if memory is None else policy.unroll_from(memory, *given)
    scores, values = unrolled
    return outputs_of(scores, values, observation, key)


def evaluate_choices(policy: Policy, trajectory: Trajectory) -> Outputs:
    """As `evaluate`, for a policy without memory, but only where there was a choice; else zeros.

    A press that is the only legal one has the log-probability 0 and the entropy 0.
    """
    some = trajectory.pressed & (trajectory.observation.legal.sum(-1) > 1)
    press, episode = some.nonzero(as_tuple=True)
    memory = tuple(each[episode] for each in policy.begin(trajectory.prompt))
    observation = map_tensors(lambda each: each[press, episode], trajectory.observation)
    scores, value, _ = policy.step(observation, memory)
    seen = map_tensors(lambda each: each[None], observation)  # as a window of one row
    outputs = outputs_of(scores[None], value[None], seen, trajectory.key[press, episode][None])
    zeros = torch.zeros_like(trajectory.value)
    return map_tensors(lambda each: zeros.index_put((press, episode), each[0]), outputs)


def exploration(share: float, episodes: int) -> Float[Tensor, " B"] | None:
    """How much each episode of a batch explores: none the first, twice the share the last."""
    return torch.linspace(0, 2 * share, episodes) if share else None


def press_probabilities(
    scores: Float[Tensor, "*T B V"],
    legal: Bool[Tensor, "*T B V"],
    explore: Float[Tensor, " B"] | None = None,
    weights: Float[Tensor, "*T B V"] | None = None,
) -> Float[Tensor, "*T B V"]:
    """How likely each key is to be pressed, exploration included.

    Args:
        scores: of the keys.
        legal: which of them may be pressed.
        explore: epsilon of each episode.
        weights: of the keys in one half of the exploring presses; in the other, and in both
            without weights, all legal keys are equally likely.
    """
    probabilities = scores.masked_fill(~legal, ILLEGAL).softmax(-1)
    if explore is not None:
        share = explore[:, None]
        uniform = legal / legal.sum(-1, keepdim=True).clamp(min=1)
        if weights is not None:
            weighed = legal * weights
            uniform = (uniform + weighed / weighed.sum(-1, keepdim=True)) / 2
        probabilities = (1 - share) * probabilities + share * uniform
    return probabilities


def draw(probabilities: Float[Tensor, "B V"], uniform: Float[Tensor, " B"]) -> Int[Tensor, " B"]:
    """Inverse of the cumulative distribution: fifteen times faster than `Categorical.sample`."""
    cumulative = probabilities.cumsum(1)
    # Scaled by the last sum, so that rounding can never select a key past the last likely one.
    threshold = uniform[:, None] * cumulative[:, -1:]
    return (cumulative <= threshold).sum(1).clamp(max=cumulative.shape[1] - 1)
