"""The control without recurrence: what can be done by looking at the present alone."""

from jaxtyping import Float
from torch import Tensor, nn

from inwit.policies.base import Memory, Policy, Senses
from inwit.policies.encoders import Bag
from inwit.policies.gru import Cell
from inwit.trajectory import Percept, Prompt


class Memoryless(Policy):
    """The same cell as the recurrent network's, started afresh from the prompt at every press."""

    def __init__(self, senses: Senses, width: int = 96) -> None:
        """Make a network of `width` units for these senses."""
        super().__init__()
        self.reader = Bag(senses, width)
        self.cell = Cell(senses, width)
        self.heads = nn.Linear(width, senses.keys + 1)

    def begin(self, prompt: Prompt) -> Memory:
        """What the prompt says: one tensor (B, width), which never changes."""
        _, state = self.reader(prompt)
        return (state,)

    def step(
        self, percept: Percept, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        scores = self.heads(self.cell(percept, memory[0]))
        return scores[:, :-1], scores[:, -1], memory
