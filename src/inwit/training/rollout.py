"""Environment x policy -> trajectory: the policy presses until every episode is over."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.environment import Environment
from inwit.learners import Learner, Metrics
from inwit.policies import ILLEGAL, Policy
from inwit.tasks import Problems
from inwit.training.metrics import Summary
from inwit.trajectory import Observation, Outputs, Trajectory, map_tensors

LOOK = 32
"""Presses between two looks at whether all episodes are over: looking waits for the device."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is known of a rollout before its first press; its tensors are on the device."""

    problems: Problems
    """What is asked."""
    identity: Int[Tensor, " B"]
    """Which problem each is (see `Task.identity`)."""
    limit: int
    """T: how many presses an episode may take."""
    depth: int
    """How many frames the memory holds."""
    noise: Float[Tensor, "T B"] | None
    """What draws the keys, from 0 to 1; without it the most probable key is pressed."""
    explore: Float[Tensor, " B"] | None
    """The share of each episode's presses that are even over the legal keys."""


@dataclass(frozen=True, kw_only=True)
class Collected:
    """The episodes of an update, and what a learner makes of them."""

    trajectory: Trajectory
    """Their record."""
    outputs: Outputs
    """The policy's outputs on it; without gradient where that is known."""
    metrics: Metrics
    """How they went (see `summary`)."""
    term: tuple[Float[Tensor, ""], Metrics] | None
    """The learner's loss and what it tells, if there is a learner."""
    gradient: dict[str, Tensor] | None = None
    """Of the loss, by the names of the policy's parameters, where it is known."""


def plan(
    environment: Environment,
    problems: Problems,
    generator: torch.Generator | None = None,
    *,
    explore: float = 0.0,
    part: slice = slice(None),
) -> Plan:
    """All that is drawn for a rollout, and all that has to be looked up on the CPU.

    Args:
        environment: where it will be.
        problems: what is asked, on the CPU.
        generator: draws the keys, on the CPU; without one the most probable key is pressed.
        explore: share of presses that are even over the legal keys.
        part: the problems of this process; what is drawn for all stays the same.
    """
    limit, device = environment.task.max_presses(problems), environment.device
    shares, noise = exploration(explore, len(problems)), None
    if generator is not None:
        noise = torch.rand(limit, len(problems), generator=generator)
        noise = noise[:, part].to(device, non_blocking=True)
    mine = problems.part(part)
    return Plan(
        problems=mine.to(device),
        identity=environment.task.identity(mine).to(device, non_blocking=True),
        limit=limit,
        depth=environment.task.max_depth(problems),
        noise=noise,
        explore=None if shares is None else shares[part].to(device, non_blocking=True),
    )


def rollout(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    generator: torch.Generator | None = None,
    *,
    explore: float = 0.0,
) -> tuple[Trajectory, Outputs]:
    """One episode at every problem.

    Args:
        policy: who presses.
        environment: where; its state is overwritten.
        problems: what is asked, on the CPU.
        generator: draws the keys, on the CPU; without one the most probable key is pressed.
        explore: share of presses that are even over the legal keys.

    Returns:
        See `episode`.
    """
    return episode(policy, environment, plan(environment, problems, generator, explore=explore))


def collect(
    policy: Policy,
    environment: Environment,
    plan: Plan,
    *,
    learner: Learner | None,
    summary: Summary,
) -> Collected:
    """The episodes of a plan, how they went, and their loss; nothing waits for the device."""
    with torch.set_grad_enabled(learner is not None):
        trajectory, outputs = episode(policy, environment, plan)
        term = learner.loss(trajectory, outputs) if learner else None
    metrics = summary.of(trajectory, outputs, environment.faults)
    return Collected(trajectory=trajectory, outputs=outputs, metrics=metrics, term=term)


