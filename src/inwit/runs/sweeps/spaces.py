"""What a sweep searches over: lists of values, and ranges of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

Value = str | int | float | bool
Number = Annotated[float, Field(allow_inf_nan=False)]
MOST = 32
"""Values of a range that are listed one by one."""


class Strict(BaseModel):
    """A table without unknown keys or conversions."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


@dataclass(frozen=True, kw_only=True)
class Choices:
    """A list of values of an option."""

    values: tuple[Value, ...]
    """The values."""


class Range(Strict):
    """A range of a number, both ends included."""

    low: Number
    """The least."""
    high: Number
    """The most."""
    step: Annotated[Number, Field(gt=0)] | None = None
    """The distance between neighbouring values, if any."""
    log: bool = False
    """Sampled uniformly in its logarithm."""

    @model_validator(mode="after")
    def _is_a_range(self) -> "Range":
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} is not below high {self.high:g}")
        if self.log and self.low <= 0:
            raise ValueError(f"low {self.low:g} has no logarithm: it must be above 0")
        if self.log and self.step is not None:
            raise ValueError("a step does not go with log")
        return self


class WholeRange(Range):
    """A range of whole numbers."""

    low: int
    """The least."""
    high: int
    """The most."""
    step: Annotated[int, Field(gt=0)] | None = None
    """The distance between neighbouring values, if any."""


def values_of(space: Choices | Range) -> Sequence[Any]:
    """All values; of many, the first and the last."""
    if isinstance(space, WholeRange):
        every = range(space.low, space.high + 1, space.step or 1)
        return every if len(every) <= MOST else (every[0], every[-1])
    return space.values if isinstance(space, Choices) else (space.low, space.high)
