"""Group-relative policy optimisation (Shao et al. 2024, arXiv:2402.03300): no critic.

Several episodes are made at each problem; how much better one did than the group is the advantage
of all its presses. There is no reference policy and no KL term: nothing is to be stayed close to.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.learners.base import Learner, Metrics
from inwit.learners.clipping import clipped_gain
from inwit.parts import Count, NonNegative, Positive, register
from inwit.trajectory import Outputs, Trajectory, masked_mean


@register
@dataclass(frozen=True, kw_only=True)
class GRPO(Learner):
    """Group-relative policy optimisation: clipped surrogate with the group as baseline."""

    group_size: Count = 8
    """Episodes per problem, G."""
    clip: Positive = 0.2
    """Clip range: probability ratios count up to 1 plus or minus this."""
    epochs: Count = 2
    """Gradient steps per batch of episodes."""
    entropy_weight: NonNegative = 0.01
    """Weight of the entropy bonus."""
    leave_one_out: bool = False
    """Take the mean of the other episodes as baseline, and do not divide by the standard deviation;
    the gradient is then unbiased (Ahmadian et al. 2024, arXiv:2402.14740)."""

    name = "grpo"

    def loss(self, trajectory: Trajectory, outputs: Outputs) -> tuple[Float[Tensor, ""], Metrics]:
        """The scalar to minimise.

        A_t   = (R - mean_group R) / (std_group R + 10^-6), the same for every t of an episode
        L = - E[min(ratio_t A_t, clip(ratio_t, 1 - clip, 1 + clip) A_t)]
            - entropy_weight E[H(pi(. | s_t))]
        """
        total = trajectory.reward.sum(0)
        advantage = group_advantages(total, trajectory.problem, leave_one_out=self.leave_one_out)
        pressed = trajectory.pressed
        gain, clipped = clipped_gain(
            outputs.log_prob,
            trajectory.log_prob,
            advantage.expand_as(trajectory.reward),
            pressed,
            self.clip,
        )
        entropy = masked_mean(outputs.entropy, pressed)
        loss = -gain - self.entropy_weight * entropy
        return loss, {"loss/policy": -gain.detach(), "policy/clipped": clipped}


def group_advantages(
    total: Float[Tensor, " B"], problem: Int[Tensor, " B"], *, leave_one_out: bool
) -> Float[Tensor, " B"]:
    """How much better each episode did than the episodes at the same problem.

        A_i = (R_i - mean R) / (std R + 10^-6),  or, leaving one out,  R_i - mean_{j != i} R_j

    An episode that stands alone has no advantage.

    Args:
        total: R, the return of each episode.
        problem: which problem each episode is at, in any order.
        leave_one_out: leave the episode itself out of its baseline, and do not divide.
    """
    _, group = problem.unique(return_inverse=True)
    zeros = torch.zeros_like(total)
    count = zeros.scatter_add(0, group, torch.ones_like(total))[group]
    centred = total - zeros.scatter_add(0, group, total)[group] / count
    if leave_one_out:
        return centred * count / (count - 1).clamp(min=1)
    variance = zeros.scatter_add(0, group, centred.square())[group] / count
    return centred / (variance.sqrt() + 1e-6)
