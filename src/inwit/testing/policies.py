"""The contracts of a policy: its state depends only on its own prompt and presses."""

from dataclasses import replace
from typing import cast

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.environment import Environment
from inwit.parts import check_seed
from inwit.policies import Architecture, Memory, Policy
from inwit.recipe import Recipe
from inwit.tasks import Problems, Stages, Task, by_turns
from inwit.testing.base import TASK, hold, part_from
from inwit.testing.comparing import alike, close, joined
from inwit.testing.inputs import check_inputs, untouched
from inwit.testing.memory import check_recurrent, check_turns, check_windows, random_starts
from inwit.testing.weights import EPISODES, check_learning, check_saved, check_seed_of_weights
from inwit.training.rollout import rollout
from inwit.trajectory import Observation, Trajectory

ALONE = 3
"""Episodes that are checked one by one."""
WANTED = "an architecture: give one, such as GRU(), or its class"


@torch.no_grad()
def check_policy(
    policy: Architecture | type[Architecture],
    *,
    task: Task | type[Task] | None = None,
    seed: int = 0,
) -> None:
    """Assert what rollouts and learners rely on, for a fresh network.

    - Scores, values and the state have their shapes, and are finite.
    - `unroll` equals `step`, press by press.
    - A state depends only on its own prompt, not on the rest of the batch.
    - `starts` isolates episodes: it clears the state.
    - Different prompts make a difference.
    - If the task shows numbers, another number makes a difference, in prompts and at presses.
    - No method writes into what it is given.
    - The state holds all that a press depends on besides the observation; nothing else does. With
      `recurrent = False` it does not matter what presses have made of the state.
    - `unroll_from` and `unroll_window` equal `step`, press by press, inside of an episode.
    - The same seed builds the same weights, `state_dict` holds all of them, and every parameter
      learns.

    Args:
        policy: an architecture, or its class for the default options.
        task: what the network reads and presses, or its class; by default the stages.
        seed: fixes the weights and all randomness.

    Raises:
        AssertionError: a contract is broken; it names the contract and what was observed.
        InvalidOption: what is given is no architecture, task or seed, or they do not suit each
            other.
    """
    made = part_from(policy, (Architecture,), WANTED)
    task = cast(Task, part_from(Stages if task is None else task, (Task,), TASK))
    check_seed(seed)
    environment, generator = Environment(task), torch.Generator().manual_seed(seed)
    recipe = Recipe(task=task, policy=made, seed=seed)
    network = recipe.network(environment)
    check_seed_of_weights(made, recipe, environment, network)
    problems = task.sample(by_turns(task.levels, EPISODES), generator)
    _check_shapes(made, network, environment, problems)
    episodes, _ = rollout(network, environment, problems, generator)
    check_inputs(made, network, episodes)
    _check_steps(made, network, episodes)
    _check_rows(made, network, episodes, torch.randperm(EPISODES, generator=generator))
    _check_starts(made, network, episodes, generator)
    _check_reading(made, network, episodes)
    _check_values(made, network, episodes)
    check_turns(made, network, episodes)
    check_recurrent(made, network, episodes)
    check_windows(made, network, episodes, generator)
    check_saved(made, recipe, environment, network, episodes)
    check_learning(made, recipe, network, episodes)


def _check_shapes(
    made: Architecture, network: Policy, environment: Environment, problems: Problems
) -> None:
    prompt, observation = environment.reset(problems)
    memory = untouched(made, network.begin, prompt)
    _check_state(made, memory, "begin gives")
    scores, values, after = _press(made, network, observation, memory)
    _check_state(made, after, "step gives")
    wanted = (EPISODES, observation.legal.shape[1])
    shown = f"{tuple(scores.shape)} and {tuple(values.shape)}, not {wanted} and {wanted[:1]}"
    kept = scores.shape == wanted and values.shape == wanted[:1]
    hold(kept, made, "there is a score for each key and one value", shown)
    finite = bool(scores.isfinite().all()) and bool(values.isfinite().all())
    hold(finite, made, "scores and values are finite", "some are not")


