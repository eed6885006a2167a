"""Assertions of contracts, and the parts that are given to them."""

from typing import Any

from torch import Tensor

from inwit.errors import InvalidOption, explained
from inwit.parts import Part, missing_members

TASK = "a task: give one, such as Stages() or what @inwit.task has made, or its class"
"""What a task is told to be in place of something else."""


def hold(kept: bool, part: Part, contract: str, seen: str) -> None:
    """Assert a contract, also under `python -O`.

    Args:
        kept: whether it holds.
        part: what is under test.
        contract: the contract, in a sentence.
        seen: what was observed instead.

    Raises:
        AssertionError: it does not hold.
    """
    if not kept:
        what = f"{part.noun or 'task'} '{part.name}'"
        raise AssertionError(f"{what} breaks the contract '{contract}': {seen}")


def part_from(given: object, kinds: tuple[type[Part], ...], wanted: str) -> Any:
    """The part that is under test.

    Args:
        given: the part, or its class where that needs no arguments.
        kinds: it must be one of these.
        wanted: the same in words, with an example.

    Raises:
        InvalidOption: it is none, or its class is not complete.
    """
    made = given if isinstance(given, type) else type(given)
    if not issubclass(made, kinds):
        what = given.__name__ if isinstance(given, type) else f"{given!r:.60}"
        raise InvalidOption(f"{what} is not {wanted}")
    missing = missing_members(given)  # a task of a function has a name of its own
    if missing:
        raise InvalidOption(f"{made.__name__} has no {', no '.join(missing)}")
    if not hasattr(made, "__dataclass_fields__"):
        raise InvalidOption(f"{made.__name__} must be a frozen dataclass")
    return _from_class(made) if isinstance(given, type) else given


def _from_class(kind: type[Part]) -> Part:
    try:
        return kind()
    except TypeError as error:
        what = f"{kind.__name__}() fails with {explained(error)}"
        raise InvalidOption(f"{what}: give what {kind.__name__}(...) makes") from error


def equal(one: Tensor, other: Tensor) -> bool:
    """Whether tensors have the same shape and content; NaN is like NaN."""
    return one.shape == other.shape and bool((one.eq(other) | one.isnan() & other.isnan()).all())
