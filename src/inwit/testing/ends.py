"""The contracts of a learner at the end of episodes: what follows it, and the value's target."""

from dataclasses import replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from inwit.learners import Learner
from inwit.testing.base import hold
from inwit.testing.episodes import KEYS, gradients_of, leaves, loss_of, record
from inwit.trajectory import Trajectory

FAR = 10.0
"""Further away than any return or value of these episodes."""
COLUMNS = ((1, 0, 0), (1, 0, 2), (0, 0, 1), (0, 0, -1), (0, 1, 0), (0, 1, 2))
"""Reward of the second press, what follows it where the episode is cut off, and the value before
the first press."""
UNLIKELY = -3.0
"""Log-probability of these presses."""


def check_terminations(made: Learner, generator: torch.Generator) -> None:
    """`next_value` of the last presses of episodes that ended by the rules, near and far."""
    episodes = _ended(made, generator)
    before, after = (
        _gradients(made, _with(episodes, episodes.terminated, number)) for number in (-FAR, FAR)
    )
    contract = "nothing follows a termination"
    for name, one in before.items():
        gap = float((one - after[name]).abs().max())
        seen = f"the gradient of {name} changes by {gap:.2g} with next_value there"
        hold(torch.allclose(one, after[name]), made, contract, seen)


def check_truncations(made: Learner, generator: torch.Generator) -> None:
    """The same of episodes whose presses ran out: the more follows, the better was the press."""
    episodes = _ended(made, generator)
    inside = episodes.pressed & ~episodes.terminated & ~episodes.truncated
    if not made.trains_value and not _fallen(made, episodes, inside).any():
        return
    fallen = _fallen(made, episodes, episodes.truncated)
    contract, seen = "next_value follows a truncation", "a press is no better with a higher one"
    hold(bool((fallen[episodes.truncated] > 0).all()), made, contract, seen)


def check_value(made: Learner) -> None:
    """Values below and above the return, of episodes of both ends."""
    if not made.trains_value:
        return
    columns = torch.tensor(COLUMNS, dtype=torch.float).repeat_interleave(made.group_size, 0)
    reward, following, value = columns.T
    ahead, nothing = reward + following, torch.zeros_like(reward)
    episodes = record(
        torch.arange(2)[:, None].expand(2, len(columns)),
        problem=torch.arange(len(columns)) // made.group_size,
        pressed=torch.ones(2, len(columns), dtype=torch.bool),
        reward=torch.stack([nothing, reward]),
        log_prob=torch.full((2, len(columns)), UNLIKELY),
        value=torch.stack([value, ahead]),
        next_value=torch.stack([ahead, following]),
        cut=following > 0,
    )
    gradient = _gradients(made, episodes)["value"][0]
    wrong = (gradient.sign() != (value - ahead).sign()).nonzero()
    if len(wrong):
        first = int(wrong[0, 0])
        seen = f"where that is {ahead[first]:g} and the value {value[first]:g}, its gradient"
        seen += f" is {gradient[first]:.2g}"
        hold(False, made, "the value is trained towards the return", seen)


def _ended(made: Learner, generator: torch.Generator) -> Trajectory:
    """Episodes of one press and of two; every other one was cut off."""
    count = 4 * made.group_size
    place = torch.arange(count)
    numbers = [torch.rand(2, count, generator=generator) for _ in range(3)]
    pressed = torch.stack([torch.ones(count, dtype=torch.bool), place // 2 % 2 == 0])
    return record(
        torch.randint(KEYS, (2, count), generator=generator),
        problem=place // made.group_size,
        pressed=pressed,
        reward=(numbers[0] > 0.5).float() * pressed,
        log_prob=-numbers[1],
        value=numbers[2],
        next_value=torch.cat([numbers[2][1:], torch.zeros(1, count)]),
        cut=place % 2 == 1,
    )


def _with(episodes: Trajectory, rows: Bool[Tensor, "T B"], number: float) -> Trajectory:
    """The same episodes with another `next_value` in some rows."""
    return replace(episodes, next_value=episodes.next_value.masked_fill(rows, number))


def _fallen(made: Learner, episodes: Trajectory, rows: Bool[Tensor, "T B"]) -> Float[Tensor, "T B"]:
    """How much the gradient of `log_prob` falls when `next_value` rises in some rows."""
    low, high = (_gradients(made, _with(episodes, rows, number)) for number in (-FAR, FAR))
    return low["log_prob"] - high["log_prob"]


def _gradients(made: Learner, episodes: Trajectory) -> dict[str, Float[Tensor, "T B"]]:
    """Of the loss, for a policy that is as it was."""
    outputs = leaves(episodes.log_prob, torch.ones_like(episodes.value), episodes.value)
    return dict(gradients_of(loss_of(made, episodes, outputs)[0], outputs))
