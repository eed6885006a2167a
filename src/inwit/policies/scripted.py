"""Policies without a network: play evenly, or press given keys."""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.policies.base import Memory, Policy
from inwit.trajectory import Observation, Prompt

PREFERENCE = 1e3
"""The score of the given key; the others have none."""


class UniformRandom(Policy):
    """Scores all keys alike: played with a generator, this is the uniform random policy."""

    def begin(self, prompt: Prompt) -> Memory:
        """Nothing is remembered."""
        return ()

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """The same score for every key."""
        scores = torch.zeros(observation.legal.shape, device=observation.legal.device)
        return scores, scores[:, 0], memory


class Scripted(Policy):
    """Presses given keys; where one is not legal, or none are left, any legal key."""

    def __init__(self, keys: Int[Tensor, "T B"]) -> None:
        """Take the keys of every press of every episode."""
        super().__init__()
        self.keys = keys

    def begin(self, prompt: Prompt) -> Memory:
        """The number of presses made."""
        return (torch.zeros_like(prompt.level),)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """The given key is preferred."""
        (count,) = memory
        scores = torch.zeros(observation.legal.shape, device=observation.legal.device)
        key = self.keys.gather(0, count.clamp(max=len(self.keys) - 1)[None])[0]
        scores = scores.scatter(1, key[:, None], PREFERENCE)
        return scores, scores.new_zeros(len(scores)), (count + 1,)
