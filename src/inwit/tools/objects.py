"""Values that are no numbers: float64 tensors hold a handle, a table holds the object.

Handles are numbers from 2^1000 on, 2^984 apart: no calculation comes there by chance, and one that
does is a fault. Equal objects share a handle, and different ones have handles that differ by more
than rounding does, so that answers can be compared as numbers are. The table keeps what it was
given for as long as the process lives.
"""

from collections.abc import Hashable

from inwit.errors import InvalidOption

HANDLES = 2.0**1000
"""The first handle; numbers are smaller."""
UNIT = 2.0**984
"""The distance between two handles."""

_objects: list[Hashable] = []
_handles: dict[tuple[type, Hashable], float] = {}


def encode(value: object) -> float:
    """The float64 that stands for a value: itself for a number, a handle for anything else.

    Raises:
        InvalidOption: it is a number that is not finite or too large, or it cannot be hashed.
    """
    if isinstance(value, (int, float)):
        if not abs(value) < HANDLES:
            raise InvalidOption(f"{value}: a number must be finite and below 2^1000")
        return float(value)
    try:
        key = type(value), value
        if key not in _handles:
            _objects.append(value)
            _handles[key] = HANDLES + UNIT * (len(_objects) - 1)
        return _handles[key]
    except TypeError as error:
        raise InvalidOption(
            f"a {type(value).__name__} cannot be hashed: a tuple or a string can"
        ) from error


def decode(value: float) -> object:
    """The value that a float64 stands for."""
    if HANDLES <= value < float("inf"):
        return _objects[int((value - HANDLES) / UNIT)]
    return value
