"""The options of the optimiser that steps down a learner's loss."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from inwit.parts import Part, Positive, Share


@dataclass(frozen=True, kw_only=True)
class Adam(Part):
    """The optimiser (Kingma and Ba 2015, arXiv:1412.6980)."""

    learning_rate: Annotated[float, Field(gt=0, lt=1)] = 3e-3
    """Step size."""
    anneal: Share = 0.0
    """Final share of the updates over which the step size decays to zero."""
    max_norm: Positive = 1.0
    """Maximum gradient norm; larger gradients are scaled down."""

    name = "adam"
    noun = "optimiser"
