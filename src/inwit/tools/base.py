"""A tool: a name and a function over batches of arguments."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.errors import InvalidOption

FAULT = float("inf")
"""The value of an accumulator whose tool failed. Empty accumulators are NaN."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """Something that can be called."""

    name: str
    """The key's name, in capitals."""
    arity: int
    """Number of arguments, at least 1."""
    function: Callable[..., Tensor]
    """Takes `arity` float64 tensors of shape (B,), returns one of shape (B,)."""
    symbol: str = ""
    """How people write it between two operands, if they do: `+`."""

    def __post_init__(self) -> None:
        if self.arity < 1:
            raise InvalidOption(f"tool '{self.name}' takes {self.arity} arguments: at least 1")

    def call(self, arguments: Float[Tensor, "B A"]) -> Float[Tensor, " B"]:
        """The results; a fault where an argument is one or the result is not finite.

        Args:
            arguments: float64, of which the first `arity` columns are read.
        """
        given = arguments[:, : self.arity]
        result = self.function(*given.unbind(1))
        sound = torch.isfinite(result) & torch.isfinite(given).all(1)
        return torch.where(sound, result, FAULT)