def _press(
    made: Architecture, network: Policy, observation: Observation, memory: Memory
) -> tuple[Tensor, Tensor, Memory]:
    """One press, which gives what it should."""
    given: object = untouched(made, network.step, observation, memory)
    three = isinstance(given, tuple) and len(given) == 3
    kept = three and all(isinstance(each, Tensor) for each in cast(tuple[object, ...], given)[:2])
    contract = "step gives scores, values and the next state"
    hold(kept, made, contract, f"it gives {given!r:.60}")
    return cast(tuple[Tensor, Tensor, Memory], given)


def _check_state(made: Architecture, memory: object, where: str) -> None:
    kept = isinstance(memory, tuple) and all(isinstance(part, Tensor) for part in memory)
    hold(kept, made, "a state is a tuple of tensors", f"{where} {memory!r:.60}")
    for part in cast(Memory, memory):
        contract, shown = "the first axis of a state is the batch", tuple(part.shape)
        hold(shown[:1] == (EPISODES,), made, contract, f"a part of it is {shown}")


def _check_steps(made: Architecture, network: Policy, episodes: Trajectory) -> None:
    unrolled = network.unroll(episodes.prompt, episodes.observation, episodes.starts)
    memory = network.begin(episodes.prompt)
    for t in range(len(episodes.key)):
        scores, values, memory = network.step(episodes.observation.at(t), memory)
        one, other = joined(scores, values), joined(*unrolled)[t]
        alike(one, other, made, "unroll equals step by step", f"at press {t + 1}")


def _check_starts(
    made: Architecture, network: Policy, episodes: Trajectory, generator: torch.Generator
) -> None:
    """Rows with starts anywhere, compared with each episode by itself."""
    starts = random_starts(episodes, generator)
    whole = joined(*network.unroll(episodes.prompt, episodes.observation, starts))
    for row in range(ALONE):
        alone = episodes.select(torch.tensor([row]))
        memory: Memory = ()
        for t in range(len(episodes.key)):
            memory = network.begin(alone.prompt) if starts[t, row] else memory
            scores, values, memory = network.step(alone.observation.at(t), memory)
            shown = f"of an episode in a longer record, at press {t + 1}"
            one, other = joined(scores, values)[0], whole[t, row]
            alike(one, other, made, "starts isolates episodes", shown)


def _check_rows(
    made: Architecture, network: Policy, episodes: Trajectory, order: Int[Tensor, " B"]
) -> None:
    contract = "a state depends on its own prompt alone"
    whole = joined(*network.unroll(episodes.prompt, episodes.observation, episodes.starts))
    moved = episodes.select(order)
    again = joined(*network.unroll(moved.prompt, moved.observation, moved.starts))
    alike(again, whole[:, order], made, contract, "in another order")
    for row in range(ALONE):
        alone = episodes.select(torch.tensor([row]))
        own = joined(*network.unroll(alone.prompt, alone.observation, alone.starts))
        alike(own[:, 0], whole[:, row], made, contract, "without the rest of the batch")


def _check_reading(made: Architecture, network: Policy, episodes: Trajectory) -> None:
    """The same presses after other prompts, if the task has different ones."""
    prompt = episodes.prompt
    other = replace(prompt, symbols=prompt.symbols.roll(1, 0), level=prompt.level.roll(1, 0))
    if torch.equal(prompt.symbols, other.symbols) and torch.equal(prompt.level, other.level):
        return
    one, two = (
        joined(*network.unroll(each, episodes.observation, episodes.starts)[:2])
        for each in (prompt, other)
    )
    seen = f"none of {EPISODES} episodes changes with the prompt of another one"
    kept = not close(one, two)
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
    before = joined(*network.unroll(prompt, observation, episodes.starts))
    for where, values, changed in changes:
        if values.numel():
            after = joined(*network.unroll(*changed, episodes.starts))
            kept = not close(before, after)
            contract = f"different numbers {where} make a difference"
            hold(kept, made, contract, f"none of {EPISODES} episodes changes with them")
