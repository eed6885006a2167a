"""Starts worker processes, receives their messages and ends them."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType, TracebackType

from inwit.errors import InvalidOption
from inwit.interruption import SIGNALS
from inwit.runs.workers.jobs import Ended, Job, Message, Progressed
from inwit.runs.workers.working import work

TICK = 0.2
"""Seconds between two checks of silent processes."""
PATIENCE = 20.0
"""Seconds in which a process may finish its update and save before it is killed."""
SHARE = Path("/sys/fs/cgroup/cpu.max")
"""Linux's file with the CPU limit of a container."""


class Workers:
    """Processes, at most `jobs` at once, that are ended when the block is left.

    The first SIGINT or SIGTERM lets them finish their updates and save; the second kills them.
    """

    def __init__(self, jobs: int | None = None) -> None:
        """Nothing is started yet.

        Args:
            jobs: how many at once; as many as there are usable cores if none is given.

        Raises:
            InvalidOption: it is not at least 1.
        """
        if jobs is not None and jobs < 1:
            raise InvalidOption(f"--jobs {jobs}: it must be at least 1")
        self.jobs, self.asked = jobs or usable_cores(), 0
        self.running: dict[str, tuple[ForkServerProcess, Connection]] = {}
        self.last_words: dict[str, Message] = {}
        self.stopping: set[str] = set()

    @property
    def free(self) -> bool:
        """Another run may be started."""
        return len(self.running) < self.jobs and not self.asked

    def start(self, job: Job) -> None:
        """Start or resume a run."""
        # A process that trained nothing loads the libraries, and the others are forked from it.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["inwit.runs.workers.loaded"])
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(job, theirs), name=job.name)
        with _deaf():
            process.start()
        theirs.close()
        self.running[job.name] = (process, ours)

    def stop(self, name: str) -> None:
        """Ask a run to finish its update and save."""
        if name in self.running and name not in self.stopping:
            self.stopping.add(name)
            with suppress(OSError):  # it has ended already
                self.running[name][1].send("stop")

    def listen(self) -> list[tuple[str, Message]]:
        """The next messages of the runs; empty after a moment of silence."""
        if self.asked:
            self._stop_all()
        names = {pipe: name for name, (_, pipe) in self.running.items()}
        ready = wait(list(names), TICK)
        told = [self._read(name, pipe) for pipe, name in names.items() if pipe in ready]
        # A worker of the run's own may hold its pipe open beyond its end.
        gone = [name for pipe, name in names.items() if pipe not in ready and self._is_gone(name)]
        told += [self._end(name) for name in gone]
        return [event for event in told if event is not None]

    def _is_gone(self, name: str) -> bool:
        process, pipe = self.running[name]
        return not process.is_alive() and not pipe.poll()

    def _read(self, name: str, pipe: Connection) -> tuple[str, Message] | None:
        try:
            message: Message = pipe.recv()
        except (EOFError, OSError):
            return self._end(name)
        if isinstance(message, Progressed):
            return name, message
        self.last_words[name] = message
        return None

    def _end(self, name: str) -> tuple[str, Message]:
        """The last message of an ended process, or how it died."""
        process, pipe = self.running.pop(name)
        process.join()
        pipe.close()
        stopped, code = bool(self.asked) or name in self.stopping, process.exitcode or 0
        self.stopping.discard(name)
        how = f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        ended = Ended(reason="stopped" if stopped else how, stopped=stopped)
        return name, self.last_words.pop(name, ended)

    def __enter__(self) -> "Workers":
        main = threading.current_thread() is threading.main_thread()
        numbers = SIGNALS if main else ()
        self.before = {number: signal.signal(number, self._ask) for number in numbers}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._stop_all()
            end = time.monotonic() + PATIENCE
            while self.running and time.monotonic() < end:
                self.listen()
        finally:
            self._kill_all()
            for number, handler in self.before.items():
                signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            self._kill_all()
            raise KeyboardInterrupt
        self.asked = number

    def _stop_all(self) -> None:
        for name in list(self.running):
            self.stop(name)

    def _kill_all(self) -> None:
        for process, _ in self.running.values():
            process.kill()


@contextmanager
def _deaf() -> Iterator[None]:
    """What is started meanwhile hears no signal: they may be for a whole group of processes."""
    resource_tracker.ensure_running()  # its start would let SIGINT through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def usable_cores() -> int:
    """The cores that this process may use, a container's share of them counted."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = map(int, SHARE.read_text().split())
    except (OSError, ValueError):
        return cores or 1
    return max(1, min(cores or 1, round(quota / period)))
