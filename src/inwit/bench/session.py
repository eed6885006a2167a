"""A session: a process for each contender, and alternating turns, so that noise affects all alike.

The load of a machine varies over minutes, which would distort measurements one after another. Here
each contender makes some updates in turn, round after round, in alternating order, and the reported
figures are ratios within a round.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any

from inwit.bench.contenders import OURS, Contender
from inwit.bench.results import Absent, Measured, Results, Turn
from inwit.devices import usable_cores
from inwit.errors import InvalidOption
from inwit.progress import steps

TURN_SECONDS, MAX_UPDATES = 0.3, 200
"""Minimum seconds of a turn, and its maximum number of updates."""
Say = Callable[[str], None]


class Worker:
    """The process of one contender."""

    def __init__(self, contender: Contender, episodes: int, threads: int) -> None:
        """Start it without waiting for it."""
        self.contender, self.episodes, self.threads = contender, episodes, threads
        self.updates = 1
        self.started = 0.0
        self.versions: dict[str, str] = {}
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        command = ["-m", "inwit.bench.worker", contender.build]
        with pinned(threads):
            self.process = subprocess.Popen(
                [sys.executable, *command, str(episodes), str(threads)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.errors,
                env=os.environ | surroundings(threads),
                text=True,
            )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()

    def ready(self) -> str:
        """Wait until it is built; returns why it cannot be measured, or an empty text."""
        facts = self._listen()
        if "left_out" in facts:
            return str(facts["left_out"])
        self.started, self.versions = facts["started"], facts["versions"]
        self.updates = max(1, min(MAX_UPDATES, math.ceil(TURN_SECONDS / facts["update"])))
        return ""

    def turn(self) -> Turn:
        """Make some updates.

        Raises:
            InvalidOption: the process ended.
        """
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(f"{self.updates}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # the missing answer shows it
        facts = self._listen()
        if "left_out" in facts:
            raise InvalidOption(f"{self.contender.name}: {facts['left_out']}")
        return Turn(
            updates=self.updates, cpu=facts["cpu"], wall=facts["wall"], memory=facts["memory"]
        )

    def _listen(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self.errors.seek(0)
        last = self.errors.read().decode(errors="replace").strip().splitlines()[-1:]
        code = self.process.wait()
        return {"left_out": f"its process ended with {code}: {' '.join(last) or 'no word'}"}


def measure(
    contenders: Sequence[Contender],
    episodes: Sequence[int],
    threads: Sequence[int],
    rounds: int,
    say: Say = lambda line: None,
) -> Results:
    """Measure contenders at every size and number of threads.

    Raises:
        InvalidOption: this machine has fewer cores than threads are asked for; ours failed.
    """
    most = usable_cores()
    for count in threads:
        if count > most:
            raise InvalidOption(f"--threads {count}: this process may use {most} cores")
    results = Results()
    for contender in contenders:
        if contender.missing:
            results.absent.append(Absent(name=contender.name, reason=contender.missing))
    present = [contender for contender in contenders if not contender.missing]
    pairs = [(count, size) for count in threads for size in episodes]
    names = [f"{size:,} episodes, {count} thread{'s' * (count > 1)}" for count, size in pairs]
    for count, size in steps(pairs, names):
        _measure(present, size, count, rounds, results, say)
    return results


def _measure(
    contenders: Sequence[Contender],
    episodes: int,
    threads: int,
    rounds: int,
    results: Results,
    say: Say,
) -> None:
    with ExitStack() as stack:
        started = [
            stack.enter_context(Worker(contender, episodes, threads)) for contender in contenders
        ]
        workers = []
        for worker in started:
            reason = worker.ready()
            name = worker.contender.name
            if not reason:
                workers.append(worker)
                results.versions.update(worker.versions)
                continue
            if name == OURS:
                raise InvalidOption(f"{name}: {reason}")
            results.absent.append(
                Absent(name=name, reason=reason, episodes=episodes, threads=threads)
            )
        turns: dict[str, list[Turn]] = {worker.contender.name: [] for worker in workers}
        for number in range(rounds):
            for worker in workers if number % 2 == 0 else reversed(workers):
                turns[worker.contender.name].append(worker.turn())
            say(f"{episodes:,} episodes, {threads} threads: round {number + 1} of {rounds}")
        results.measured.extend(
            Measured(
                name=worker.contender.name,
                title=worker.contender.title,
                episodes=episodes,
                threads=threads,
                started=worker.started,
                turns=tuple(turns[worker.contender.name]),
            )
            for worker in workers
        )


def surroundings(threads: int) -> dict[str, str]:
    """The environment variables that limit the threads of a process."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    path = os.pathsep.join(path or os.getcwd() for path in sys.path)
    return {name: str(threads) for name in names} | {"PYTHONPATH": path, "JAX_PLATFORMS": "cpu"}


@contextmanager
def pinned(threads: int) -> Iterator[None]:
    """Pin processes started meanwhile to the last `threads` cores, if the system can."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(allowed)[-threads:]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)
