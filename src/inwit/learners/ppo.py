"""Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347): several steps a batch.

Simpler than most: by default every step is made on the whole batch, and the value loss is not
clipped.
"""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Bool, Float
from torch import Tensor

from inwit.learners.base import Learner, Metrics
from inwit.learners.clipping import clipped_gain
from inwit.learners.returns import generalised_advantages
from inwit.parts import Count, NonNegative, Positive, Share, register
from inwit.trajectory import Outputs, Trajectory, masked_mean


@register
@dataclass(frozen=True, kw_only=True)
class PPO(Learner):
    """Proximal policy optimisation: clipped surrogate with a learned baseline."""

    clip: Positive = 0.2
    """Clip range: probability ratios count up to 1 plus or minus this."""
    epochs: Count = 4
    """How often each batch of episodes is gone through."""
    minibatches: Count = 1
    """Equal parts of a batch, drawn anew each time, with a gradient step on each."""
    entropy_weight: NonNegative = 0.01
    """Weight of the entropy bonus."""
    value_weight: NonNegative = 0.5
    """Weight of the value loss."""
    discount: Share = 1.0
    """Discount factor per press, gamma."""
    decay: Share = 0.95
    """Lambda of generalised advantage estimation."""
    normalise: bool = False
    """Normalise the advantages of an update to mean 0 and standard deviation 1."""

    name = "ppo"
    trains_value: ClassVar[bool] = True

    def loss(self, trajectory: Trajectory, outputs: Outputs) -> tuple[Float[Tensor, ""], Metrics]:
        """The scalar to minimise.

        ratio_t = pi(a_t | s_t) / mu(a_t | s_t)
        L = - E[min(ratio_t A_t, clip(ratio_t, 1 - clip, 1 + clip) A_t)]
            + value_weight E[(V(s_t) - R_t)^2] - entropy_weight E[H(pi(. | s_t))]

        mu is the distribution from which the key was drawn: the policy at that time, mixed with
        uniformly random presses (`epsilon`).
        """
        advantage = generalised_advantages(
            trajectory.reward,
            trajectory.value,
            trajectory.next_value,
            trajectory.terminated,
            trajectory.truncated,
            discount=self.discount,
            decay=self.decay,
        )
        pressed = trajectory.pressed
        gain, clipped = clipped_gain(
            outputs.log_prob,
            trajectory.log_prob,
            standardised(advantage, pressed) if self.normalise else advantage,
            pressed,
            self.clip,
        )
        error = masked_mean((outputs.value - advantage - trajectory.value).square(), pressed)
        entropy = masked_mean(outputs.entropy, pressed)
        loss = -gain + self.value_weight * error - self.entropy_weight * entropy
        return loss, {
            "loss/policy": -gain.detach(),
            "loss/value": error.detach(),
            "policy/clipped": clipped,
        }


def standardised(values: Float[Tensor, "T B"], mask: Bool[Tensor, "T B"]) -> Float[Tensor, "T B"]:
    """Values shifted and scaled to mean 0 and standard deviation 1 over the rows of the mask."""
    centred = values - masked_mean(values, mask)
    return centred / (masked_mean(centred.square(), mask).sqrt() + 1e-8)
