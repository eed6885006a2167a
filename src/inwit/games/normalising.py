"""What the network of an environment sees: numbers of mean zero and standard deviation one.

Rewards are divided by a deviation, too. The statistics are tensors of the network: they are stored
with its weights, and evaluation uses those of training. They change only between updates, so that
one update has one policy.

A network without memory does not see its own previous action: it could keep there what it has seen.
"""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from inwit.policies import Memory, Policy
from inwit.trajectory import Observation, Prompt

CLIP, TINY = 10.0, 1e-8
"""Bound of a normalised number; minimum variance for scaling, as a share of the squared mean."""


class NormalisedPolicy(Policy):
    """A policy that sees normalised numbers."""

    def __init__(self, inner: Policy, values: int, *, observations: bool, rewards: bool) -> None:
        """Wrap a policy.

        Args:
            inner: the policy.
            values: M, how many numbers are seen.
            observations: normalise them.
            rewards: keep the scale of the rewards.
        """
        super().__init__()
        self.inner, self.normalises, self.scales = inner, observations and values > 0, rewards
        self.mean: Tensor
        self.variance: Tensor
        self.count: Tensor
        self.spread: Tensor
        self.register_buffer("mean", torch.zeros(values, dtype=torch.double))
        self.register_buffer("variance", torch.ones(values, dtype=torch.double))
        self.register_buffer("count", torch.zeros((), dtype=torch.double))
        # Mean, variance and number of discounted returns.
        self.register_buffer("spread", torch.tensor([0.0, 1.0, 0.0], dtype=torch.double))

    @property
    def unwrapped(self) -> Policy:
        """The policy that sees normalised numbers."""
        return self.inner.unwrapped

    def begin(self, prompt: Prompt) -> Memory:
        """The initial state."""
        return self.inner.begin(prompt)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One action."""
        return self.inner.step(self.normalised(observation), memory)

    def unroll_from(
        self, memory: Memory, prompt: Prompt, observation: Observation, starts: Bool[Tensor, "T B"]
    ) -> tuple[Float[Tensor, "T B V"], Float[Tensor, "T B"]]:
        """Scores and values along given observations."""
        return self.inner.unroll_window(memory, prompt, self.normalised(observation), starts)

    @property
    def scale(self) -> float:
        """The divisor of rewards: the standard deviation of the discounted returns."""
        mean, variance, _ = self.spread.tolist()
        return variance**0.5 if self.scales and variance > TINY * mean**2 else 1.0

    def learn(self, observation: Observation, discounted: Float[np.ndarray, " rows"]) -> None:
        """Update the statistics with the numbers and discounted returns of a window."""
        if self.normalises:
            seen = observation.values.flatten(0, 1).double()
            self.mean, self.variance, self.count = merged(
                self.mean, self.variance, self.count, seen
            )
        if self.scales and len(discounted):
            mean, variance, count = self.spread
            returns = torch.from_numpy(discounted).to(self.spread.device)
            self.spread = torch.stack(merged(mean, variance, count, returns))

    def normalised(self, observation: Observation) -> Observation:
        """What the policy inside sees."""
        if not self.inner.recurrent:
            observation = without_previous(observation)
        if not self.normalises:
            return observation
        varies = self.variance > TINY * self.mean**2
        values = (observation.values - self.mean) / torch.where(varies, self.variance.sqrt(), 1.0)
        return replace(observation, values=values.clamp(-CLIP, CLIP).float())


def without_previous(observation: Observation) -> Observation:
    """What is seen, with the key of an episode's start in place of the previous action."""
    start = observation.legal.shape[-1] - 1
    return replace(observation, previous=torch.full_like(observation.previous, start))


def merged(
    mean: Tensor, variance: Tensor, count: Tensor, rows: Float[Tensor, "rows ..."]
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, variance and number of all rows, including these (Chan et al. 1979)."""
    size = len(rows)
    total = count + size
    own_mean, own_variance = rows.mean(0), rows.var(0, correction=0)
    change = own_mean - mean
    squares = variance * count + own_variance * size + change**2 * count * size / total
    return mean + change * size / total, squares / total, total
