"""Hand-made episodes, and the gradient of a learner's loss on them."""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.errors import explained
from inwit.learners import Learner, Metrics, Replay, broken_by
from inwit.testing.base import hold
from inwit.testing.inputs import untouched
from inwit.trajectory import Observation, Outputs, Prompt, Trajectory

KEYS = 3
"""Keys that can be pressed."""


def loss_of(
    made: Learner | Replay, episodes: Trajectory, outputs: Outputs
) -> tuple[Float[Tensor, ""], Metrics]:
    """What the learner returns, which must be a loss with a gradient, and metrics.

    It must cope with any number of episodes, and leave what it is given as it is.
    """

    def loss(*given: Any) -> object:
        try:
            return made.loss(*given)
        except Exception as error:  # whatever the class raises
            raised = explained(error)
        contract = "loss takes any number of episodes; `problem` says which belong together"
        hold(False, made, contract, f"it raised {raised}")
        return None

    given: Any = untouched(made, loss, episodes, outputs)
    for contract, seen in broken_by(given):
        hold(False, made, contract, seen)
    found: tuple[Float[Tensor, ""], Metrics] = given
    return found


def record(
    key: Int[Tensor, "T B"],
    *,
    problem: Int[Tensor, " B"],
    pressed: Bool[Tensor, "T B"],
    reward: Float[Tensor, "T B"],
    log_prob: Float[Tensor, "T B"],
    value: Float[Tensor, "T B"],
    next_value: Float[Tensor, "T B"],
    cut: Bool[Tensor, " B"] | None = None,
) -> Trajectory:
    """Episodes that end with their last press: by the rules, or because presses run out (`cut`)."""
    presses, batch = key.shape
    goes_on = torch.cat([pressed[1:], torch.zeros_like(pressed[:1])])
    last = pressed & ~goes_on
    cut = torch.zeros(batch, dtype=torch.bool) if cut is None else cut
    zeros = torch.zeros(batch, dtype=torch.long)
    return Trajectory(
        problem=problem,
        level=zeros,
        prompt=Prompt(symbols=problem[:, None], level=zeros),
        observation=Observation(
            previous=torch.zeros_like(key),
            seen=torch.zeros(presses, batch, 0, dtype=torch.long),
            legal=torch.ones(presses, batch, KEYS, dtype=torch.bool),
        ),
        key=key,
        log_prob=log_prob,
        value=value,
        next_value=next_value,
        reward=reward,
        starts=torch.arange(presses)[:, None].expand(presses, batch) == 0,
        terminated=last & ~cut,
        truncated=last & cut,
        pressed=pressed,
        meant=pressed,
        right=reward.sum(0) > 0,
    )


def leaves(*numbers: Float[Tensor, "T B"]) -> Outputs:
    """Outputs in which gradients end."""
    log_prob, entropy, value = (each.clone().requires_grad_() for each in numbers)
    return Outputs(log_prob=log_prob, entropy=entropy, value=value)


def gradients_of(loss: Float[Tensor, ""], outputs: Outputs) -> Mapping[str, Float[Tensor, "T B"]]:
    """The gradient of a loss at each of the outputs; zeros where there is none."""
    parts = vars(outputs)
    found = torch.autograd.grad(loss, list(parts.values()), allow_unused=True)
    return {
        name: torch.zeros_like(leaf) if gradient is None else gradient
        for (name, leaf), gradient in zip(parts.items(), found, strict=True)
    }
