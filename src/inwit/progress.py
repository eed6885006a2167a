"""How far a long computation is, and how much time it has left."""

import time
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


PATIENCE = 4
"""Seconds that may pass for each second of computing: on a busy machine, or where a tool waits."""


class Deadline:
    """Seconds of computing by this thread; over after four times as many by the clock, too.

    Whatever it cuts is not repeatable: where a figure depends on it, a count should end first.
    """

    def __init__(self, seconds: float) -> None:
        """Begin."""
        self.seconds = seconds
        self._begun = time.thread_time(), time.monotonic()

    @property
    def left(self) -> float:
        """Seconds that are left; below 0 when it is over."""
        computed, passed = self._begun
        spent = max(time.thread_time() - computed, (time.monotonic() - passed) / PATIENCE)
        return self.seconds - spent


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
