"""Stopping a run from outside: the update is finished and saved, nothing is lost."""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType

from inwit.errors import Interrupted
from inwit.training.metrics import Report

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruptible:
    """Passes reports on, and raises `Interrupted` after the update in which a signal came.

    A second signal has the effect that it always had: the process ends at once, and the last
    checkpoint stays whole.
    """

    def __init__(self, report: Callable[[Report], None]) -> None:
        """Pass the reports on to this."""
        self.report, self.asked = report, 0

    def __enter__(self) -> "Interruptible":
        self.before = {number: signal.signal(number, self._ask) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._give_back()

    def __call__(self, report: Report) -> None:
        """Pass a report on.

        Raises:
            Interrupted: a signal has come.
        """
        self.report(report)
        if self.asked:
            raise Interrupted(self.asked)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = number
        self._give_back()

    def _give_back(self) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)
