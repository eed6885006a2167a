"""What travels between the caller and a node: run folders as bytes, files of tasks, modules."""

import io
import os
import shutil
import sys
import sysconfig
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from inwit.errors import InvalidOption
from inwit.files import PART, sync
from inwit.runs.workers.jobs import Job

PACKAGES = {"site-packages", "dist-packages"}
"""Folders in which packages are installed."""


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


def modules_with(function: Callable[..., Any]) -> list[ModuleType]:
    """The module of a function and those beside it, unless they are installed.

    A node has other folders, so these files may be missing there; what is installed is not.
    """
    while isinstance(function, partial):
        function = function.func
    name = getattr(function, "__module__", None) or ""
    place = _place(sys.modules.get(name))
    if not place or name.partition(".")[0] == "inwit" or _is_installed(place):
        return []
    beside = [(name, each) for name, each in list(sys.modules.items()) if _place(each) == place]
    return [each for name, each in beside if name == each.__name__ != "__main__"]


def _place(module: ModuleType | None) -> str:
    """The folder of a module's file; empty if it has none."""
    file = vars(module).get("__file__") if isinstance(module, ModuleType) else None
    return _real(os.path.dirname(file)) if isinstance(file, str) else ""


@cache
def _real(folder: str) -> str:
    return os.path.realpath(folder)


def _is_installed(place: str) -> bool:
    """Whether a folder is one of those in which Python and its packages are installed."""
    path = Path(place)
    installed = not PACKAGES.isdisjoint(path.parts)
    return installed or path.is_relative_to(sysconfig.get_path("stdlib"))
