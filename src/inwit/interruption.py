"""Stops a run on a signal after it has finished and saved its update."""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType

from inwit.errors import Interrupted
from inwit.training.metrics import Report

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruptible:
    """Forwards reports, and raises `Interrupted` after the update in which a signal arrived.

    A second signal has its usual effect: the process ends at once. The last checkpoint stays whole.
    """

    def __init__(self, report: Callable[[Report], None]) -> None:
        """Forward reports to this callback."""
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
        """Forward a report.

        Raises:
            Interrupted: a signal has arrived.
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
