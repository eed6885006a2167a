"""The contracts of a policy: its state depends only on its own prompt and presses."""

from dataclasses import replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.environment import Environment
from inwit.policies import Architecture, Memory, Policy
from inwit.recipe import Recipe
from inwit.tasks import Problems, Stages, Task, by_turns
from inwit.testing.base import hold
from inwit.training.rollout import rollout
from inwit.trajectory import Trajectory

EPISODES, ALONE = 12, 3
"""Episodes played, and those of them that are checked one by one."""
STARTS = 0.3
"""Share of rows at which an episode starts."""
RELATIVE, ABSOLUTE = 1e-4, 1e-5
"""Differences up to this are rounding."""


@torch.no_grad()
def check_policy(
    policy: Architecture | type[Architecture], *, task: Task | None = None, seed: int = 0
) -> None:
    """Assert what rollouts and learners rely on, for a fresh network.

    - Scores, values and the state have their shapes, and are finite.
    - `unroll` equals `step`, press by press.
    - A state depends only on its own prompt, not on the rest of the batch.
    - `starts` isolates episodes: it clears the state.
    - Different prompts make a difference.
    - If the task shows numbers, another number makes a difference, in prompts and at presses.

    Args:
        policy: an architecture, or its class for the default options.
        task: what the network reads and presses; by default the stages.
        seed: fixes the weights and all randomness.

    Raises:
        AssertionError: a contract is broken; it names the contract and what was observed.
        InvalidOption: the architecture does not suit the task.
    """
    made, task = policy() if isinstance(policy, type) else policy, task or Stages()
    environment, generator = Environment(task), torch.Generator().manual_seed(seed)
    network = Recipe(task=task, policy=made, seed=seed).network(environment)
    problems = task.sample(by_turns(task.levels, EPISODES), generator)
    _check_shapes(made, network, environment, problems)
    episodes, _ = rollout(network, environment, problems, generator)
    _check_steps(made, network, episodes)
    _check_rows(made, network, episodes, torch.randperm(EPISODES, generator=generator))
    _check_starts(made, network, episodes, generator)
    _check_reading(made, network, episodes)
    _check_values(made, network, episodes)


def _check_shapes(
    made: Architecture, network: Policy, environment: Environment, problems: Problems
) -> None:
    prompt, observation = environment.reset(problems)
    memory = network.begin(prompt)
    scores, values, after = network.step(observation, memory)
    wanted = (EPISODES, observation.legal.shape[1])
    shown = f"{tuple(scores.shape)} and {tuple(values.shape)}, not {wanted} and {wanted[:1]}"
    kept = scores.shape == wanted and values.shape == wanted[:1]
    hold(kept, made, "there is a score for each key and one value", shown)
    finite = bool(scores.isfinite().all()) and bool(values.isfinite().all())
    hold(finite, made, "scores and values are finite", "some are not")
    for part in (*memory, *after):
        contract = "the first axis of a state is the batch"
        hold(len(part) == EPISODES, made, contract, f"a part of it is {tuple(part.shape)}")


def _check_steps(made: Architecture, network: Policy, episodes: Trajectory) -> None:
    unrolled = network.unroll(episodes.prompt, episodes.observation, episodes.starts)
    memory = network.begin(episodes.prompt)
    for t in range(len(episodes.key)):
        scores, values, memory = network.step(episodes.observation.at(t), memory)
        one, other = _joined(scores, values), _joined(*unrolled)[t]
        _alike(one, other, made, "unroll equals step by step", f"at press {t + 1}")


def _check_starts(
    made: Architecture, network: Policy, episodes: Trajectory, generator: torch.Generator
) -> None:
    """Rows with starts anywhere, compared with each episode by itself."""
    starts = torch.rand(episodes.starts.shape, generator=generator) < STARTS
    starts[0] = True
    whole = _joined(*network.unroll(episodes.prompt, episodes.observation, starts))
    for row in range(ALONE):
        alone = episodes.select(torch.tensor([row]))
        memory: Memory = ()
        for t in range(len(episodes.key)):
            memory = network.begin(alone.prompt) if starts[t, row] else memory
            scores, values, memory = network.step(alone.observation.at(t), memory)
            shown = f"of an episode in a longer record, at press {t + 1}"
            one, other = _joined(scores, values)[0], whole[t, row]
            _alike(one, other, made, "starts isolates episodes", shown)


def _check_rows(
    made: Architecture, network: Policy, episodes: Trajectory, order: Int[Tensor, " B"]
) -> None:
    contract = "a state depends on its own prompt alone"
    whole = _joined(*network.unroll(episodes.prompt, episodes.observation, episodes.starts))
    moved = episodes.select(order)
    again = _joined(*network.unroll(moved.prompt, moved.observation, moved.starts))
    _alike(again, whole[:, order], made, contract, "in another order")
    for row in range(ALONE):
        alone = episodes.select(torch.tensor([row]))
        own = _joined(*network.unroll(alone.prompt, alone.observation, alone.starts))
        _alike(own[:, 0], whole[:, row], made, contract, "without the rest of the batch")


def _check_reading(made: Architecture, network: Policy, episodes: Trajectory) -> None:
    """The same presses after other prompts, if the task has different ones."""
    prompt = episodes.prompt
    other = replace(prompt, symbols=prompt.symbols.roll(1, 0), level=prompt.level.roll(1, 0))
    if torch.equal(prompt.symbols, other.symbols) and torch.equal(prompt.level, other.level):
        return
    one, two = (
        _joined(*network.unroll(each, episodes.observation, episodes.starts)[:2])
        for each in (prompt, other)
    )
    seen = f"none of {EPISODES} episodes changes with the prompt of another one"
    kept = not torch.allclose(one, two, rtol=RELATIVE, atol=ABSOLUTE)
    hold(kept, made, "different prompts make a difference", seen)


def _check_values(made: Architecture, network: Policy, episodes: Trajectory) -> None:
    """The same episodes with all seen numbers increased by one, if any are seen."""
    prompt, observation = episodes.prompt, episodes.observation
    read = replace(prompt, values=prompt.values + (prompt.symbols >= 0)[..., None])
    seen = replace(observation, values=observation.values + 1)
    changes = (
        ("at presses", observation.values, (prompt, seen)),
        ("in prompts", prompt.values, (read, observation)),
    )
    before = _joined(*network.unroll(prompt, observation, episodes.starts))
    for where, values, changed in changes:
        if values.numel():
            after = _joined(*network.unroll(*changed, episodes.starts))
            kept = not torch.allclose(before, after, rtol=RELATIVE, atol=ABSOLUTE)
            contract = f"different numbers {where} make a difference"
            hold(kept, made, contract, f"none of {EPISODES} episodes changes with them")


def _alike(one: Tensor, other: Tensor, made: Architecture, contract: str, where: str) -> None:
    gap = float((one - other).abs().max())
    seen = f"scores or values differ by {gap:.2g} {where}"
    hold(torch.allclose(one, other, rtol=RELATIVE, atol=ABSOLUTE), made, contract, seen)


def _joined(
    scores: Float[Tensor, "*T B V"], values: Float[Tensor, "*T B"]
) -> Float[Tensor, "*T B V+1"]:
    return torch.cat([scores, values[..., None]], -1)
