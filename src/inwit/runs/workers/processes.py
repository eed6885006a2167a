"""An executor of the shape of `concurrent.futures`: pebble's pool, and the messages of runs."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from typing import Any

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from inwit.devices import usable_cores
from inwit.interruption import SIGNALS
from inwit.runs.workers.base import TICK, RunExecutor
from inwit.runs.workers.jobs import Ended, Job, Message
from inwit.runs.workers.working import begin, work

PATIENCE = 20.0
"""Seconds in which a process may finish its update and save before it is killed."""


class Workers(RunExecutor):
    """At most `jobs` processes of this machine at once."""

    def __init__(self, jobs: int | None = None) -> None:
        """Nothing is started yet.

        Args:
            jobs: how many at once; as many as there are usable cores if none is given.

        Raises:
            InvalidOption: it is not at least 1.
        """
        super().__init__(jobs)
        self.jobs = jobs or usable_cores()
        self.runs: dict[str, tuple[ProcessFuture[Message], Connection]] = {}
        self.used = False
        # A process that trained nothing loads the libraries, and the others are forked from it.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["inwit.runs.workers.loaded"])
        self.pool = _Pool(self.jobs, max_tasks=1, initializer=begin, context=context)

    def submit(
        self, function: Callable[..., Any], /, *given: Any, **named: Any
    ) -> "ProcessFuture[Any]":
        """Call a function in a process of its own; `map` does so for many arguments."""
        with _signals_blocked():
            self.used = True
            return self.pool.schedule(function, given, named)

    def train(self, next_job: Callable[[], Job | None]) -> Iterator[tuple[str, Message]]:
        """Train or resume runs; see `RunExecutor`."""
        while self._fill(next_job):
            if self.asked:
                self._stop_all()
            done = {name for name, (run, _) in self.runs.items() if run.done()}
            ready = wait([pipe for _, pipe in self.runs.values()], TICK)
            for name, (_, pipe) in list(self.runs.items()):
                # A worker of the run's own may hold its pipe open beyond its end.
                if pipe in ready or name in done:
                    yield name, self._read(name)

    def _begin(self, job: Job) -> None:
        ours, theirs = multiprocessing.Pipe()
        with theirs:
            run = self.submit(work, bytes(ForkingPickler.dumps((job, theirs))))
        self.runs[job.name] = run, ours

    def _ask_to_stop(self, name: str) -> None:
        with suppress(OSError):  # it has ended already
            self.runs[name][1].send("stop")

    def _read(self, name: str) -> Message:
        """The next message of a run, or how it has ended."""
        run, pipe = self.runs[name]
        with suppress(EOFError, OSError):
            if pipe.poll():
                message: Message = pipe.recv()
                return message
        del self.runs[name]
        pipe.close()
        stopped = bool(self.asked) or name in self.stopping
        self.stopping.discard(name)
        try:
            return run.result()
        except ProcessExpired as error:
            code = error.exitcode
            how = f"killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        except Exception as error:  # a mistake of ours ends no other run
            how = f"{type(error).__name__}: {error}"
        return Ended(reason="stopped" if stopped else how, stopped=stopped)

    def _close(self, error: BaseException | None) -> None:
        try:
            if self.used and self.pool.active:  # to ask one that was not used starts its processes
                self.pool.close()  # type: ignore[no-untyped-call]
                patience = PATIENCE if self.runs else 0.0  # a call has nothing to save
                self.pool.join(patience if error else None)
        except TimeoutError:
            self._kill_all()

    def _kill_all(self) -> None:
        self.pool.stop()  # type: ignore[no-untyped-call]
        for pause in (TICK, 0.0):  # pebble may just be replacing one that has ended
            for process in multiprocessing.active_children():
                process.kill()
            time.sleep(pause)
        self.pool.join()


class _Pool(ProcessPool):
    """Ends its idle processes before it removes the locks that they load.

    One of them has just been started in the place of the last that ended; without its lock it would
    print a traceback.
    """

    def _stop_pool(self) -> None:
        if self._pool_manager_loop is not None:
            self._pool_manager_loop.join()  # it starts none any more
        for process in list(self._pool_manager.worker_manager.workers.values()):
            process.kill()
            process.join()
        super()._stop_pool()  # type: ignore[no-untyped-call]


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """What is started meanwhile hears no signal: they may be for a whole group of processes."""
    resource_tracker.ensure_running()  # its start would let SIGINT through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
