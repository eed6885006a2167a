"""Actions of a Gymnasium action space, read from its attributes."""

from importlib import import_module
from typing import Any

MOST = 12
"""Actions of a small set."""


def is_set(space: Any) -> bool:
    """Whether an action is one number of a set."""
    return hasattr(space, "n") and not len(getattr(space, "shape", None) or ())


def constants(space: Any) -> list[Any]:
    """Actions for constant policies: all of a small set, otherwise the corners and the middle."""
    if is_set(space):
        first = int(getattr(space, "start", 0))
        return [first + place for place in range(int(space.n))][:MOST]
    low, high = getattr(space, "low", None), getattr(space, "high", None)
    if low is None or high is None:
        return []
    return [low.tolist(), high.tolist(), ((low + high) / 2).tolist()]


def as_action(space: Any, action: object) -> object:
    """An action that came through the pipe: a list becomes an array of the space's kind."""
    if isinstance(action, list) and hasattr(space, "dtype"):
        return import_module("numpy").asarray(action, dtype=space.dtype)
    return action


def illegal(space: Any) -> list[Any]:
    """Values outside a set of actions."""
    if not is_set(space):
        return []
    first = int(getattr(space, "start", 0))
    return [first - 1, first + int(space.n), "no action"]
