"""Returns and advantages: pure functions from rewards and values to targets.

Time runs along the first axis; row t describes one transition (see `inwit.trajectory`). Nothing
flows from row t + 1 back to row t across the end of an episode.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


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
    for earned, kept in zip(delta.flip(0).unbind(0), factor.flip(0).unbind(0), strict=True):
        carry = earned + kept * carry
        advantages.append(carry)
    return torch.stack(advantages).flip(0)
