"""Progress lines on the error output while a command computes."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from inwit.progress import CURRENT

FIRST, EVERY = 2.0, 10.0
"""Seconds until the first line, and between two of them."""


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Print progress lines once a command takes over 2 s.

    A timer signal interrupts the main thread; elsewhere, and without such signals, nothing is
    printed.

    Args:
        what: what the command does, `auditing stages`.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):
        yield
        return
    begun = time.monotonic()

    def tell(number: int, frame: FrameType | None) -> None:
        print(progress_line(what, time.monotonic() - begun), file=sys.stderr, flush=True)

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, FIRST, EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def progress_line(what: str, seconds: float) -> str:
    """One line: the command, its step, the time that it has taken and may still take."""
    parts = [f"{what}: {seconds:.0f} s"]
    if CURRENT.total:
        parts.append(f"{CURRENT.name} ({CURRENT.number} of {CURRENT.total})")
    done = CURRENT.number - 1
    if done > 0:
        left = seconds / done * (CURRENT.total - done)
        parts.append(f"about {left:.0f} s left if all steps take as long")
    return ", ".join(parts)
