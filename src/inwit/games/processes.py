"""Copies of a world in several processes, each of which steps a group of them.

Gymnasium's `AsyncVectorEnv` does not fit. It steps all environments at every step, and here a copy
whose episode is over waits for a row, with its last observation, before its next episode begins
from a seed of its own; fresh episodes that are scored end one by one. It also has a process for
every environment, so that a step takes as many messages: here it takes one for each group.

A process is a fresh interpreter without torch, not a fork: threads and accelerators of the parent
do not matter, and a script needs no `if __name__ == "__main__":`.
"""

import logging
import multiprocessing
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from inwit.errors import InvalidOption
from inwit.games.base import Copies, Outcome, Seen, World

logger = logging.getLogger("inwit")
PROGRAM = "import sys; sys.path[:] = {path!r}; from inwit.games.worker import main; main({pipe})"
PATIENCE, GRACE = 20.0, 1.0
"""Seconds in which a process may finish its step and close its environments before it is killed;
and those that it has at least when others have used up the time."""
AVAILABLE = sys.platform != "win32"
"""Whether a process can be handed a pipe."""


class Processes(Copies):
    """Copies that are stepped in other processes; what they do is what they do in this one."""

    def __init__(self, world: World, count: int, processes: int) -> None:
        """Open copies.

        Args:
            world: of which.
            count: B.
            processes: how many, from 1 to B.

        Raises:
            InvalidOption: they cannot be opened there, or they differ in their sizes.
        """
        self.count, self.noted = count, set[str]()
        sizes = [len(part) for part in np.array_split(np.arange(count), processes)]
        bounds = accumulate(sizes, initial=0)
        self.groups = [slice(first, end) for first, end in pairwise(bounds)]
        packed = _packed(world.opener())
        self.workers = list[_Worker]()
        try:
            for _ in sizes:
                self.workers.append(_Worker())
            opened = self._ask(range(processes), [("open", packed, size) for size in sizes])
            if len(set(opened)) > 1:
                raise InvalidOption(f"{world.label}: its copies differ in their spaces")
        except BaseException:
            self.close()
            raise
        self.spec = opened[0]
        self._fields = np.zeros((count, len(self.spec.fields)), np.int64)
        self._values = np.zeros((count, self.spec.values), np.float32)

    def reset(self, rows: Sequence[int], seeds: Sequence[int]) -> None:
        """Begin an episode in some copies, each from its seed."""
        parts = self._split(rows, seeds)
        asked = [number for number, (own, _) in enumerate(parts) if own]
        shown = self._ask(asked, [("reset", *parts[number]) for number in asked])
        for number, seen in zip(asked, shown, strict=True):
            self._show(self.groups[number], seen)

    def step(self, actions: Int[np.ndarray, " B"], active: Bool[np.ndarray, " B"]) -> Outcome:
        """Act in the active copies."""
        return self.advance(actions, active, (), ())

    def advance(
        self,
        actions: Int[np.ndarray, " B"],
        active: Bool[np.ndarray, " B"],
        rows: Sequence[int],
        seeds: Sequence[int],
    ) -> Outcome:
        """`step` and `reset` by one message to each process."""
        parts, groups = self._split(rows, seeds), self.groups
        asked = [
            ("advance", actions[group], active[group], *part)
            for group, part in zip(groups, parts, strict=True)
        ]
        done = self._ask(range(len(groups)), asked)
        for group, (_, seen) in zip(groups, done, strict=True):
            self._show(group, seen)
        made = [outcome for outcome, _ in done]
        return Outcome(
            reward=np.concatenate([each.reward for each in made]),
            terminated=np.concatenate([each.terminated for each in made]),
            truncated=np.concatenate([each.truncated for each in made]),
        )

    def see(self) -> Seen:
        """What all copies show now."""
        return Seen(fields=self._fields.copy(), values=self._values.copy())

    def close(self) -> None:
        """Close the environments and end the processes."""
        until = time.monotonic() + PATIENCE
        for worker in self.workers:
            worker.ask_to_close()
        for worker in self.workers:
            self._log(worker.hear_out(until))
        for worker in self.workers:
            worker.end(until)

    def _split(
        self, rows: Sequence[int], seeds: Sequence[int]
    ) -> list[tuple[list[int], list[int]]]:
        """The rows of each group, numbered within it, and their seeds."""
        pairs = list(zip(rows, map(int, seeds), strict=True))
        return [
            (
                [row - group.start for row, _ in pairs if group.start <= row < group.stop],
                [seed for row, seed in pairs if group.start <= row < group.stop],
            )
            for group in self.groups
        ]

    def _ask(self, numbers: Sequence[int], messages: Iterable[tuple[Any, ...]]) -> list[Any]:
        """Make some processes work at once; their answers in order, or the first mistake."""
        asked = [self.workers[number] for number in numbers]
        for worker, message in zip(asked, messages, strict=True):
            worker.send(message)
        answers = [worker.receive() for worker in asked]
        self._log(note for _, _, notes, _ in answers for note in notes)
        self.cpu += sum(spent for *_, spent in answers)
        for succeeded, answer, *_ in answers:
            if not succeeded:
                raise InvalidOption(answer)
        return [answer for _, answer, *_ in answers]

    def _show(self, group: slice, seen: Seen) -> None:
        """Keep what the copies of a group show."""
        self._fields[group], self._values[group] = seen.fields, seen.values

    def _log(self, notes: Iterable[str]) -> None:
        """Log what a process warned of, once."""
        for note in notes:
            if note not in self.noted:
                self.noted.add(note)
                logger.warning("%s", note)


