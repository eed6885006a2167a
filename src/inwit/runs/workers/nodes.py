"""What happens on a node of a cluster: a run in a folder of the node's own, or a call."""

import os
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inwit.extras import require
from inwit.runs.workers.jobs import Job, Message, Progressed
from inwit.runs.workers.travelling import packed, unpacked

PAUSE = 1.0
"""Seconds between two questions whether the run is to stop."""


class Mailbox:
    """An actor beside the caller: what runs report, and which of them are to stop."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.letters: list[tuple[str, Progressed, bytes]] = []
        self.stopping: set[str] = set()

    def put(self, name: str, message: Progressed, archive: bytes) -> bool:
        """Take a report, with the run folder where it has grown; true if the run is to stop."""
        self.letters.append((name, message, archive))
        return name in self.stopping

    def take(self) -> list[tuple[str, Progressed, bytes]]:
        """All reports since the last call."""
        letters, self.letters = self.letters, []
        return letters

    def stop(self, name: str) -> None:
        """Note that a run is to stop."""
        self.stopping.add(name)

    def stops(self, name: str) -> bool:
        """Whether a run is to stop."""
        return name in self.stopping


class Post:
    """The pipe of a run on a node."""

    def __init__(self, mailbox: Any, name: str, folder: Path) -> None:
        """Report to a mailbox."""
        self.mailbox, self.name, self.folder = mailbox, name, folder
        self.asked, self.shipped, self.looked = False, 0, time.monotonic()

    def send(self, message: Progressed) -> None:
        """Report; the folder goes along at every snapshot."""
        grown = len(message.snapshots) > self.shipped
        self.shipped = len(message.snapshots)
        archive = packed(self.folder) if grown else b""
        self.asked = self._get(self.mailbox.put.remote(self.name, message, archive))

    def poll(self) -> bool:
        """Whether the run is to stop."""
        if not self.asked and time.monotonic() - self.looked > PAUSE:
            self.looked = time.monotonic()
            self.asked = self._get(self.mailbox.stops.remote(self.name))
        return self.asked

    def _get(self, answer: Any) -> bool:
        ray: Any = require("ray", "ray")
        try:
            return bool(ray.get(answer))
        except ray.exceptions.RayError as error:
            raise OSError(str(error)) from error


def work_on_node(
    job: Job, archive: bytes, sources: Mapping[str, str], mailbox: Any
) -> tuple[Message, bytes]:
    """Carry out a job in a folder of its own, with one thread.

    Args:
        job: its folder is replaced.
        archive: the run folder so far.
        sources: the files of the task, by their relative paths.
        mailbox: takes the reports.

    Returns:
        The last message of the run, and its folder.
    """
    from inwit.runs.workers.working import carry_out

    _prepare()
    with tempfile.TemporaryDirectory(prefix="inwit-") as place:
        out = Path(place) / "run"
        unpacked(archive, out)
        for name, text in sources.items():
            (Path(place) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(place) / name).write_text(text, encoding="utf8")
        before = Path.cwd()
        os.chdir(place)
        try:
            message = carry_out(replace(job, out=out), Post(mailbox, job.name, out))
            return message, packed(out)
        finally:
            os.chdir(before)


def call_on_node(
    function: Callable[..., Any], given: Sequence[Any], named: Mapping[str, Any]
) -> Any:
    """Call a function with one thread, as in a process of this machine."""
    _prepare()
    return function(*given, **named)


def _prepare() -> None:
    import torch

    from inwit.devices import keep_freed_memory

    torch.set_num_threads(1)
    keep_freed_memory()
