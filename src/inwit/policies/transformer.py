"""A causal transformer over the prompt's symbols and the presses, with a key-value cache.

The cache grows by one row a press, so an episode of T presses costs T^2: this network is for short
episodes.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inwit.parts import register
from inwit.policies.attention import blocks, read_through
from inwit.policies.base import Architecture, Memory, Policy, PolicySpec, Width
from inwit.trajectory import Observation, Prompt


@register
@dataclass(frozen=True, kw_only=True)
class Transformer(Architecture):
    """Two transformer blocks over the prompt and all earlier presses."""

    width: Width = 96
    """Units per position; a multiple of 8."""

    name = "transformer"

    def build(self, spec: PolicySpec) -> Policy:
        """A fresh network."""
        return TransformerPolicy(spec, self.width)


class TransformerPolicy(Policy):
    """Two blocks over all that has been read and pressed."""

    def __init__(self, spec: PolicySpec, width: int) -> None:
        """Make a network of `width` units, a multiple of 8, for this spec."""
        super().__init__()
        self.symbol = nn.Embedding(spec.symbols + 1, width)
        self.level = nn.Embedding(spec.levels, width)
        self.press = nn.ModuleList(
            nn.Embedding(size, width) for size in (spec.keys, *spec.observations)
        )
        self.blocks = blocks(width)
        self.last = nn.LayerNorm(width)
        self.heads = nn.Linear(width, spec.scores + 1)
        self.values = nn.Linear(spec.values, width, bias=False) if spec.values else None
        read = spec.prompt_values
        self.prompt_values = nn.Linear(read, width, bias=False) if read else None

    def begin(self, prompt: Prompt) -> Memory:
        """What the blocks keep of the prompt, which of it is not padding, and the next place."""
        readable = prompt.symbols >= 0
        rows = self.symbol(prompt.symbols + 1) + self.level(prompt.level)[:, None]
        if self.prompt_values is not None:
            rows = rows + self.prompt_values(prompt.values)
        _, caches = read_through(self.blocks, rows, readable)
        return (*caches, readable, readable.sum(1, keepdim=True))

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        *caches, visible, place = memory
        seen = torch.cat([observation.previous[:, None], observation.seen], 1)
        rows = torch.stack(
            [embed(column) for embed, column in zip(self.press, seen.T, strict=True)]
        ).sum(0)[:, None]
        if self.values is not None:
            rows = rows + self.values(observation.values)[:, None]
        visible = torch.cat([visible, visible.new_ones(len(visible), 1)], 1)
        grown = []
        for block, cache in zip(self.blocks, caches, strict=True):
            rows, cache = block(rows, place, visible[:, None], cache)
            grown.append(cache)
        scores = self.heads(self.last(rows[:, 0]))
        return scores[:, :-1], scores[:, -1], (*grown, visible, place + 1)
