"""The optimiser that steps down a learner's loss, and its options."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from inspect import unwrap
from typing import Annotated, Any

import torch
from pydantic import Field
from torch import Tensor

from inwit.parts import Part, Positive, Share


@dataclass(frozen=True, kw_only=True)
class Adam(Part):
    """The optimiser (Kingma and Ba 2015, arXiv:1412.6980)."""

    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 3e-3
    """Learning rate."""
    anneal: Share = 0.0
    """Final share of the updates over which the learning rate decays to zero."""
    max_norm: Positive = 1.0
    """Maximum gradient norm; larger gradients are scaled down."""

    name = "adam"
    noun = "optimiser"

    def build(self, parameters: Iterable[Tensor]) -> torch.optim.Adam:
        """A fresh optimiser of some parameters."""
        return Light(parameters, self.learning_rate, fused=True)


def _itself(method: Callable[..., Any]) -> Any:
    return unwrap(method)


class Light(torch.optim.Adam):
    """PyTorch's Adam to the bit, without importing PyTorch's compiler.

    The wrappers of `torch.optim` import it, 1.5 CPU seconds of every process that trains, to keep
    optimisers out of compiled graphs. No optimiser is compiled here.
    """

    add_param_group = _itself(torch.optim.Optimizer.add_param_group)
    zero_grad = _itself(torch.optim.Optimizer.zero_grad)
    state_dict = _itself(torch.optim.Optimizer.state_dict)
    load_state_dict = _itself(torch.optim.Optimizer.load_state_dict)
    step = torch.no_grad()(_itself(torch.optim.Adam.step))
