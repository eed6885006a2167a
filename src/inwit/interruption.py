"""Stops a run on a signal after it has finished and saved its update."""

import signal
from collections.abc import Callable, Iterable
from types import FrameType, TracebackType

from inwit.errors import Interrupted
from inwit.training.metrics import Report

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def hear(
    handler: Callable[[int, FrameType | None], None], numbers: Iterable[int] = SIGNALS
) -> Callable[[], None]:
    """Handle signals; what is returned gives them back to whoever handled them before."""
    before = {number: signal.signal(number, handler) for number in numbers}

    def give_back() -> None:
        for number, earlier in before.items():
            signal.signal(number, earlier)

    return give_back


class Interruptible:
    """Forwards reports, and raises `Interrupted` after the update in which a signal arrived.

    A second signal has its usual effect: the process ends at once. The last checkpoint stays whole.
    """

    def __init__(self, report: Callable[[Report], None]) -> None:
        """Forward reports to this callback."""
        self.report, self.asked = report, 0

    def __enter__(self) -> "Interruptible":
        self.give_back = hear(self._ask)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.give_back()

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
        self.give_back()
