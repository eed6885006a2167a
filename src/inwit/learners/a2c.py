"""Advantage actor-critic (Mnih et al. 2016, arXiv:1602.01783, synchronous), as the tutorial has it.

What differs from the published tutorial: a value per press instead of a sum over presses, and no
gradient after `ANS`.
"""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from inwit.learners.base import Learner, Metrics
from inwit.learners.returns import generalised_advantages
from inwit.parts import NonNegative, Share, register
from inwit.trajectory import Outputs, Trajectory, masked_mean


@register
@dataclass(frozen=True, kw_only=True)
class A2C(Learner):
    """Advantage actor-critic: policy gradient with a learned baseline."""

    entropy_weight: NonNegative = 0.01
    """Weight of the entropy bonus."""
    value_weight: NonNegative = 0.5
    """Weight of the value loss."""
    discount: Share = 1.0
    """Discount factor per press, gamma."""
    decay: Share = 1.0
    """Lambda of generalised advantage estimation; 1 uses whole returns."""

    name = "a2c"
    trains_value: ClassVar[bool] = True

    def loss(self, trajectory: Trajectory, outputs: Outputs) -> tuple[Float[Tensor, ""], Metrics]:
        """The scalar to minimise.

        L = - E[A_t log pi(a_t | s_t)] + value_weight E[(V(s_t) - R_t)^2]
            - entropy_weight E[H(pi(. | s_t))],        R_t = A_t + V_old(s_t)
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
        target = advantage + trajectory.value
        pressed = trajectory.pressed
        gain = masked_mean(advantage * outputs.log_prob, pressed)
        error = masked_mean((outputs.value - target).square(), pressed)
        entropy = masked_mean(outputs.entropy, pressed)
        loss = -gain + self.value_weight * error - self.entropy_weight * entropy
        return loss, {"loss/policy": -gain.detach(), "loss/value": error.detach()}
