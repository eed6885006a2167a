"""One batch of episodes, and the gradient of the learner's loss on it.

`EagerUpdate` is the whole of it. `compiled.CompiledUpdate` does the same as one compiled program,
and `distributed.SharedUpdate` shares a batch among several processes.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.environment import Environment
from inwit.learners import Learner, Metrics, check_loss
from inwit.policies import Policy
from inwit.training.batch import Batch, Selection
from inwit.training.metrics import Summary
from inwit.training.rollout import Start, begin, evaluate, fill
from inwit.trajectory import Outputs, Trajectory


@dataclass(frozen=True, kw_only=True)
class Episodes:
    """The episodes of a batch."""

    trajectory: Trajectory
    """Their record."""
    outputs: Outputs
    """The policy's outputs on it."""
    metrics: Metrics
    """How they went (see `metrics`)."""


@runtime_checkable
class Update(Protocol):
    """What the training loop needs of an update."""

    def collect(self, batch: Batch) -> Episodes:
        """Play the episodes; nothing waits for the device."""

    def descend(self, step: int, rows: Selection = None) -> tuple[Tensor, Metrics]:
        """Add the gradient of the learner's loss on these episodes to the parameters' gradients.

        Args:
            step: which of the learner's gradient steps on these episodes this is, from 0.
            rows: the episodes of this step; None for all of them.

        Returns:
            The loss, and what the learner reports.
        """


class EagerUpdate:
    """Rollout, loss and backward pass, operation by operation."""

    def __init__(
        self, policy: Policy, environment: Environment, *, learner: Learner | None, summary: Summary
    ) -> None:
        """Prepare for one network.

        Args:
            policy: chooses the keys, and is trained.
            environment: where.
            learner: turns episodes into a loss; without one, episodes are played without gradient.
            summary: turns episodes into metrics.
        """
        self.policy, self.environment = policy, environment
        self.learner, self.summary = learner, summary
        self.checked = False  # what the learner returns

    def collect(self, batch: Batch) -> Episodes:
        """Play the episodes; nothing waits for the device."""
        device = self.environment.device
        noise = batch.noise.to(device, non_blocking=True)
        given = batch.explore
        explore = None if given is None else given.to(device, non_blocking=True)
        with torch.set_grad_enabled(self.learner is not None):
            start = begin(
                self.policy, self.environment, batch.problems, limit=batch.limit, depth=batch.depth
            )
            self.episodes = self.play(start, batch.limit, noise, explore)
        return self.episodes

    def play(
        self,
        start: Start,
        limit: int,
        noise: Float[Tensor, "T B"],
        explore: Float[Tensor, " B"] | None,
    ) -> Episodes:
        """The episodes from where they begin, and how they went."""
        trajectory, outputs, _ = fill(
            self.policy, self.environment, start, limit, noise=noise, explore=explore
        )
        metrics = self.summary.of(trajectory, outputs, self.environment.faults)
        return Episodes(trajectory=trajectory, outputs=outputs, metrics=metrics)

    def descend(self, step: int, rows: Selection = None) -> tuple[Tensor, Metrics]:
        """The gradient of the learner's loss; a first step on all episodes reuses the forward pass.

        Raises:
            InvalidOption: the learner returned no loss with a gradient, or no metrics.
        """
        assert self.learner is not None  # the loop asks for no step without a learner
        trajectory, outputs = self.episodes.trajectory, self.episodes.outputs
        if rows is not None:
            trajectory = trajectory.select(rows.to(self.environment.device, non_blocking=True))
        if step or rows is not None:
            outputs = evaluate(self.policy, trajectory)
        made = self.learner.loss(trajectory, outputs)
        if not self.checked:
            check_loss(self.learner, made)
            self.checked = True
        loss, metrics = made
        loss.backward()
        return loss.detach(), metrics
