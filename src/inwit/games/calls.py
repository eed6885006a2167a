"""Calls of an environment that somebody else wrote: whatever goes wrong there is one line."""

import logging
from collections.abc import Mapping
from functools import cache
from math import isfinite
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from inwit.errors import STOPS, FailedCode, InvalidOption, InwitError, explained

logger = logging.getLogger("inwit")
MASK = "action_mask"
"""Where environments say in their info which actions are legal, by convention."""
EXACT = range(-(2**53), 2**53 + 1)
"""Whole numbers that are floats, too."""
RESET = ("observation", "info")
STEP = ("observation", "reward", "terminated", "truncated", "info")
"""What Gymnasium's functions return."""


def reset(environment: Any, **options: Any) -> Any:
    """Begin an episode; the observation, or those of a vector environment.

    Raises:
        InvalidOption: `reset` raises, or returns something else than Gymnasium asks for.
    """
    return _called(environment, "reset", RESET, **options)[0]


def step(environment: Any, action: Any) -> tuple[Any, ...]:
    """Act once: observation, reward, terminated, truncated, info.

    Raises:
        InvalidOption: `step` raises, or returns something else than Gymnasium asks for.
    """
    return _called(environment, "step", STEP, action)


def close(environment: Any) -> None:
    """Free an environment; what it raises then is no reason to lose a result."""
    try:
        environment.close()
    except STOPS:
        raise
    except BaseException as error:
        logger.warning("the environment's close() raised %s", explained(error))


def reward(given: Any) -> float:
    """The reward of one environment; an array of one number is taken, too.

    Raises:
        InvalidOption: it is not one finite number.
    """
    plain = given.item() if isinstance(given, np.generic) else given
    if (isinstance(plain, float) and isfinite(plain)) or (type(plain) is int and plain in EXACT):
        return float(plain)  # nearly always, and forty times faster
    return float(rewards(given, 1)[0])


def rewards(given: Any, count: int) -> Float[np.ndarray, " B"]:
    """The rewards of a vector environment.

    Raises:
        InvalidOption: they are not that many finite numbers.
    """
    read = _array(given)
    if read.dtype.kind in "biuf" and read.size == count:
        with np.errstate(over="ignore"):
            numbers = read.reshape(count).astype(np.float64)
        if np.isfinite(numbers).all():
            return numbers
    wanted = "a finite number" if count == 1 else f"{count} finite numbers"
    raise InvalidOption(f"the environment's reward is {given!r:.60}: it must be {wanted}")


def end(given: Any, name: str) -> bool:
    """Whether an episode is over, `terminated` or `truncated`.

    Raises:
        InvalidOption: it is neither true nor false.
    """
    plain = given.item() if isinstance(given, np.bool_) else given
    return plain if type(plain) is bool else bool(ends(given, name, 1)[0])


def ends(given: Any, name: str, count: int) -> Bool[np.ndarray, " B"]:
    """Which episodes of a vector environment are over.

    Raises:
        InvalidOption: they are not that many truth values.
    """
    read = _array(given)
    if read.dtype.kind not in "biu" or read.size != count:
        wanted = "True or False" if count == 1 else f"{count} of True and False"
        raise InvalidOption(f"the environment's {name} is {given!r:.60}: it must be {wanted}")
    return read.reshape(count).astype(np.bool_)


def _array(given: Any) -> np.ndarray[Any, Any]:
    """As an array; one of an object where numpy makes none of it."""
    try:
        return np.asarray(given)
    except Exception:  # whatever a ragged list or a class of the environment's own raises
        return np.array([None], dtype=object)


def _called(
    environment: Any, name: str, parts: tuple[str, ...], *given: Any, **options: Any
) -> tuple[Any, ...]:
    try:
        found = getattr(environment, name)(*given, **options)
    except (InwitError, *STOPS):
        raise
    except BaseException as error:
        raise FailedCode(f"the environment's {name}() raised {explained(error)}") from error
    if not isinstance(found, tuple) or len(found) != len(parts):
        wanted = f"a tuple of {len(parts)}: {', '.join(parts)}"
        raise InvalidOption(f"the environment's {name}() returned {found!r:.60}, not {wanted}")
    if isinstance(found[-1], Mapping) and MASK in found[-1]:
        _mask_is_ignored()
    return found


@cache
def _mask_is_ignored() -> None:
    """Say so once."""
    logger.warning("the environment's info has an %s: it is not used, all actions are tried", MASK)
