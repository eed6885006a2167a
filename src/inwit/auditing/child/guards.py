"""Limits that a child sets on itself before it imports the target."""

import ctypes
import os
import resource
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import BinaryIO

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
"""Flags of Linux's `unshare`."""


SLACK = 3
"""Maximum ratio of wall-clock to CPU time of a call."""


class OutOfTime(BaseException):
    """A call took too long; no `except Exception` of a grader catches it."""


def private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the parent, moved from descriptors 0, 1 and 2, which are discarded."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    return os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb")


def limit_resources(memory: int, seconds: int) -> None:
    """Limit the address space in bytes and the processor time in seconds."""
    for kind, limit in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        _, most = resource.getrlimit(kind)
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(kind, (limit, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def leave_network() -> str:
    """Disconnect this process from the network; returns how: by the kernel, or only in Python."""
    if _unshare():
        return "off"

    def refused(*_: object) -> None:
        raise OSError("the audit has no network")

    for name in ("connect", "connect_ex", "bind"):
        setattr(socket.socket, name, refused)
    return "off in Python"


def _unshare() -> bool:
    """Move into a network of our own, which has no way out (Linux)."""
    user, group = os.getuid(), os.getgid()
    try:
        unshare = ctypes.CDLL(None, use_errno=True).unshare
        if unshare(NEW_NETWORK) == 0:
            return True
        if unshare(NEW_USER | NEW_NETWORK) != 0:
            return False
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    except (OSError, AttributeError):
        return False
    return True


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `OutOfTime` when the block takes more processor time, or `SLACK` times as long.

    A busy machine does not count against a grader; code in C may react late.
    """

    def late(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    timers = {signal.SIGPROF: signal.ITIMER_PROF, signal.SIGALRM: signal.ITIMER_REAL}
    before = {number: signal.signal(number, late) for number in timers}
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, SLACK * seconds)
    try:
        yield
    finally:
        for number, timer in timers.items():
            signal.setitimer(timer, 0)
            signal.signal(number, before[number])