def episode(policy: Policy, environment: Environment, plan: Plan) -> tuple[Trajectory, Outputs]:
    """The episodes of a plan; nothing here is drawn, and nothing waits for the device.

    Returns:
        The record without gradient, and the policy's outputs on it with gradient (where autograd
        is on). One forward pass serves both: evaluating again would double the cost.
    """
    prompt, observation = environment.reset(plan.problems, limit=plan.limit, depth=plan.depth)
    memory = policy.begin(prompt)
    seen, scores, values, presses = [], [], [], []
    for t in range(plan.limit):
        score, value, memory = policy.step(observation, memory)
        probabilities = press_probabilities(score.detach(), observation.legal, plan.explore)
        noise = None if plan.noise is None else plan.noise[t]
        key = probabilities.argmax(1) if noise is None else draw(probabilities, noise)
        press = environment.press(key)
        seen.append(observation)
        scores.append(score)
        values.append(value)
        over = (press.terminated, press.truncated)
        presses.append((key, press.pressed, press.answered, press.failed, *over))
        observation = press.observation

    columns = map(torch.stack, zip(*presses, strict=True))
    key, pressed, answered, failed, terminated, truncated = columns
    observations = map_tensors(lambda *each: torch.stack(each), *seen)
    score, value = torch.stack(scores), torch.stack(values)
    outputs = outputs_of(score, value, observations, key)
    log_prob, estimate = outputs.log_prob.detach(), value.detach()
    if plan.explore is not None:
        behaviour = press_probabilities(score.detach(), observations.legal, plan.explore)
        log_prob = behaviour.gather(-1, key[..., None])[..., 0].log()
    # Nothing follows the last press: every episode is over.
    following = torch.cat([estimate[1:], torch.zeros_like(estimate[:1])])
    trajectory = Trajectory(
        problem=plan.identity,
        level=plan.problems.level,
        prompt=prompt,
        observation=observations,
        key=key,
        log_prob=log_prob,
        value=estimate,
        # Presses that run out are worth nothing, else it would pay never to answer.
        next_value=following.masked_fill(terminated | truncated, 0.0),
        reward=environment.rewards(answered, failed),
        starts=torch.arange(len(key), device=key.device)[:, None].expand_as(key) == 0,
        terminated=terminated,
        truncated=truncated,
        pressed=pressed,
        right=environment.right,
    )
    return trajectory, outputs


@torch.no_grad()
def play(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    generator: torch.Generator | None = None,
) -> Bool[Tensor, " P"]:
    """Whether one episode at each problem is right, without keeping a record.

    Args:
        policy: who presses.
        environment: where; its state is overwritten.
        problems: what is asked, on the CPU.
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
        observation = environment.press(key).observation
        if t % LOOK == LOOK - 1 and bool(environment.ended.all()):
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


def evaluate(policy: Policy, trajectory: Trajectory) -> Outputs:
    """The policy's outputs, as it is now, on presses that were made before."""
    observation, key = trajectory.observation, trajectory.key
    scores, values = policy.unroll(trajectory.prompt, observation, trajectory.starts)
    return outputs_of(scores, values, observation, key)


def exploration(share: float, episodes: int) -> Float[Tensor, " B"] | None:
    """How much each episode of a batch explores: none the first, twice the share the last."""
    return torch.linspace(0, 2 * share, episodes) if share else None


def press_probabilities(
    scores: Float[Tensor, "*T B V"],
    legal: Bool[Tensor, "*T B V"],
    explore: Float[Tensor, " B"] | None = None,
) -> Float[Tensor, "*T B V"]:
    """How likely each key is to be pressed, exploration included."""
    probabilities = scores.masked_fill(~legal, ILLEGAL).softmax(-1)
    if explore is not None:
        share = explore[:, None]
        even = legal / legal.sum(-1, keepdim=True).clamp(min=1)
        probabilities = (1 - share) * probabilities + share * even
    return probabilities


def draw(probabilities: Float[Tensor, "B V"], uniform: Float[Tensor, " B"]) -> Int[Tensor, " B"]:
    """Inverse of the cumulative distribution: fifteen times faster than `Categorical.sample`."""
    cumulative = probabilities.cumsum(1)
    # Scaled by the last sum, so that rounding can never select a key past the last likely one.
    threshold = uniform[:, None] * cumulative[:, -1:]
    return (cumulative <= threshold).sum(1).clamp(max=cumulative.shape[1] - 1)
