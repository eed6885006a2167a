"""The program of a process that steps some copies of an environment; `processes` starts it.

It loads no torch. It ends when its pipe does: it outlives the training by a step at most.

    open FUNCTION COUNT                    -> the sizes of the world
    advance ACTIONS ACTIVE ROWS SEEDS      -> the outcome, and what all copies show then
    reset ROWS SEEDS                       -> what all copies show then
    close                                  -> nothing
"""

import logging
import os
import pickle
import signal
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from inwit.errors import STOPS, InvalidOption, InwitError, explained
from inwit.games.base import Copies


def main(descriptor: int) -> None:
    """Serve the parent at the other end of a pipe.

    Args:
        descriptor: of the pipe.
    """
    # The parent hears signals, which may be for a whole group, and closes the pipe when it stops.
    # A handler in place of SIG_IGN, which the programs of an environment would inherit.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.set_inheritable(descriptor, False)
    with Connection(descriptor) as pipe, suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _Served(pipe).serve()


class _Served:
    """The copies, and the messages about them."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe, self.notes = pipe, _Notes()
        self.copies: Copies | None = None
        logging.getLogger("inwit").addHandler(self.notes)

    def serve(self) -> None:
        """Answer: whether a call succeeded, its value or what was wrong, warnings, CPU seconds."""
        try:
            while True:
                name, *given = self.pipe.recv()
                try:
                    answer: tuple[bool, Any] = (True, getattr(self, f"_{name}")(*given))
                except InwitError as error:
                    answer = (False, str(error))
                except STOPS:
                    raise
                except BaseException as error:  # the parent tells it, too
                    answer = (False, explained(error))
                self.pipe.send((*answer, self.notes.take(), time.process_time()))
        finally:
            self._close()

    def _open(self, packed: bytes, count: int) -> Any:
        try:
            opened = pickle.loads(packed)
        except STOPS:
            raise
        except BaseException as error:  # whatever its module raises
            text = f"the environment cannot be made in another process: {explained(error)}"
            raise InvalidOption(text) from error
        self.copies = opened(count)
        return self.copies.spec

    def _advance(self, *given: Any) -> Any:
        assert self.copies is not None
        return self.copies.advance(*given), self.copies.see()

    def _reset(self, *given: Any) -> Any:
        assert self.copies is not None
        self.copies.reset(*given)
        return self.copies.see()

    def _close(self) -> None:
        copies, self.copies = self.copies, None
        if copies is not None:
            copies.close()


class _Notes(logging.Handler):
    """Warnings, which the parent logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())

    def take(self) -> list[str]:
        texts, self.texts = self.texts, []
        return texts
