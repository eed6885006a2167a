"""The control without recurrence: what can be done by looking at the present alone."""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from inwit.parts import register
from inwit.policies.base import Architecture, Memory, Policy, PolicySpec, Width
from inwit.policies.encoders import Bag
from inwit.policies.gru import Cell
from inwit.trajectory import Observation, Prompt


@register
@dataclass(frozen=True, kw_only=True)
class Memoryless(Architecture):
    """The cell of `gru`, started afresh from the prompt at every press."""

    width: Width = 96
    """Units of the cell."""

    name = "memoryless"

    def build(self, spec: PolicySpec) -> Policy:
        """A fresh network."""
        return MemorylessPolicy(spec, self.width)


class MemorylessPolicy(Policy):
    """The cell of `gru`, started afresh from the prompt at every press."""

    recurrent = False

    def __init__(self, spec: PolicySpec, width: int) -> None:
        """Make a network of `width` units for this spec."""
        super().__init__()
        self.reader = Bag(spec, width)
        self.cell = Cell(spec, width)
        self.heads = nn.Linear(width, spec.scores + 1)

    def begin(self, prompt: Prompt) -> Memory:
        """What the prompt says: one tensor (B, width), which never changes."""
        _, state = self.reader(prompt)
        return (state,)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        scores = self.heads(self.cell(observation, memory[0]))
        return scores[:, :-1], scores[:, -1], memory
