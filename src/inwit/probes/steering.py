"""A policy whose first keys are given, or whose state after reading is shifted."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.policies import ILLEGAL, Memory, Policy
from inwit.probes.record import is_vector
from inwit.trajectory import Observation, Prompt


class Steered(Policy):
    """A policy whose state after reading is shifted, and whose first keys may be given."""

    def __init__(
        self,
        policy: Policy,
        *,
        keys: Int[Tensor, "K B"] | None = None,
        change: Float[Tensor, "B W"] | None = None,
    ) -> None:
        """Steer a policy.

        Args:
            policy: who presses.
            keys: what it has to press first; -1 where it chooses.
            change: what is added to its state after reading (see `written`).
        """
        super().__init__()
        self.policy, self.keys, self.change = policy, keys, change

    def begin(self, prompt: Prompt) -> Memory:
        """The presses made, and the changed state after reading."""
        memory = self.policy.begin(prompt)
        if self.change is not None:
            memory = shifted(memory, self.change)
        return (torch.zeros_like(prompt.level), *memory)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press; all episodes begin together."""
        count, *rest = memory
        scores, value, after = self.policy.step(observation, tuple(rest))
        made = int(count[0])
        if self.keys is not None and made < len(self.keys):
            key = self.keys[made][:, None]
            forced = torch.full_like(scores, ILLEGAL / 2).scatter(1, key.clamp(min=0), 0.0)
            scores = torch.where(key >= 0, forced, scores)
        return scores, value, (count + 1, *after)


def written(memory: Memory) -> list[int]:
    """Which tensors of a state can be written to: its vectors, or all numbers where it has none."""
    vectors = [place for place, part in enumerate(memory) if is_vector(part)]
    return vectors or [place for place, part in enumerate(memory) if part.is_floating_point()]


def state_of(policy: Policy, prompt: Prompt) -> Float[Tensor, "B W"]:
    """What can be written to of the state after reading, as one vector an episode."""
    memory = policy.begin(prompt)
    parts = [memory[place].flatten(1) for place in written(memory)]
    return torch.cat(parts or [torch.zeros(len(prompt.level), 0)], 1)


def shifted(memory: Memory, change: Float[Tensor, "B W"]) -> Memory:
    """A state with a change added to what can be written to."""
    changed, places = list(memory), written(memory)
    sizes = [memory[place][0].numel() for place in places]
    for place, part in zip(places, change.split(sizes, 1), strict=True):
        changed[place] = memory[place] + part.view_as(memory[place])
    return tuple(changed)
