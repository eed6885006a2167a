"""Returns and advantages: pure functions from rewards and values to targets.

Time runs along the first axis; row t describes one transition (see `inwit.trajectory`). Nothing
flows from row t + 1 back to row t across the end of an episode.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.trajectory import masked_mean


def generalised_advantages(
    reward: Float[Tensor, "T B"],
    value: Float[Tensor, "T B"],
    next_value: Float[Tensor, "T B"],
    terminated: Bool[Tensor, "T B"],
    truncated: Bool[Tensor, "T B"],
    *,
    discount: float,
    decay: float,
) -> Float[Tensor, "T B"]:
    """Generalised advantage estimates (Schulman et al. 2016, arXiv:1506.02438).

        delta_t = r_t + gamma (1 - terminated_t) V(s_{t+1}) - V(s_t)
        A_t     = delta_t + gamma lambda (1 - terminated_t) (1 - truncated_t) A_{t+1}

    With `decay` = 1 they are the return that followed, less the value: A2C's.

    Args:
        reward: r_t.
        value: V(s_t).
        next_value: V(s_{t+1}) of the true successor, also where the episode was truncated.
        terminated: the episode ended at t by the rules: there is no future value.
        truncated: the episode was cut at t: there is one, in `next_value`.
        discount: gamma.
        decay: lambda.
    """
    delta = reward + discount * next_value * ~terminated - value
    factor = discount * decay * ~(terminated | truncated)
    carry = torch.zeros_like(reward[0])
    advantages = []
    for t in range(len(reward) - 1, -1, -1):
        carry = delta[t] + factor[t] * carry
        advantages.append(carry)
    return torch.stack(advantages[::-1])


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


def standardised(values: Float[Tensor, "T B"], mask: Bool[Tensor, "T B"]) -> Float[Tensor, "T B"]:
    """Values shifted and scaled to mean 0 and standard deviation 1 over the rows of the mask."""
    centred = values - masked_mean(values, mask)
    return centred / (masked_mean(centred.square(), mask).sqrt() + 1e-8)
