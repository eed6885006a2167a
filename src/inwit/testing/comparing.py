"""Outputs of a policy, and whether they are alike up to rounding."""

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.policies import Architecture, Memory, Policy
from inwit.testing.base import hold
from inwit.trajectory import Trajectory

RELATIVE, ABSOLUTE = 1e-4, 1e-5
"""Differences up to this are rounding."""


def alike(one: Tensor, other: Tensor, made: Architecture, contract: str, where: str) -> None:
    """Assert that joined outputs are the same."""
    gap = float((one - other).abs().max())
    seen = f"scores or values differ by {gap:.2g} {where}"
    hold(close(one, other), made, contract, seen)


def close(one: Tensor, other: Tensor) -> bool:
    """Whether they are the same up to rounding."""
    return torch.allclose(one, other, rtol=RELATIVE, atol=ABSOLUTE)


def joined(
    scores: Float[Tensor, "*T B V"], values: Float[Tensor, "*T B"]
) -> Float[Tensor, "*T B V+1"]:
    """Scores and values as one tensor."""
    return torch.cat([scores, values[..., None]], -1)


def whole(network: Policy, episodes: Trajectory) -> Float[Tensor, "T B outputs"]:
    """The outputs of `unroll`."""
    return joined(*network.unroll(episodes.prompt, episodes.observation, episodes.starts))


def step_by_step(network: Policy, episodes: Trajectory, memory: Memory, first: int = 0) -> Tensor:
    """(T, B, V+1): the outputs of one `step` after another, from one row to the last."""
    rows = []
    for t in range(first, len(episodes.key)):
        scores, values, memory = network.step(episodes.observation.at(t), memory)
        rows.append(joined(scores, values))
    return torch.stack(rows)
