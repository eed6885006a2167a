"""What both forms of the executor share: signals, and the shape of `train`."""

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

from inwit.errors import Interrupted, InvalidOption
from inwit.interruption import SIGNALS, hear
from inwit.parts import is_whole
from inwit.runs.workers.jobs import Job, Message

Item = TypeVar("Item")
Result = TypeVar("Result")
TICK = 0.2
"""Seconds between two checks of silent processes."""


def check_jobs(jobs: int | None) -> None:
    """Check how many runs there may be at once; None leaves it open.

    Raises:
        InvalidOption: it is not a whole number of at least 1.
    """
    if jobs is None:
        return
    if not is_whole(jobs):
        raise InvalidOption(f"--jobs {jobs!r:.40}: it must be a whole number of at least 1")
    if jobs < 1:
        raise InvalidOption(f"--jobs {jobs}: it must be at least 1")


class RunExecutor(Executor, ABC):
    """`submit`, `map` and `as_ended` for calls, `train` for runs.

    The first SIGINT or SIGTERM lets the runs finish their updates and save; the second kills them.
    """

    jobs: int
    """How many runs at once."""
    runs: dict[str, Any]
    """Those that are under way, by name."""

    def __init__(self, jobs: int | None) -> None:
        """Nothing is started yet.

        Raises:
            InvalidOption: the number of jobs is not a whole number of at least 1.
        """
        check_jobs(jobs)
        self.asked = 0
        self.stopping: set[str] = set()

    @abstractmethod
    def train(self, next_job: Callable[[], Job | None]) -> Iterator[tuple[str, Message]]:
        """Train or resume runs, and pass on what they report; the last message of each is its end.

        Args:
            next_job: asked whenever another run may start; None if there is none at the moment.
        """

    def as_ended(
        self, function: Callable[[Item], Result], items: Iterable[Item]
    ) -> Iterator[tuple[Item, Future[Result]]]:
        """Call a function for every item, at most `jobs` at once.

        Args:
            function: what is called, as by `submit`.
            items: its arguments, in the order in which the calls begin.

        Yields:
            An item and its call, which has ended, in the order in which the calls end.

        Raises:
            Interrupted: the user asked to stop; calls that are under way are given up.
        """
        left, calls = deque(items), dict[Future[Result], Item]()
        while left or calls:
            if self.asked:
                raise Interrupted(self.asked)
            while left and len(calls) < self.jobs:
                item = left.popleft()
                calls[self.submit(function, item)] = item
            for call in wait(calls, TICK, FIRST_COMPLETED).done:
                yield calls.pop(call), call

    def stop(self, name: str) -> None:
        """Ask a run to finish its update and save."""
        if name in self.runs and name not in self.stopping:
            self.stopping.add(name)
            self._ask_to_stop(name)

    def _stop_all(self) -> None:
        for name in list(self.runs):
            self.stop(name)

    def _fill(self, next_job: Callable[[], Job | None]) -> bool:
        """Start what may start; true if something runs."""
        while not self.asked and len(self.runs) < self.jobs and (job := next_job()):
            self._begin(job)
        return bool(self.runs)

    @abstractmethod
    def _begin(self, job: Job) -> None:
        """Start a run, and note it in `runs`."""

    @abstractmethod
    def _ask_to_stop(self, name: str) -> None:
        """Pass on to a run that it is to stop."""

    @abstractmethod
    def _kill_all(self) -> None:
        """End every process at once."""

    @abstractmethod
    def _close(self, error: BaseException | None) -> None:
        """Wait for the end of what runs; less patiently after an error."""

    def __enter__(self) -> Self:
        main = threading.current_thread() is threading.main_thread()
        self.give_back = hear(self._ask, SIGNALS if main else ())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._stop_all()
            self._close(error)
        finally:
            self.give_back()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            self._kill_all()
            raise KeyboardInterrupt
        self.asked = number
