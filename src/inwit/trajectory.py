"""The one record that every stage passes on, and the one time convention.

Axes: `T` time, `B` episodes, `V` keys, `L` prompt length, `K` observations, `M` numbers seen. Time
comes first.

Row t is one transition: the policy saw observation t and the previous key, pressed key t, and
received reward t. `starts[t]` clears the recurrent state *before* row t is read; `terminated[t]`
and `truncated[t]` speak of transition t; `next_value[t]` is the value of the true successor.
`pressed[t]` is false after the episode's end, and such rows carry no gradient anywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.records import joined, map_named, map_tensors


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What an agent reads before its first press."""

    symbols: Int[Tensor, "B L"]
    """Symbol numbers, padded with -1. A streamed problem has none: L is 0."""
    level: Int[Tensor, " B"]
    """The level, where the task shows it; zeros where it does not."""
    values: Float[Tensor, "B L M"] = None  # type: ignore[assignment]
    """Numbers seen at each symbol, float32; zeros at padding. By default none: M is 0."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _or_none(self.values, self.symbols))


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What an agent sees at one press."""

    previous: Int[Tensor, "*T B"]
    """The key pressed before; `CTX` at the first."""
    seen: Int[Tensor, "*T B K"]
    """One number per thing that is seen; K is 0 for a problem read as a prompt."""
    legal: Bool[Tensor, "*T B V"]
    """The keys that may be pressed."""
    values: Float[Tensor, "*T B M"] = None  # type: ignore[assignment]
    """Numbers seen, float32. By default none: M is 0."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", _or_none(self.values, self.previous))

    def at(self, press: int) -> "Observation":
        """What was seen at one press of several."""
        return map_tensors(lambda tensor: tensor[press], self)


def _or_none(
    values: Float[Tensor, "*shape M"] | None, like: Int[Tensor, "*shape"]
) -> Float[Tensor, "*shape M"]:
    return torch.zeros(*like.shape, 0, device=like.device) if values is None else values


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """Episodes at B problems, T presses long."""

    problem: Int[Tensor, " B"]
    """Which problem it is: the same number for problems that look the same to an agent."""
    level: Int[Tensor, " B"]
    """How hard it is."""
    prompt: Prompt
    """What was read before the first press."""
    observation: Observation
    """What was seen at each press; its fields begin with axis T."""
    key: Int[Tensor, "T B"]
    """The key pressed."""
    log_prob: Float[Tensor, "T B"]
    """Its log-probability when it was pressed (without gradient)."""
    value: Float[Tensor, "T B"]
    """The value estimate before the press (without gradient)."""
    next_value: Float[Tensor, "T B"]
    """The value estimate of the true successor, zero after the end, also where the presses ran out:
    how many there are is a rule of the task (without gradient)."""
    reward: Float[Tensor, "T B"]
    """What the press earned."""
    starts: Bool[Tensor, "T B"]
    """Row t begins an episode: the recurrent state is cleared before it is read."""
    terminated: Bool[Tensor, "T B"]
    """Transition t ended the episode by the rules."""
    truncated: Bool[Tensor, "T B"]
    """Transition t ended the episode because the presses ran out."""
    pressed: Bool[Tensor, "T B"]
    """Row t happened: it is not after the end."""
    meant: Bool[Tensor, "T B"]
    """The key meant something; otherwise the press changed nothing."""
    right: Bool[Tensor, " B"]
    """The submitted answer is right."""

    def select(self, rows: Int[Tensor, " S"]) -> "Trajectory":
        """Some of the episodes, in the order of `rows`."""
        return map_named(lambda name, tensor: tensor.index_select(_axis(name), rows), self)

    def trimmed(self) -> "Trajectory":
        """Without the rows after the end of the longest episode."""
        presses = int(self.pressed.any(1).sum())
        return map_named(lambda name, each: each[:presses] if _axis(name) else each, self)


def join(trajectories: Sequence[Trajectory]) -> Trajectory:
    """All episodes in one record; shorter prompts and episodes are padded (`pressed` is false)."""
    return joined(trajectories, axis=_axis, fillers={"prompt.symbols": -1})


def _axis(name: str) -> int:
    """The axis of the episodes in a field of a trajectory."""
    return int(name not in _EPISODES_FIRST and not name.startswith("prompt."))


_EPISODES_FIRST = {"problem", "level", "right"}


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What a policy says of the presses of a trajectory, with gradient."""

    log_prob: Float[Tensor, "T B"]
    """Log-probability of the key that was pressed."""
    entropy: Float[Tensor, "T B"]
    """Entropy, in nats, of the distribution over legal keys."""
    value: Float[Tensor, "T B"]
    """The value estimate."""


def masked_mean(values: Float[Tensor, "T B"], mask: Bool[Tensor, "T B"]) -> Float[Tensor, ""]:
    """The mean over the rows of the mask; 0 if there are none."""
    kept = torch.where(mask, values, torch.zeros_like(values))
    return kept.sum() / mask.sum().clamp(min=1)