class _Worker:
    """One process and the pipe to it."""

    def __init__(self) -> None:
        self.spent = 0.0
        self.pipe, theirs = multiprocessing.Pipe()
        numbers = (signal.SIGINT, signal.SIGTERM)  # it is deaf to them until it has handlers
        before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
        try:
            with theirs:
                program = PROGRAM.format(path=sys.path, pipe=theirs.fileno())
                self.process = subprocess.Popen(
                    [sys.executable, "-P", "-c", program],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def send(self, message: tuple[Any, ...]) -> None:
        try:
            self.pipe.send(message)
        except OSError as error:
            raise self._lost() from error

    def receive(self) -> tuple[bool, Any, list[str], float]:
        """Whether a call succeeded, its value or what was wrong, warnings, and CPU seconds."""
        try:
            succeeded, answer, notes, spent = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise self._lost() from error
        since, self.spent = spent - self.spent, spent
        return succeeded, answer, notes, since

    def _lost(self) -> InvalidOption:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        code = self.process.returncode or 0
        how = f"ended with exit code {code}"
        if code < 0:
            how = f"was killed by {signal.Signals(-code).name}"
        return InvalidOption(f"a process that steps the environment {how}")

    def ask_to_close(self) -> None:
        with suppress(OSError):  # it is gone
            self.pipe.send(("close",))

    def hear_out(self, until: float) -> list[str]:
        """What it warns of until it has closed its environments, or the clock says so."""
        notes = list[str]()
        with suppress(EOFError, OSError), self.pipe:
            while self.pipe.poll(max(0.0, until - time.monotonic())):
                _, answer, more, _ = self.pipe.recv()
                notes += more
                if answer is None:  # it has closed them
                    break
        return notes

    def end(self, until: float) -> None:
        """Wait for its end, and kill it after a moment of the monotonic clock."""
        try:
            self.process.wait(max(GRACE, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _packed(function: Callable[[int], Copies]) -> bytes:
    """A function for another process, classes of a script or a notebook included.

    Raises:
        InvalidOption: it cannot be pickled.
    """
    module = import_module("cloudpickle" if find_spec("cloudpickle") else "pickle")
    try:  # Gymnasium brings the first of them
        packed: bytes = module.dumps(function)
        return packed
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise InvalidOption(f"--processes: the environment cannot be pickled: {error}") from error
