"""A deep network without recurrence: for tasks in which everything that matters is seen.

A press depends on the prompt and on the present observation alone, so a whole episode is one batch.
Its layers multiply what they see (gated linear units: Shazeer 2020, arXiv:2002.05202): numbers are
seen as waves, and a product of waves is a wave of the sum.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from jaxtyping import Bool, Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn.functional import silu

from inwit.parts import register
from inwit.policies.base import Architecture, Memory, Policy, PolicySpec, Width
from inwit.policies.encoders import Bag
from inwit.policies.gru import sum_of_rows
from inwit.records import map_tensors
from inwit.trajectory import Observation, Prompt


@register
@dataclass(frozen=True, kw_only=True)
class FeedForward(Architecture):
    """Gated layers with residual connections, on the current observation alone."""

    width: Width = 384
    """Units per layer."""
    depth: Annotated[int, Field(ge=1, le=64)] = 2
    """Number of layers."""
    by_rank: bool = False
    """Score an operand key by its rank among the legal ones, for a task that shows the remaining
    operands in order, whichever keys they have."""
    bfloat16: bool = False
    """Multiply matrices in bfloat16 in training; otherwise in float32."""

    name = "feedforward"

    def build(self, spec: PolicySpec) -> Policy:
        """A fresh network."""
        return FeedForwardPolicy(spec, self)


class Gated(nn.Module):
    """h + W (silu(A n) * B n) with n = norm(h)."""

    def __init__(self, width: int) -> None:
        """Make a layer of `width` units."""
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.parts = nn.Linear(width, 2 * width)
        self.joined = nn.Linear(width, width)

    def forward(self, hidden: Float[Tensor, "B W"]) -> Float[Tensor, "B W"]:
        """The layer's output."""
        gate, value = self.parts(self.norm(hidden)).chunk(2, -1)
        joined: Tensor = self.joined(silu(gate) * value)
        return hidden + joined


class FeedForwardPolicy(Policy):
    """Prompt and observation, layers, heads."""

    recurrent = False

    def __init__(self, spec: PolicySpec, options: FeedForward) -> None:
        """Make a network for this spec."""
        super().__init__()
        width = options.width
        self.operands = spec.operands if options.by_rank else 0
        self.rounds = options.bfloat16
        self.reader = Bag(spec, width)
        sizes = torch.tensor((spec.keys, *spec.observations))
        self.offsets: Tensor
        self.register_buffer("offsets", sizes.cumsum(0) - sizes, persistent=False)
        self.inputs = nn.Embedding(int(sizes.sum()), width)
        nn.init.normal_(self.inputs.weight, std=width**-0.5)
        self.values = nn.Linear(spec.values, width) if spec.values else None
        self.layers = nn.Sequential(
            *(Gated(width) for _ in range(options.depth)), nn.LayerNorm(width)
        )
        self.heads = nn.Linear(width, spec.scores + 1)

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
    ) -> tuple[Float[Tensor, "B S"], Float[Tensor, " B"]]:
        """Scores and values."""
        rows = torch.cat([observation.previous[:, None], observation.seen], 1) + self.offsets
        hidden = state + sum_of_rows(self.inputs.weight, rows)
        with torch.autocast(
            hidden.device.type, torch.bfloat16, enabled=self.rounds and self.training
        ):
            if self.values is not None:
                hidden = hidden + self.values(observation.values)
            outputs = self.heads(self.layers(torch.relu(hidden))).float()
        scores, value = outputs.split([self.heads.out_features - 1, 1], 1)
        return self._by_key(scores, observation.legal), value.squeeze(1)

    def _by_key(
        self, scores: Float[Tensor, "B S"], legal: Bool[Tensor, "B V"]
    ) -> Float[Tensor, "B S"]:
        """Scores of operand keys from those of their ranks, where keys are scored so."""
        if not self.operands:
            return scores
        rank = (legal[:, : self.operands].cumsum(1) - 1).clamp(min=0)
        return torch.cat([scores.gather(1, rank), scores[:, self.operands :]], 1)
