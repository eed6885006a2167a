"""Conversion of numbers of any type to float64 and back; no other module decides this.

A number is a `numbers.Number` (numpy scalars, `Decimal`, `Fraction`, `IntEnum`, ...) or an array or
tensor of zero dimensions that holds one. The machine holds the nearest float64. Complex, infinite,
NaN and too large numbers are refused. A bool is a number only where a type says bool (see
`ObjectTable`).
"""

import numbers
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from inwit.errors import InvalidOption
from inwit.tools.quoting import described

NUMBER_LIMIT = 2.0**1000
"""Upper bound of numbers, about 1.07e301; larger float64s are handles of objects."""
EXACT = 2**53
"""Whole numbers below this are float64s, too."""
EPSILON = {"float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}
"""Relative spacing of a coarse type by its name; other types have float64's."""
SIMPLE = 10**6
"""The largest denominator of a simple fraction."""


def scalar(value: object) -> object:
    """The element of a zero-dimensional array; anything else unchanged."""
    dimensions, item = getattr(value, "shape", None), getattr(value, "item", None)
    return item() if dimensions == () and callable(item) else value


def is_number(value: object) -> bool:
    """Whether a value is a number; bools and refused numbers are."""
    kind = type(value)
    return kind is int or kind is float or isinstance(scalar(value), numbers.Number)


def is_whole(value: object) -> bool:
    """Whether a value is of a type of whole numbers; a bool is not."""
    number = scalar(value)
    return not isinstance(number, bool) and isinstance(number, numbers.Integral)


def epsilon(value: object) -> float:
    """The relative precision of a number that float64 exceeds; 0 for any other."""
    return EPSILON.get(str(getattr(value, "dtype", "")).rpartition(".")[2], 0.0)


def to_float(value: object) -> float:
    """The float64 nearest to a number.

    Raises:
        InvalidOption: it is complex, not finite or too large.
    """
    if type(value) is int and abs(value) < EXACT:
        return float(value)
    number: Any = scalar(value)
    if isinstance(number, numbers.Complex) and not isinstance(number, numbers.Real):
        raise InvalidOption(f"{described(value)}: a number must be real")
    try:
        held = float(number)
    except (ArithmeticError, TypeError, ValueError):  # 10**400, a signalling NaN
        held = float("inf")
    if not abs(held) < NUMBER_LIMIT:
        raise InvalidOption(
            f"{described(value)}: a number must be finite and below 2^1000 (about 1.07e301)"
        )
    return held


def plain(value: float) -> float | int:
    """An int where a number is whole."""
    return int(value) if value.is_integer() else value


def converter(given: object) -> Callable[[float], Any] | None:
    """A function from float64 to this type; None if the type is not numeric."""
    if not isinstance(given, type) or not issubclass(given, numbers.Number):
        return None
    kind: Any = given
    if kind is Decimal:
        return lambda value: Decimal(repr(plain(value)))
    if kind is Fraction:
        return _fraction
    if kind is bool:
        return lambda value: bool(value) if value in (0, 1) else plain(value)
    if kind is float:
        return float
    if kind.__module__ == "numbers":
        return plain
    if issubclass(given, Enum) or not issubclass(given, numbers.Integral):
        return lambda value: kind(plain(value))
    return lambda value: kind(int(value)) if value.is_integer() else value


def _fraction(value: float) -> Fraction:
    """The simple fraction with this float64, if there is one; else the exact fraction."""
    simple = Fraction(value).limit_denominator(SIMPLE)
    return simple if float(simple) == value else Fraction(value)
