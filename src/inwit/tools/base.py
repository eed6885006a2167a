"""A tool: a name and a function over batches of arguments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.tools.objects import HANDLES, decode
from inwit.tools.texts import text_of

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
    everywhere: bool = True
    """It may be called on rows that nobody asked for, which is faster than to look for them."""
    signature: str = ""
    """Its parameters and their types, as people read them."""
    summary: str = ""
    """What it does, in a line."""
    objects: bool = False
    """Its arguments or results may be handles of objects (see `inwit.tools.objects`)."""
    reasons: Mapping[tuple[float, ...], str] = field(default_factory=dict, compare=False)
    """Why it failed, by arguments, where it says so."""
    plain: Callable[..., Any] | None = None
    """The Python function that it was made of, if it was."""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise InvalidOption(f"tool '{self.name}': its name must be one word, letters first")
        if self.arity < 1:
            raise InvalidOption(f"tool '{self.name}' takes {self.arity} arguments: at least 1")

    def __call__(self, *arguments: Any) -> Any:
        """What the Python function gives, outside of any episode."""
        if self.plain is None:
            raise TypeError(f"tool '{self.name}' was not made of a Python function: use `call`")
        return self.plain(*arguments)

    def call(self, arguments: Float[Tensor, "B A"]) -> Float[Tensor, " B"]:
        """The results; a fault where an argument is one or the result is not finite.

        Args:
            arguments: float64, of which the first `arity` columns are read.
        """
        given = arguments[:, : self.arity]
        bound = torch.inf if self.objects else HANDLES
        result, _ = checked(self.function(*given.unbind(1)), given, bound)
        return result

    def explain(self, arguments: Sequence[float]) -> str:
        """Why a call with these arguments failed."""
        given = tuple(arguments[: self.arity])
        reason = "an argument is a fault" if FAULT in given else "the result is not a finite number"
        shown = ", ".join(show(meaning(value)) for value in given)
        return f"{self.name}({shown}): {self.reasons.get(given, reason)}"


def checked(
    result: Float[Tensor, " B"], arguments: Float[Tensor, "B A"], bound: float = HANDLES
) -> tuple[Float[Tensor, " B"], Bool[Tensor, " B"]]:
    """The results; a fault where one is no number below the bound, or an argument is beyond it.

    Returns:
        The results, and which of them are faults of the tool itself, not of an argument.
    """
    unsound, unfit = ~(result.abs() < bound), (arguments.abs() >= bound).any(1)
    return result.masked_fill(unsound | unfit, FAULT), unsound & ~unfit


def meaning(value: float) -> object:
    """What a float64 of the machine stands for; None where it is empty."""
    return None if value != value else decode(value)


def show(value: object) -> str:
    """A value as people read it, with all its digits; `-` where there is none."""
    if value is None or value != value:
        return "-"
    if isinstance(value, float) and abs(value) == FAULT:
        return "fault"
    text = text_of(value)
    return str(value) if text is None else text
