"""A function in its own process, which may hang, allocate without end or die.

This is not a sandbox: the function can still read files and open connections. POSIX only.
"""

import contextlib
import io
import multiprocessing
import os
import resource
from collections.abc import Callable
from pathlib import Path

from pebble import ProcessExpired, ProcessPool


class Isolated:
    """Calls a function in a worker process; a killed worker is started again."""

    def __init__(self, function: Callable[..., object], seconds: float, megabytes: int) -> None:
        """Prepare; the first call starts the worker.

        Args:
            function: what is called.
            seconds: how long one call may take.
            megabytes: how much memory the worker may allocate beyond its initial size.
        """
        self.function, self.seconds, self.megabytes = function, seconds, megabytes
        self._pool: ProcessPool | None = None

    def __call__(self, *arguments: object, **named: object) -> object:
        """The result of one call.

        Raises:
            TimeoutError: it took too long.
            ChildProcessError: the worker died.
            Exception: whatever the function raised.
        """
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=1,
                context=multiprocessing.get_context("fork"),  # any function, not only a named one
                initializer=_install,
                initargs=(self.function, self.megabytes),
            )
        try:
            call = self._pool.schedule(_call, arguments, named, timeout=self.seconds)
            return call.result()
        except TimeoutError as error:
            raise TimeoutError(f"no result within {self.seconds:g} seconds") from error
        except ProcessExpired as error:
            raise ChildProcessError(f"its process ended with exit code {error.exitcode}") from error

    def close(self) -> None:
        """Stop the worker; the next call starts another one.

        Until then it holds the files and pipes that were open when it started.
        """
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def __del__(self) -> None:
        self.close()


_function: Callable[..., object]


def _install(function: Callable[..., object], megabytes: int) -> None:
    """In the worker: store the function and limit the memory."""
    global _function
    _function = function
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _call(*arguments: object, **named: object) -> object:
    with contextlib.redirect_stdout(io.StringIO()):
        return _function(*arguments, **named)
