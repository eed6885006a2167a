"""Files that neither a kill nor a full disk can spoil, and files that strangers have made.

A file is written beside its place, synced, read back and renamed, and its folder is synced: at any
moment it is the old one or the new one, whole. A file is read only if it is a regular one of a
bounded size. Tensors are kept as safetensors with a hash of their content.
"""

import hashlib
import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from math import nan
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, uint8

from inwit.errors import DamagedRun, InvalidOption
from inwit.texts import to_json

PART = ".part"
"""What is being written; one process at a time writes into a folder."""
MAX_LINE = 2**16
"""Bytes of a line."""
TOLD = "inwit"
"""Where a safetensors file has the words about its tensors."""


def write(folder: Path, name: str, content: bytes) -> None:
    """Replace a file of a folder, whole or not at all.

    Raises:
        OSError: it could not be written; what was there is as it was.
    """
    beside, place = folder / PART, folder / name
    try:
        beside.unlink(missing_ok=True)
        # A link that somebody has put there is not followed: the file must be new.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if beside.read_bytes() != content:
            raise OSError(None, "what was written reads differently")
        os.replace(beside, place)
        sync(place.parent)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if sys.platform == "win32" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: Path, most: int) -> bytes:
    """The content of a regular file of at most `most` bytes.

    Raises:
        DamagedRun: it is another sort of file, is larger, or cannot be read.
    """
    try:
        return checked(path, most).read_bytes()
    except OSError as error:
        raise DamagedRun(f"{path}: {error.strerror}") from error


def checked(path: Path, most: int) -> Path:
    """A path to a regular file of at most `most` bytes; a pipe or a device is never opened.

    Raises:
        DamagedRun: it is another sort of file, or larger.
        OSError: there is none.
    """
    told = path.stat()
    if not stat.S_ISREG(told.st_mode):
        raise DamagedRun(f"{path} is no regular file")
    if told.st_size > most:
        raise DamagedRun(f"{path} has {told.st_size:,} bytes: at most {most:,} are read")
    return path


def lines(path: Path, most: int) -> Iterator[bytes]:
    """The lines of a file of at most `most` bytes, if there is one, without a last one cut short.

    Raises:
        DamagedRun: it is another sort of file, or larger; a line is longer than `MAX_LINE`.
    """
    if not os.path.exists(path):
        return
    with checked(path, most).open("rb") as file:
        while line := file.readline(MAX_LINE):
            if line.endswith(b"\n"):
                yield line
            elif len(line) == MAX_LINE:
                raise DamagedRun(f"{path} has a line of more than {MAX_LINE:,} bytes")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other processes from writing into a folder; the lock ends with its process.

    Raises:
        InvalidOption: another process holds it.
    """
    if sys.platform == "win32":
        yield
        return
    from fcntl import LOCK_EX, LOCK_NB, flock

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            reason = "another process is writing into it; wait for its end, or name another folder"
            raise InvalidOption(f"{folder}: {reason}") from None
        yield
    finally:
        os.close(descriptor)


def read_numbers(line: bytes) -> dict[str, float]:
    """The numbers of a line that `to_json` wrote, by name; NaN where there is none.

    Raises:
        ValueError: it is no object in JSON.
    """
    read = json.loads(line)
    if not isinstance(read, dict):
        raise ValueError("an object is due")
    return {name: nan if value is None else value for name, value in read.items()}


def pack(tensors: Mapping[str, Tensor], told: Mapping[str, str]) -> bytes:
    """Tensors and words about them as a safetensors file that states its hash."""
    # Copies: two names of one tensor cannot be kept.
    whole = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}
    # One entry: safetensors writes several in an order that changes from process to process.
    return save(whole, {TOLD: to_json({**told, "hash": _hash(told, whole)}, sort_keys=True)})


def unpack(content: bytes) -> tuple[dict[str, Tensor], dict[str, str]]:
    """What was packed; files of other programs, which state no hash, can be read, too.

    Raises:
        ValueError: it is not what was packed.
    """
    try:
        tensors = load(content)
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length]).get("__metadata__", {})
        told = dict(json.loads(header.get(TOLD, "{}")))
        stated = told.pop("hash", None)
        if stated not in (None, _hash(told, tensors)):
            raise ValueError("its content has another hash than it states")
    except (SafetensorError, RuntimeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return tensors, told


def _hash(told: Mapping[str, str], tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(to_json(told, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().view(-1).view(uint8).numpy().tobytes())
    return digest.hexdigest()


@contextmanager
def new_folder(option: str, path: Path) -> Iterator[Path]:
    """A folder that is made, and is to be filled.

    Raises:
        InvalidOption: it holds something already, or cannot be written.
    """
    with writing(option, path):
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise InvalidOption(f"--{option} {path}: the folder is not empty; name a new one")
        yield path


@contextmanager
def writing(option: str, path: Path) -> Iterator[None]:
    """Tell what the disk refuses.

    Raises:
        InvalidOption: something cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise InvalidOption(f"--{option} {path}: {error.strerror}; name another place") from error
