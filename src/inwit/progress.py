"""How far a long computation is: the steps that it goes through, for whoever shows them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(kw_only=True)
class Step:
    """The step that is being done."""

    name: str = ""
    """What it is; empty where nothing goes step by step."""
    number: int = 0
    """Which, from 1."""
    total: int = 0
    """How many there are."""


CURRENT = Step()
"""Of this process. It is only shown: nothing depends on it."""


def steps(items: Sequence[Item], names: Sequence[str]) -> Iterator[Item]:
    """Go through items and say which one is being done.

    Args:
        items: the steps.
        names: what each one is.
    """
    if CURRENT.total:  # a step of something longer, which is what is shown
        yield from items
        return
    try:
        for number, (item, name) in enumerate(zip(items, names, strict=True), 1):
            CURRENT.name, CURRENT.number, CURRENT.total = name, number, len(items)
            yield item
    finally:
        CURRENT.name, CURRENT.number, CURRENT.total = "", 0, 0


def one_by_one(noun: str, items: Iterable[Item]) -> Iterator[Item]:
    """Go through items as steps that are named after them: `seed 3`."""
    every = list(items)
    return steps(every, [f"{noun} {item}" for item in every])
