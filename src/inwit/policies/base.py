"""What a policy is: it reads a prompt, then maps observations to scores of keys and a value.

A policy may import parts, tokens, records, trajectory and errors alone: that the network has no
side channel to the task or the machine is checked by the import contracts.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from jaxtyping import Bool, Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from inwit.errors import InvalidOption
from inwit.parts import Part
from inwit.records import map_tensors
from inwit.trajectory import Observation, Prompt

Width = Annotated[int, Field(ge=1, le=4096)]
"""Units of a network's state: what fits into a large machine."""
MOST_BYTES = 2**31
"""Of the weights of a network."""
ILLEGAL = -1e9
"""The score of a key that may not be pressed."""


@dataclass(frozen=True, kw_only=True)
class PolicySpec:
    """The sizes of what goes into a policy and comes out of it."""

    keys: int
    """V: how many keys there are."""
    symbols: int
    """Size of the alphabet of prompts; 0 where there is no prompt."""
    levels: int
    """How many levels are shown; 1 where they are not."""
    operands: int = 0
    """How many of the keys, the first ones, stand for operands."""
    operand_symbols: tuple[int, ...] = ()
    """The symbols of prompts that stand for operands, one after another."""
    observations: tuple[int, ...] = ()
    """How many values each of the K things that are seen can have."""
    values: int = 0
    """M at each press: how many numbers are seen."""
    prompt_values: int = 0
    """M at each symbol of a prompt."""
    heads: int = 1
    """Scores of each key: 2 where a second head predicts what keys mean (see `SelfMasked`)."""

    @property
    def scores(self) -> int:
        """How many scores come out: those of one head after those of the other."""
        return self.heads * self.keys


Memory = tuple[Tensor, ...]
"""The recurrent state: tensors whose first axis is B. The second may grow with the presses; then
zeros at its end mean nothing."""


class Policy(nn.Module, ABC):
    """The one network."""

    recurrent: ClassVar[bool] = True
    """Whether its state changes with the presses; if not, presses can be evaluated one by one."""

    @property
    def unwrapped(self) -> "Policy":
        """The network inside; itself where nothing is wrapped."""
        return self

    @abstractmethod
    def begin(self, prompt: Prompt) -> Memory:
        """The state after reading the prompt."""

    @abstractmethod
    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press: scores of the keys (illegal ones included), the value, the next state."""

    def explore(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory, Float[Tensor, "B V"] | None]:
        """As `step`, and how much exploring presses prefer each key; None where all are alike."""
        return *self.step(observation, memory), None

    def unroll(
        self, prompt: Prompt, observation: Observation, starts: Bool[Tensor, "T B"]
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """Scores and values along given observations; `starts` clears the state before its row."""
        return self.unroll_from(self.begin(prompt), prompt, observation, starts)

    def unroll_from(
        self,
        memory: Memory,
        prompt: Prompt,
        observation: Observation,
        starts: Bool[Tensor, "T B"],
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """As `unroll`, from the state before the first row: its episodes may have begun earlier."""
        scores, values, fresh = [], [], None
        cleared = starts.any(1).tolist()
        for t, start in enumerate(starts):
            if t and cleared[t]:
                fresh = self.begin(prompt) if fresh is None else fresh
                memory = renew(start, fresh, memory)
            score, value, memory = self.step(observation.at(t), memory)
            scores.append(score)
            values.append(value)
        return torch.stack(scores), torch.stack(values)

    def unroll_window(
        self,
        memory: Memory,
        prompt: Prompt,
        observation: Observation,
        starts: Bool[Tensor, "T B"],
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """As `unroll_from`, but sums may be taken in another order: equal up to rounding.

        Gradient steps in environments take it. Those on tasks do not, so that a seed goes on giving
        the run that is published.
        """
        if self.recurrent:
            return self.unroll_from(memory, prompt, observation, starts)
        begun = starts.clone()
        begun[0] = False  # `memory` is of the first row's episode
        begun = begun.cumsum(0) > 0
        states = tuple(
            torch.where(begun.view(*begun.shape, *[1] * (old.dim() - 1)), new, old).flatten(0, 1)
            for new, old in zip(self.begin(prompt), memory, strict=True)
        )
        rows = map_tensors(lambda each: each.flatten(0, 1), observation)
        scores, values, _ = self.step(rows, states)
        return scores.unflatten(0, starts.shape), values.unflatten(0, starts.shape)


class Architecture(Part, ABC):
    """The part of a recipe that makes a policy; its options are the network's hyperparameters."""

    noun: ClassVar[str] = "policy"
    registered: ClassVar[dict[str, type[Part]]] = {}

    @abstractmethod
    def build(self, spec: PolicySpec) -> Policy:
        """A fresh network for what goes in and comes out.

        Raises:
            InvalidOption: the options do not suit each other, or what goes in and comes out.
        """


def built(architecture: Architecture, spec: PolicySpec) -> Policy:
    """A fresh network of an architecture, which may be a user's.

    Raises:
        InvalidOption: it made no policy, its options do not suit, or the network is too large.
    """
    if torch.get_default_dtype() != torch.float32:
        given = f"PyTorch makes tensors of {torch.get_default_dtype()} here"
        hint = "call torch.set_default_dtype(torch.float32) before"
        raise InvalidOption(f"{given}, and networks need float32: {hint}")
    made: object = architecture.build(spec)
    if not isinstance(made, Policy):
        gave = f"build gave {made!r:.60}, not a Policy"
        raise InvalidOption(f"policy '{architecture.name}': {gave}")
    parts = [*made.parameters(), *made.buffers()]
    if any(map(is_lazy, parts)):
        raise InvalidOption(f"policy '{architecture.name}' has lazy layers: give them their sizes")
    size = sum(each.nbytes for each in parts)
    if size > MOST_BYTES:
        has = f"its weights take {size / 2**30:.1f} GiB here, and may take {MOST_BYTES / 2**30:.0f}"
        raise InvalidOption(
            f"policy '{architecture.name}': {has}: make it narrower, or what it sees"
        )
    return made


def renew(starts: Bool[Tensor, " B"], fresh: Memory, memory: Memory) -> Memory:
    """The recurrent state, cleared where an episode starts."""
    return tuple(_renew(starts, new, old) for new, old in zip(fresh, memory, strict=True))


def _renew(start: Bool[Tensor, " B"], new: Tensor, old: Tensor) -> Tensor:
    """One tensor of a fresh state where an episode starts, padded to what the old one grew to."""
    if new.shape != old.shape:
        grown = torch.zeros_like(old)
        grown[:, : new.shape[1]] = new
        new = grown
    return torch.where(start.view(-1, *[1] * (old.dim() - 1)), new, old)


def log_probabilities(
    scores: Float[Tensor, "*T B V"], legal: Bool[Tensor, "*T B V"]
) -> Float[Tensor, "*T B V"]:
    """Log-softmax over the legal keys; even over all keys where none is legal."""
    return torch.log_softmax(scores.masked_fill(~legal, ILLEGAL), -1)
