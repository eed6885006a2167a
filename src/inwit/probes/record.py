"""The recurrent state before every press of an episode."""

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.policies import Memory, Policy
from inwit.trajectory import Trajectory


def states_along(policy: Policy, trajectory: Trajectory) -> Float[Tensor, "T B W"]:
    """The state before each press of a policy that makes given presses."""
    memory, states, observation = policy.begin(trajectory.prompt), [], trajectory.observation
    for press in range(len(trajectory.key)):
        states.append(vector(memory))
        memory = policy.step(observation.at(press), memory)[2]
    return torch.stack(states)


def vector(memory: Memory) -> Float[Tensor, "B W"]:
    """The recurrent state as one vector an episode.

    The vectors of the memory. Parts with a row for each symbol or press (for attention) are left
    out, unless there is nothing else: then their latest rows are taken.
    """
    parts = [part for part in memory if is_vector(part)]
    parts = parts or [part[:, -1:].sum(1) for part in memory if part.dim() == 3]
    return torch.cat(parts or [torch.zeros(len(memory[0]), 0)], 1)


def is_vector(part: Tensor) -> bool:
    """A part of a memory is one vector of numbers per episode."""
    return part.dim() == 2 and part.is_floating_point()
