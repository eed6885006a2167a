"""A network that plans a whole expression from its prompt: it reads, attends, and points.

A reader gives one vector a symbol; at every press the recurrent state attends to
them (Bahdanau et al. 2015, arXiv:1409.0473), and the score of an operand key is how well the state
matches the vector of that operand's symbol (Vinyals et al. 2015, arXiv:1506.03134): operands
are distinguished by their place in the expression, not by a number of their own.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from jaxtyping import Bool, Float, Int
from pydantic import Field
from torch import Tensor, nn

from inwit.errors import InvalidOption
from inwit.parts import Finite, register
from inwit.policies.base import ILLEGAL, Architecture, Memory, Policy, PolicySpec, Width
from inwit.policies.encoders import READERS, Reader, ReaderName
from inwit.policies.gru import Cell
from inwit.trajectory import Observation, Prompt


@register
@dataclass(frozen=True, kw_only=True)
class Pointer(Architecture):
    """A reader, a recurrent state with attention to the prompt, and pointers to operands."""

    width: Width = 96
    """Units of the recurrent state."""
    reader: ReaderName = "recurrent"
    """How a prompt is read; see the policy `gru`."""
    reluctance: Finite = -3.0
    """Initial bias on the score of every operand but the next one; expressions mostly use their
    operands in order."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Dropout rate before the layer that scores the keys."""

    name = "pointer"

    def build(self, spec: PolicySpec) -> Policy:
        """A fresh network."""
        return PointerPolicy(
            spec,
            self.width,
            READERS[self.reader],
            reluctance=self.reluctance,
            dropout=self.dropout,
        )


class PointerPolicy(Policy):
    """Reader, recurrent state with attention, pointers to operands."""

    def __init__(
        self,
        spec: PolicySpec,
        width: int,
        reader: type[Reader],
        *,
        reluctance: float,
        dropout: float,
    ) -> None:
        """Make a network of `width` units (an even number) for this spec.

        Args:
            spec: the sizes of what goes in and comes out.
            width: units of the state.
            reader: how the prompt is read.
            reluctance: what is added at first to the score of an operand that is not the next one.
            dropout: share of units that are left out in training before keys are scored.
        """
        super().__init__()
        if not spec.operands:
            raise InvalidOption("--policy pointer needs a task with operand keys to point to")
        self.operands, self.number = spec.operands, spec.operand_symbols
        self.reader = reader(spec, width)
        self.cell = Cell(spec, width)
        self.entered = nn.Linear(width, 3 * width, bias=False)
        self.query = nn.Linear(width, width, bias=False)
        self.mix = nn.Linear(2 * width, width)
        self.point = nn.Linear(width, width, bias=False)
        self.heads = nn.Linear(width, spec.scores - spec.operands + 1)
        # By how far a pointer moves from the operand entered last (from -1 before the first).
        moves = torch.full((2 * self.operands,), reluctance)
        moves[self.operands] = 0.0
        self.moves = nn.Parameter(moves)
        self.dropout = nn.Dropout(dropout)

    def begin(self, prompt: Prompt) -> Memory:
        """The state, the operand entered last (-1: none), and what stays while keys are pressed.

        That is vectors of the symbols, their mask, pointers and gates of the operands. Shapes
        (B, W), (B, 1), (B, L, W), (B, L), (B, N, W), (B, N, 3 W).
        """
        vectors, state = self.reader(prompt)
        number = torch.tensor(self.number, device=state.device)
        numbers = (prompt.symbols[..., None] == number).any(2)
        operands = self._operands(vectors, numbers)
        gates = self.entered(operands)
        last = torch.full_like(prompt.level, -1)[:, None]
        return state, last, vectors, prompt.symbols >= 0, self.point(operands), gates

    def _operands(
        self, vectors: Float[Tensor, "B L W"], numbers: Bool[Tensor, "B L"]
    ) -> Float[Tensor, "B N W"]:
        """The vectors of the operands' symbols, in order; zeros where there is none."""
        order = torch.where(numbers, numbers.long().cumsum(1) - 1, self.operands)
        order = order.clamp(max=self.operands)[..., None].expand_as(vectors)
        found = vectors.new_zeros(len(vectors), self.operands + 1, vectors.shape[2])
        return found.scatter_add(1, order, vectors)[:, :-1]

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        state, last, *read, gates = memory
        previous = observation.previous[:, None]
        last = torch.where(previous < self.operands, previous, last)
        state = self.cell(observation, state, (self._entered(previous) @ gates)[:, 0])
        scores, values = self._judge(state[:, None], last, *read)
        return scores[:, 0], values[:, 0], (state, last, *read, gates)

    def unroll(
        self, prompt: Prompt, observation: Observation, starts: Bool[Tensor, "T B"]
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """As `step` by `step`, but only the recurrence goes press by press: twice as fast."""
        fresh, _, *read, gates = self.begin(prompt)
        previous = observation.previous.T  # (B, T)
        entered = (self._entered(previous) @ gates).unbind(1)
        state, states = fresh, []
        for t, start in enumerate(starts):
            state = torch.where(start[:, None], fresh, state)
            state = self.cell(observation.at(t), state, entered[t])
            states.append(state)
        scores, values = self._judge(torch.stack(states, 1), self._last(previous, starts.T), *read)
        return scores.transpose(0, 1), values.T

    def _last(
        self, previous: Int[Tensor, "B T"], starts: Bool[Tensor, "B T"]
    ) -> Int[Tensor, "B T"]:
        """The operand entered last in the episode before each press; -1 where there is none."""
        place = torch.arange(previous.shape[1], device=previous.device).expand_as(previous)
        known = (previous < self.operands) | starts
        latest = previous.gather(1, place.where(known, 0).cummax(1).values)
        return latest.where(latest < self.operands, -1)

    def _entered(self, previous: Int[Tensor, "B T"]) -> Float[Tensor, "B T N"]:
        """Which operand was entered last, one-hot: to be multiplied, which is faster to undo."""
        places = torch.arange(self.operands, device=previous.device)
        return (previous[..., None] == places).to(self.heads.weight)

    def _judge(
        self,
        state: Float[Tensor, "B T W"],
        last: Int[Tensor, "B T"],
        vectors: Float[Tensor, "B L W"],
        readable: Bool[Tensor, "B L"],
        pointers: Float[Tensor, "B N W"],
    ) -> tuple[Float[Tensor, "B T V"], Float[Tensor, "B T"]]:
        """Scores and values at some states: attend to the symbols, point to the operands."""
        match = self.query(state) @ vectors.transpose(1, 2) * state.shape[2] ** -0.5
        attention = match.masked_fill(~readable[:, None], ILLEGAL).softmax(2)
        mixed = self.dropout(torch.tanh(self.mix(torch.cat([state, attention @ vectors], 2))))
        others = self.heads(mixed)
        move = torch.arange(self.operands, device=last.device) - last[..., None] - 1
        places = move + self.operands  # not `moves[places]`: see `Reader`
        moves = self.moves.index_select(0, places.flatten()).view_as(places)
        pointed = mixed @ pointers.transpose(1, 2) + moves
        scores = torch.cat([pointed, others[..., :-1]], 2)
        return scores, others[..., -1]
