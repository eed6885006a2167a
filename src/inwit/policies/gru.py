"""The tutorial's network: a reader, one gated recurrent unit, and heads for keys and value.

Simpler than `nn.GRU` on embeddings: an embedding that is multiplied by the input weights is a table
with one row of gate inputs per symbol, so that table is what is learnt. It saves half of the
arithmetic of a step and is the same function class.
"""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from jaxtyping import Bool, Float, Int
from pydantic import Field
from torch import Tensor, nn

from inwit.parts import register
from inwit.policies.base import Architecture, Memory, Policy, PolicySpec, Width
from inwit.policies.encoders import READERS, Reader, ReaderName
from inwit.policies.gated_window import states_along
from inwit.records import map_tensors
from inwit.trajectory import Observation, Prompt

SMALL = 128
"""Rows of a table up to which picking some by a product is faster than looking them up."""


class Cell(nn.Module):
    """A gated recurrent unit over previous key and observations (Cho et al. 2014, arXiv:1406.1078).

    r, z    = sigmoid(W_rz x + U_rz h + b)
    n       = tanh(W_n x + r * (U_n h + b_n))
    h'      = (1 - z) * n + z * h

    `initial_memory` steps: the biases of z as in Tallec and Ollivier (2018, arXiv:1804.11188).
    """

    def __init__(self, spec: PolicySpec, width: int, initial_memory: int = 0) -> None:
        """Make a cell of `width` units that hold what they see for about `initial_memory` steps."""
        super().__init__()
        sizes = torch.tensor((spec.keys, *spec.observations))
        self.offsets: Tensor
        self.register_buffer("offsets", sizes.cumsum(0) - sizes, persistent=False)
        self.inputs = nn.Embedding(int(sizes.sum()), 3 * width)
        self.recurrent = nn.Linear(width, 3 * width)
        scale = width**-0.5
        for parameter in (self.inputs.weight, *self.recurrent.parameters()):
            nn.init.uniform_(parameter, -scale, scale)
        self.values = nn.Linear(spec.values, 3 * width, bias=False) if spec.values else None
        if initial_memory:
            self._hold(initial_memory)

    @torch.no_grad()
    def _hold(self, steps: int) -> None:
        """Chrono initialisation, and inputs large enough that what is seen opens and shuts gates.

        With biases alone, a unit that holds for long also writes little: 1 / steps of what it sees.
        """
        _, update, _ = self.recurrent.bias.chunk(3)
        update.uniform_(1, max(steps - 1, 1)).log_()
        _, update, candidate = self.inputs.weight.chunk(3, 1)
        update.uniform_(-2 * math.log(steps), 2 * math.log(steps))
        candidate.uniform_(-1, 1)

    def forward(
        self,
        observation: Observation,
        state: Float[Tensor, "B W"],
        further: Float[Tensor, "B gates"] | None = None,
    ) -> Float[Tensor, "B W"]:
        """The next state; `further` is added to what the observation puts into the gates."""
        inputs = self.seen(observation)
        if further is not None:
            inputs = inputs + further
        reset, update, candidate = inputs.chunk(3, 1)
        past_reset, past_update, past_candidate = self.recurrent(state).chunk(3, 1)
        reset = torch.sigmoid(reset + past_reset)
        update = torch.sigmoid(update + past_update)
        # This is tanh, at a third of its time.
        candidate = 2 * torch.sigmoid(2 * (candidate + reset * past_candidate)) - 1
        return candidate + update * (state - candidate)

    def seen(self, observation: Observation) -> Float[Tensor, "B gates"]:
        """What the observation puts into the gates."""
        rows = torch.cat([observation.previous[:, None], observation.seen], 1) + self.offsets
        inputs = sum_of_rows(self.inputs.weight, rows)
        return inputs if self.values is None else inputs + self.values(observation.values)


def sum_of_rows(table: Float[Tensor, "R W"], rows: Int[Tensor, "B K"]) -> Float[Tensor, "B W"]:
    """The sum of K different rows of a table; in a small one as a product, which fuses better."""
    if len(table) > SMALL:
        return nn.functional.embedding_bag(rows, table, mode="sum")
    return table.new_zeros(len(rows), len(table)).scatter(1, rows, 1.0) @ table


@register
@dataclass(frozen=True, kw_only=True)
class GRU(Architecture):
    """A reader of the prompt, then one gated recurrent unit (GRU)."""

    width: Width = 96
    """Units of the recurrent state."""
    reader: ReaderName = "bag"
    """How a prompt is read: `bag` ignores the order of its symbols, `recurrent` reads in both
    directions, `text` does so with dropout, `attentive` uses attention."""
    initial_memory: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Steps for which units initially hold what they see; 0 for the usual random initialisation."""

    name = "gru"

    def build(self, spec: PolicySpec) -> Policy:
        """A fresh network."""
        return GRUPolicy(spec, self.width, READERS[self.reader], self.initial_memory)


class GRUPolicy(Policy):
    """Reader, cell, heads."""

    def __init__(
        self, spec: PolicySpec, width: int, reader: type[Reader], initial_memory: int = 0
    ) -> None:
        """Make a network of `width` recurrent units."""
        super().__init__()
        self.reader = reader(spec, width)
        self.cell = Cell(spec, width, initial_memory)
        self.heads = nn.Linear(width, spec.scores + 1)

    def begin(self, prompt: Prompt) -> Memory:
        """The state after reading the prompt: one tensor (B, width)."""
        _, state = self.reader(prompt)
        return (state,)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        state = self.cell(observation, memory[0])
        scores, value = self.heads(state).split([self.heads.out_features - 1, 1], 1)
        return scores, value.squeeze(1), (state,)

    def unroll_window(
        self, memory: Memory, prompt: Prompt, observation: Observation, starts: Bool[Tensor, "T B"]
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """As `unroll_from` up to rounding; only the states are made one by one."""
        rows = map_tensors(lambda each: each.flatten(0, 1), observation)
        inputs = self.cell.seen(rows).unflatten(0, starts.shape)
        (fresh,), recurrent = self.begin(prompt), self.cell.recurrent
        states = states_along(inputs, memory[0], fresh, starts, recurrent.weight, recurrent.bias)
        scores = self.heads(states)
        return scores[..., :-1], scores[..., -1]
