"""The clipped surrogate that PPO and GRPO share."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from inwit.trajectory import masked_mean


def clipped_gain(
    log_prob: Float[Tensor, "T B"],
    old_log_prob: Float[Tensor, "T B"],
    advantage: Float[Tensor, "T B"],
    pressed: Bool[Tensor, "T B"],
    clip: float,
) -> tuple[Float[Tensor, ""], Float[Tensor, ""]]:
    """The clipped surrogate of PPO (to be maximised), and the share of presses that it clips.

    E[min(ratio_t A_t, clip(ratio_t, 1 - clip, 1 + clip) A_t)]
    """
    ratio = (log_prob - old_log_prob).masked_fill(~pressed, 0.0).exp()
    bounded = ratio.clamp(1 - clip, 1 + clip)
    gain = masked_mean(torch.minimum(ratio * advantage, bounded * advantage), pressed)
    return gain, masked_mean((ratio != bounded).float(), pressed).detach()
