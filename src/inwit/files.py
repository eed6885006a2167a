"""Writes files that survive kills and full disks, and reads untrusted files.

A file is written beside its target, synced, read back and renamed, and its folder is synced: at any
moment the target is the old or the new file, whole. Only regular files of bounded size are read.
Tensors are stored as safetensors with a hash of their content.
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
"""Temporary file and lock: one process at a time writes into a folder."""
MAX_LINE = 2**16
"""Maximum bytes of a line."""
METADATA = "inwit"
"""The metadata entry of a safetensors file."""


def write(folder: Path, name: str, content: bytes) -> None:
    """Replace a file of a folder atomically.

    Raises:
        OSError: it could not be written; the old file is unchanged.
    """
    beside, place = folder / PART, folder / name
    try:
        beside.unlink(missing_ok=True)
        # Never follow a link: the file must be new.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(descriptor, left) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if beside.read_bytes() != content:
            raise OSError(None, "the written file reads back differently")
        os.replace(beside, place)
        sync(place.parent)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
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
        DamagedRun: it is not a regular file, is larger, or cannot be read.
    """
    try:
        return checked(path, most).read_bytes()
    except OSError as error:
        raise DamagedRun(f"{path}: {error.strerror}") from error


def checked(path: Path, most: int) -> Path:
    """Check that a path is a regular file of at most `most` bytes, without opening it.

    Raises:
        DamagedRun: it is not a regular file, or larger.
        OSError: it does not exist.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise DamagedRun(f"{path} is not a regular file")
    if status.st_size > most:
        raise DamagedRun(f"{path} has {status.st_size:,} bytes: at most {most:,} are read")
    return path


def lines(path: Path, most: int) -> Iterator[bytes]:
    """The complete lines of a file of at most `most` bytes; none if there is no file.

    Raises:
        DamagedRun: it is not a regular file, or larger, or a line is longer than `MAX_LINE`.
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
    """Lock a folder against other processes; the lock ends with its process.

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
            reason = "another process is writing into it; wait for it, or name another folder"
            raise InvalidOption(f"{folder}: {reason}") from None
        yield
    finally:
        os.close(descriptor)


def read_numbers(line: bytes) -> dict[str, float]:
    """The numbers of a line that `to_json` wrote, by name; NaN for null.

    Raises:
        ValueError: it is not a JSON object.
    """
    read = json.loads(line)
    if not isinstance(read, dict):
        raise ValueError("it must be an object")
    return {name: nan if value is None else value for name, value in read.items()}


def pack(tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> bytes:
    """Pack tensors and metadata into safetensors with a hash."""
    # Copies, since safetensors refuses shared tensors.
    whole = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}
    # One entry, since safetensors writes several in an order that varies between processes.
    return save(
        whole, {METADATA: to_json({**metadata, "hash": _hash(metadata, whole)}, sort_keys=True)}
    )


def unpack(content: bytes) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Unpack tensors and metadata.

    Raises:
        ValueError: the content is damaged, or `pack` did not make it.
    """
    try:
        tensors = load(content)
        length = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + length]).get("__metadata__", {})
        metadata = dict(json.loads(header.get(METADATA, "{}")))
        if metadata.pop("hash", None) != _hash(metadata, tensors):
            raise ValueError("its content does not match its hash")
    except (SafetensorError, RuntimeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return tensors, metadata


def _hash(metadata: Mapping[str, str], tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(to_json(metadata, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        if tensor.numel():
            digest.update(tensor.contiguous().view(-1).view(uint8).numpy().tobytes())
    return digest.hexdigest()


@contextmanager
def new_folder(option: str, path: Path) -> Iterator[Path]:
    """Make a new folder for output.

    Raises:
        InvalidOption: it is not empty, or cannot be written.
    """
    with writing(option, path):
        path.mkdir(parents=True, exist_ok=True)
        if any(path.iterdir()):
            raise InvalidOption(f"--{option} {path}: the folder is not empty; name a new one")
        yield path


@contextmanager
def writing(option: str, path: Path) -> Iterator[None]:
    """Turn errors of the disk into `InvalidOption`.

    Raises:
        InvalidOption: something cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise InvalidOption(f"--{option} {path}: {error.strerror}; name another place") from error
