"""New folders and files for what is exported; a place that is taken or shut is told in a line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inwit.errors import InvalidOption


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
