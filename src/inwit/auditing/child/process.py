"""The parent's side of a child: start it, make calls, restart it when it hangs or dies."""

import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from inwit.auditing.base import Outcome, Reading
from inwit.auditing.child.guards import SLACK
from inwit.auditing.child.messages import decode, encode
from inwit.auditing.targets import Target
from inwit.errors import InvalidOption

ALLOWED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
"""Environment variables that a child may see; none holds a secret."""
GRACE, CHUNK, MOST_STARTS, MOST_LOST = 1.0, 64, 30, 3
"""Grace in seconds, calls per message, maximum starts, maximum deaths or hangs of a batch."""
MAX_LINE = 2**26


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of foreign code."""

    call: float = 2.0
    """CPU seconds of one call; three times as many by the clock."""
    opening: float = 60.0
    """Seconds of the import."""
    seconds: float = 60.0
    """CPU seconds of the whole audit, over all starts."""
    memory: int = 4 * 2**30
    """Address space in bytes."""
    network: bool = False
    """Keep the network, for a running server."""


class Child:
    """One process, restarted when it dies; a context manager."""

    def __init__(self, target: Target, limits: Limits, *, hash_seed: int = 0) -> None:
        """Start it and import the target there.

        Args:
            target: what to import.
            limits: its limits.
            hash_seed: `PYTHONHASHSEED`, which determines the order of sets.

        Raises:
            InvalidOption: the target cannot be imported, or not as it was named.
        """
        self.target, self.limits, self.hash_seed = target, limits, hash_seed
        self.folder = Path(tempfile.mkdtemp(prefix="inwit-audit-"))
        self.starts, self.before, self.spent = 0, 0.0, 0.0
        self.begun = time.monotonic()
        self.prepared: dict[str, Sequence[Any]] = {}
        self.items: int | None = None  # how many there were, where fewer than asked for may be
        self.process: subprocess.Popen[bytes] | None = None
        self.buffer = b""
        try:
            self.about: Mapping[str, Any] = self._start()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Child":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def exhausted(self) -> bool:
        """Its time is up: CPU time, or five times as long by the clock."""
        waited = time.monotonic() - self.begun
        return self.spent > self.limits.seconds or waited > 5 * self.limits.seconds

    def prepare(self, name: str, *arguments: Any) -> Any:
        """Make a call that a new process must repeat; returns its value.

        Raises:
            InvalidOption: it went wrong.
        """
        reading = self.ask(name, [arguments], seconds=self.limits.opening)[0]
        if reading.outcome is not Outcome.VALUE:
            raise InvalidOption(f"{self.target.name}: {name} failed: {explained(reading)}")
        self.prepared[name] = arguments
        return reading.value

    def ask(
        self, name: str, calls: Sequence[Sequence[Any]], *, seconds: float | None = None
    ) -> list[Reading]:
        """Make calls of one kind, one after another.

        Args:
            name: of the kind.
            calls: their arguments.
            seconds: limit of one call; by default `limits.call`.

        Raises:
            InvalidOption: the adapter refused one, in words for the user.
        """
        readings: list[Reading] = []
        lost = 0
        while len(readings) < len(calls) and not self.exhausted and self.starts <= MOST_STARTS:
            rest = calls[len(readings) : len(readings) + CHUNK]
            for reading in self._batch(name, rest, seconds or self.limits.call):
                readings.append(reading)
                lost += reading.outcome in (Outcome.TIMEOUT, Outcome.DEATH)
                if lost == MOST_LOST:
                    self._kill()
                    break
            if lost == MOST_LOST:
                break
        return readings + [Reading(outcome=Outcome.SKIPPED)] * (len(calls) - len(readings))

    def close(self) -> None:
        """End the whole process group, and remove its folder."""
        self._kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _batch(self, name: str, calls: Sequence[Any], seconds: float) -> Iterator[Reading]:
        """Make calls until all are made or the process is lost."""
        if self.process is None:
            self._start()
        if not self._send(self._message(name, calls, seconds)):
            yield self._ended()
            return
        for _ in calls:
            answer = self._receive(SLACK * seconds + GRACE)
            if answer is None:
                yield self._ended()
                return
            yield self._reading(answer)

    def _message(self, name: str, calls: Sequence[Any], seconds: float) -> dict[str, Any]:
        return {"do": name, "calls": [list(each) for each in calls], "seconds": seconds}

    def _reading(self, answer: Mapping[str, Any]) -> Reading:
        self.spent = self.before + answer.get("seconds", 0.0)
        if "refused" in answer:
            raise InvalidOption(answer["refused"])
        if "failed" in answer:
            failed = answer["failed"]
            outcome, frames = Outcome(failed["outcome"]), tuple(failed["frames"])
            if outcome is Outcome.TIMEOUT:  # it may have slept, which costs no processor time
                self.before += failed["seconds"]
            return Reading(outcome=outcome, message=failed["message"], frames=frames)
        return Reading(value=answer["value"])

    def _start(self) -> Mapping[str, Any]:
        """Start the process, import the target, repeat the preparing calls."""
        self.starts += 1
        self.before, self.buffer = self.spent, b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "inwit.auditing.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env=self._environment(),
            start_new_session=True,
            bufsize=0,
        )
        limits = {**vars(self.limits), "seconds": int(self.limits.seconds) + 10}
        self._send({**self.target.message(), "limits": limits})
        answer = self._receive(SLACK * self.limits.opening + GRACE)
        reading = self._ended() if answer is None else self._reading(answer)
        if not isinstance(reading.value, dict):
            raise InvalidOption(f"{self.target.name} cannot be imported: {explained(reading)}")
        for name, arguments in self.prepared.items():
            self._send(self._message(name, [arguments], self.limits.opening))
            self._receive(SLACK * self.limits.opening + GRACE)
        return reading.value

    def _environment(self) -> dict[str, str]:
        """No secrets, an empty home, and import paths to inwit and the user's folder."""
        given = {name: os.environ[name] for name in ALLOWED if name in os.environ}
        ours = str(Path(__file__).parents[3])
        paths = [*self.target.paths, ours, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        return given | {
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            "PYTHONHASHSEED": str(self.hash_seed),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "HF_HUB_OFFLINE": "1",
            "TOKENIZERS_PARALLELISM": "false",
        }

    def _send(self, message: Mapping[str, Any]) -> bool:
        process = self.process
        assert process is not None
        assert process.stdin is not None
        try:
            rest = memoryview(encode(message))
            while rest:
                rest = rest[process.stdin.write(rest) :]
        except BrokenPipeError:
            return False
        return True

    def _receive(self, seconds: float) -> Any:
        """The next answer; None on timeout, or if the process ended."""
        assert self.process is not None
        assert self.process.stdout is not None
        until = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while b"\n" not in self.buffer:
                if not selector.select(max(0.0, until - time.monotonic())):
                    return None
                read = os.read(self.process.stdout.fileno(), 2**20)
                if not read or len(self.buffer) > MAX_LINE:
                    return None
                self.buffer += read
        line, _, self.buffer = self.buffer.partition(b"\n")
        return decode(line)

    def _ended(self) -> Reading:
        """The outcome of a process that did not answer."""
        assert self.process is not None
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(0.2)
        code = self.process.returncode
        self._kill()
        if code is None:
            self.spent += self.limits.call
            return Reading(outcome=Outcome.TIMEOUT, message="it hung and had to be killed")
        why = f"exit code {code}"
        if code < 0:
            why = f"signal {signal.Signals(-code).name}"
        return Reading(outcome=Outcome.DEATH, message=f"it ended the process ({why})")

    def _kill(self) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        self.process = None


def explained(reading: Reading) -> str:
    """An error with its frames in one line."""
    return " <- ".join([reading.message, *reversed(reading.frames)])
