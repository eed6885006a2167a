"""What happens on a node of a cluster: a run in a folder of the node's own, sent back as bytes."""

import io
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from inwit.errors import InvalidOption
from inwit.extras import require
from inwit.files import PART, sync
from inwit.runs.workers.jobs import Job, Message, Progressed

PAUSE = 1.0
"""Seconds between two questions whether the run is to stop."""


def packed(folder: Path) -> bytes:
    """The files of a run folder as one archive; nothing if there is no folder."""
    if not folder.is_dir():
        return b""
    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED, compresslevel=1, strict_timestamps=False) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_file() and PART not in name.parts:
                archive.write(path, name)
    return written.getvalue()


def unpacked(archive: bytes, folder: Path) -> None:
    """Put the folder of an archive in the place of a folder, as a whole.

    It is unpacked beside, and then they change places: a kill leaves all of the old folder, or all
    of the new one, once `settle` has been called.
    """
    if not archive:
        return
    settle(folder)
    new, old = _beside(folder)
    new.mkdir(parents=True)
    with ZipFile(io.BytesIO(archive)) as files:
        for name in files.namelist():
            sync(Path(files.extract(name, new)))  # names with `..` stay inside of the folder
    if folder.exists():
        folder.rename(old)
    else:
        old.mkdir()
    settle(folder)


def settle(folder: Path) -> None:
    """Finish what `unpacked` has begun, also after a kill.

    What else somebody has put into the old folder stays.
    """
    new, old = _beside(folder)
    if old.exists() and not folder.exists():  # then the new one is whole
        for path in old.iterdir():
            if not (new / path.name).exists():
                path.rename(new / path.name)
        new.rename(folder)
        sync(folder.parent)
    for path in (new, old):
        shutil.rmtree(path, ignore_errors=True)


def _beside(folder: Path) -> tuple[Path, Path]:
    """Where a new folder waits until it is whole, and the old one until it is removed."""
    return folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")


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
    import torch

    from inwit.devices import keep_freed_memory
    from inwit.runs.workers.working import carry_out

    torch.set_num_threads(1)
    keep_freed_memory()
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


def _module(environment: object) -> str:
    """The file of `gymnasium:MODULE:ID` in the working folder; empty if it is installed."""
    given = environment.get("id", "") if isinstance(environment, Mapping) else ""
    file = f"{str(given).rpartition(':')[0].replace('.', '/')}.py"
    return file if Path(file).is_file() else ""


def sources_of(job: Job) -> dict[str, str]:
    """The file of a job's task, or of the module of its environment, if it lies here.

    Raises:
        InvalidOption: a task's file has an absolute path, or lies outside of the working folder.
    """
    source = str(job.recipe.get("source") or "") or _module(job.recipe.get("environment"))
    if not source:
        return {}
    if Path(source).is_absolute() or ".." in Path(source).parts:
        why = "nodes have other folders; name it by a path within the working folder"
        raise InvalidOption(f"--ray: {source}: {why}")
    return {source: Path(source).read_text(encoding="utf8")}
