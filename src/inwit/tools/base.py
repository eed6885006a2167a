"""A tool: a name and a function over batches of arguments."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.tokens import RESERVED
from inwit.tools.objects import HANDLES, ObjectTable
from inwit.tools.quoting import written
from inwit.tools.signatures import Signature
from inwit.tools.texts import text_of

FAULT = float("inf")
"""The value of an accumulator whose tool failed. Empty accumulators are NaN."""


class Rows(ABC):
    """The function of a tool made from Python code; it keeps the reason of every failed call."""

    handles: ClassVar[bool]
    """Whether arguments and results may be handles of objects."""

    def __init__(self, function: Callable[..., Any], signature: Signature) -> None:
        """Wrap a function."""
        self.function, self.signature = function, signature
        self.objects = ObjectTable(booleans=signature.booleans)
        self.reasons: dict[tuple[float, ...], str] = {}

    def bound(self, objects: ObjectTable) -> "Rows":
        """A copy with another table of objects and empty caches."""
        other = copy(self)
        other.objects, other.reasons = objects, {}
        return other

    def called(self, *given: Any) -> Any:
        """What the function returns.

        Raises:
            OutOfTime: a deadline is over.
            BaseException: whatever the function raises.
        """
        deadline = self.objects.deadline
        return deadline.call(self.function, *given) if deadline else self.function(*given)

    @abstractmethod
    def __call__(self, *columns: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
        """Results (B,); `FAULT` where the function fails."""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A named function over batches of arguments."""

    name: str
    """The key's name, in capitals."""
    arity: int
    """Number of arguments, at least 1."""
    function: Callable[..., Tensor]
    """Takes `arity` float64 tensors of shape (B,), returns one of shape (B,)."""
    symbol: str = ""
    """How people write it between two operands, if they do: `+`."""
    everywhere: bool = True
    """May run on rows that did not press its key; that is faster than selecting rows."""
    signature: str = ""
    """Its parameters and their types, for people."""
    summary: str = ""
    """One line that says what it does."""
    plain: Callable[..., Any] | None = field(default=None, compare=False)
    """The Python function that it was made from, if any."""

    def __post_init__(self) -> None:
        name = self.name
        if not isinstance(name, str) or not name.isidentifier():
            raise InvalidOption(f"tool '{name}': its name must be one word, letters first")
        if name in RESERVED:
            raise InvalidOption(
                f"tool '{name}': this is the name of another key ({', '.join(RESERVED)}); give it "
                f"another one: inwit.tool(name='{name.lower()}_tool')"
            )
        if self.arity < 1:
            raise InvalidOption(f"tool '{name}' takes {self.arity} arguments: at least 1")

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the Python function directly, outside any episode."""
        if self.plain is None:
            raise TypeError(f"tool '{self.name}' was not made from a Python function: use `call`")
        return self.plain(*arguments, **named)

    def bound(self, objects: ObjectTable) -> "Tool":
        """The tool for one task: its caches belong to the task's table of objects."""
        rows = self.function
        return replace(self, function=rows.bound(objects)) if isinstance(rows, Rows) else self

    def call(self, arguments: Float[Tensor, "B A"]) -> Float[Tensor, " B"]:
        """Results (B,); `FAULT` where an argument is a fault or the result is not finite.

        Args:
            arguments: float64 (B, A); the first `arity` columns are read.
        """
        given, rows = arguments[:, : self.arity], self.function
        bound = torch.inf if isinstance(rows, Rows) and rows.handles else HANDLES
        result, _ = checked(rows(*given.unbind(1)), given, bound)
        return result

    def explain(self, arguments: Sequence[float]) -> str:
        """Why a call with these arguments failed."""
        given, rows = tuple(arguments[: self.arity]), self.function
        reason = "an argument is a fault" if FAULT in given else "the result is not a finite number"
        objects = ObjectTable()
        if isinstance(rows, Rows):
            objects, reason = rows.objects, rows.reasons.get(given, reason)
        shown = ", ".join(show(objects.meaning(value)) for value in given)
        return f"{self.name}({shown}): {reason}"


def checked(
    result: Float[Tensor, " B"], arguments: Float[Tensor, "B A"], bound: float = HANDLES
) -> tuple[Float[Tensor, " B"], Bool[Tensor, " B"]]:
    """Replace invalid results by `FAULT`: not a number below the bound, or an argument beyond it.

    Returns:
        The results (B,), and a mask (B,) of faults caused by the tool itself, not by an argument.
    """
    unsound, unfit = ~(result.abs() < bound), (arguments.abs() >= bound).any(1)
    return result.masked_fill(unsound | unfit, FAULT), unsound & ~unfit


def show(value: object) -> str:
    """A value as text, with all its digits; `-` for no value."""
    if value is None:
        return "-"
    if isinstance(value, float) and not abs(value) < FAULT:
        return "fault" if abs(value) == FAULT else "-"
    text = text_of(value)
    return written(value) if text is None else text
