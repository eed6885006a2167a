"""One step of the optimiser down a sum of losses."""

from collections.abc import Sequence

import torch
from torch import Tensor

from inwit.errors import Diverged
from inwit.learners import Adam, Metrics


def descend(
    terms: Sequence[tuple[Tensor, Metrics]],
    optimiser: torch.optim.Adam,
    options: Adam,
    *,
    update: int,
    left: float,
) -> Metrics:
    """Clip the gradient that the terms left behind, and step.

    Args:
        terms: losses whose gradients are added up already, and what they report.
        optimiser: steps.
        options: its options.
        update: updates made so far.
        left: the share of the updates that is left, for annealing.

    Raises:
        Diverged: the loss or its gradient is not finite; the step was not made.
    """
    loss = torch.stack([term for term, _ in terms]).sum()
    parameters = [each for group in optimiser.param_groups for each in group["params"]]
    norm = torch.nn.utils.clip_grad_norm_(parameters, options.max_norm)
    if not bool((loss + norm).isfinite()):
        how = f"the loss is {float(loss):g}, the norm of its gradient {float(norm):g}"
        raise Diverged(f"update {update + 1} was not made: {how}")
    if options.anneal:
        for group in optimiser.param_groups:
            group["lr"] = options.learning_rate * min(1.0, left / options.anneal)
    optimiser.step()
    metrics = {name: value for _, parts in terms for name, value in parts.items()}
    return metrics | {"loss/total": loss, "loss/gradient_norm": norm}
