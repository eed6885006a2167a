"""A deep network without recurrence: for tasks in which everything that matters is seen.

A press depends on the prompt and on the present observation alone, so a whole episode is one batch.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from jaxtyping import Bool, Float
from pydantic import Field
from torch import Tensor, nn

from inwit.parts import register
from inwit.policies.base import Architecture, Memory, Policy, PolicySpec, Width
from inwit.policies.encoders import Bag
from inwit.policies.gru import sum_of_rows
from inwit.records import map_tensors
from inwit.trajectory import Observation, Prompt


@register
@dataclass(frozen=True, kw_only=True)
class FeedForward(Architecture):
    """Layers with residual connections over what is seen now."""

    width: Width = 384
    """Units of each layer."""
    depth: Annotated[int, Field(ge=1, le=64)] = 3
    """Layers between what is seen and the keys."""

    name = "feedforward"

    def build(self, spec: PolicySpec) -> Policy:
        """A fresh network."""
        return FeedForwardPolicy(spec, self.width, self.depth)


class FeedForwardPolicy(Policy):
    """Prompt and observation, layers, heads."""

    def __init__(self, spec: PolicySpec, width: int, depth: int) -> None:
        """Make a network of `depth` layers of `width` units for this spec."""
        super().__init__()
        self.reader = Bag(spec, width)
        sizes = torch.tensor((spec.keys, *spec.observations))
        self.offsets: Tensor
        self.register_buffer("offsets", sizes.cumsum(0) - sizes, persistent=False)
        self.inputs = nn.Embedding(int(sizes.sum()), width)
        nn.init.normal_(self.inputs.weight, std=width**-0.5)
        self.values = nn.Linear(spec.values, width) if spec.values else None
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.heads = nn.Linear(width, spec.keys + 1)

    def begin(self, prompt: Prompt) -> Memory:
        """What the prompt says: one tensor (B, width), which never changes."""
        _, state = self.reader(prompt)
        return (state,)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        scores, values = self._judge(observation, memory[0])
        return scores, values, memory

    def unroll(
        self, prompt: Prompt, observation: Observation, starts: Bool[Tensor, "T B"]
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """As `step` by `step`, in one batch."""
        state = self.begin(prompt)[0]
        presses = len(observation.previous)
        flat = map_tensors(lambda each: each.flatten(0, 1), observation)
        scores, values = self._judge(flat, state.repeat(presses, 1))
        return scores.unflatten(0, (presses, -1)), values.unflatten(0, (presses, -1))

    def _judge(
        self, observation: Observation, state: Float[Tensor, "B W"]
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"]]:
        """Scores and values."""
        rows = torch.cat([observation.previous[:, None], observation.seen], 1) + self.offsets
        hidden = state + sum_of_rows(self.inputs.weight, rows)
        if self.values is not None:
            hidden = hidden + self.values(observation.values)
        hidden = torch.relu(hidden)
        for layer in self.layers:
            hidden = hidden + torch.relu(layer(hidden))
        scores, value = self.heads(hidden).split([self.heads.out_features - 1, 1], 1)
        return scores, value.squeeze(1)
