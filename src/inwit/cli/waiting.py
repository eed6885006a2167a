"""Progress lines on the error output while a command computes."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from types import FrameType

from inwit.progress import CURRENT

FIRST, LAST = 2.0, 10.0
"""Seconds until the first line, and at most between two; each pause is twice the one before."""


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
    begun, pauses = time.monotonic(), (min(FIRST * 2**n, LAST) for n in count())

    def tell(number: int, frame: FrameType | None) -> None:
        print(progress_line(what, time.monotonic() - begun), file=sys.stderr, flush=True)
        signal.setitimer(signal.ITIMER_REAL, next(pauses))

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, FIRST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def progress_line(what: str, seconds: float) -> str:
    """One line: the command, its step, the time that it has taken and may still take."""
    parts = [f"{what}: {seconds:.0f} s"]
    if CURRENT.name:
        several = f" ({CURRENT.number} of {CURRENT.total})" if CURRENT.total > 1 else ""
        parts.append(CURRENT.name + several)
    done = CURRENT.number - 1
    if done > 0:
        left = (time.monotonic() - CURRENT.begun) / done * (CURRENT.total - done)
        parts.append(f"about {left:.0f} s left if all steps take as long")
    return ", ".join(parts)
