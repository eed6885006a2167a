"""How far a long computation is, and how much time it has left."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

Item = TypeVar("Item")


@dataclass(kw_only=True)
class Step:
    """The step that is being done."""

    name: str = ""
    """What it is; empty where nothing goes step by step."""
    number: int = 0
    """Which, from 1."""
    total: int = 0
    """How many there are; 0 where nobody knows how long it takes."""
    begun: float = 0.0
    """When the first one began, on the monotonic clock."""

    def set(self, other: "Step") -> None:
        """Become another step."""
        vars(self).update(vars(other))


PATIENCE = 4
"""Seconds that may pass for each second of computing on a busy machine."""
SLOW, LOOK = 0.005, 0.01
"""Seconds from which a call of a tool is slow, and between two looks at a deadline."""


class OutOfTime(Exception):
    """A deadline is over, and a tool was about to be called."""


class Waiting:
    """Seconds for which tools of this process have waited: for a reply, a disk, a process.

    A single slow call may be due to a busy machine; of two in a row the second counts.
    """

    def __init__(self) -> None:
        """Begin."""
        self.seconds, self._slow = 0.0, False

    def call(self, function: Callable[..., Any], *given: object) -> Any:
        """Call a function, and note how long it waited."""
        begun, computed = time.monotonic(), time.thread_time() if self._slow else 0.0
        try:
            return function(*given)
        finally:
            passed = time.monotonic() - begun
            if self._slow and passed > SLOW:
                self.seconds += passed - (time.thread_time() - computed)
            self._slow = passed > SLOW


WAITING = Waiting()
"""Of this process."""


class Deadline:
    """Seconds of computing by this thread, and of waiting by its tools.

    It is over after four times as many by the clock, too. Whatever it cuts is not repeatable: where
    a figure depends on it, a count should end first.
    """

    def __init__(self, seconds: float) -> None:
        """Begin."""
        self.seconds, self._looked = seconds, 0.0
        self._begun = time.thread_time() + WAITING.seconds, time.monotonic()

    @property
    def left(self) -> float:
        """Seconds that are left; below 0 when it is over."""
        used, passed = self._begun
        used = time.thread_time() + WAITING.seconds - used
        return self.seconds - max(used, (time.monotonic() - passed) / PATIENCE)

    def call(self, function: Callable[..., Any], *given: object) -> Any:
        """Call a tool's function.

        Raises:
            OutOfTime: the deadline is over.
        """
        now = time.monotonic()
        if now > self._looked + LOOK:
            self._looked = now
            if self.left <= 0:
                raise OutOfTime
        return WAITING.call(function, *given)


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
    step = Step(total=len(items), begun=time.monotonic())
    with _shown() as show:
        for step.number, (item, step.name) in enumerate(zip(items, names, strict=True), 1):
            show(step)
            yield item


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Name a step that takes as long as it takes; steps inside are shown with their numbers."""
    if CURRENT.total:
        yield
        return
    with _shown() as show:
        show(Step(name=what))
        yield


@contextmanager
def counting(name: str, total: int) -> Iterator[Step]:
    """Steps that end elsewhere: the caller raises the number of what is yielded."""
    with _shown() as show:
        show(Step(name=name, number=1, total=total, begun=time.monotonic()))
        yield CURRENT


@contextmanager
def _shown() -> Iterator[Callable[[Step], None]]:
    """Show steps; at the end the step before is shown again."""
    before = replace(CURRENT)
    try:
        yield CURRENT.set
    finally:
        CURRENT.set(before)


def one_by_one(noun: str, items: Iterable[Item]) -> Iterator[Item]:
    """Go through items as steps that are named after them: `seed 3`."""
    every = list(items)
    return steps(every, [f"{noun} {item}" for item in every])
