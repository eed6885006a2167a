"""Where a new run goes: the folder that was named, or a new one under `runs/`."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from inwit.errors import InvalidOption
from inwit.recipe import RunRecipe

RUNS = Path("runs")
"""The folder of runs that were given none."""


def new_place(recipe: RunRecipe, which: str = "") -> Path:
    """Make the folder of a run that was given none; no two processes get the same one.

    Args:
        recipe: what is trained.
        which: what stands in the name after the task; by default the seed.

    Raises:
        InvalidOption: it cannot be made.
    """
    name = Path(recipe.label.partition(".py")[0]).name.replace(":", "-")
    wanted = RUNS / f"{name}-{which or recipe.seed}-{datetime.now():%Y%m%d-%H%M%S}"
    number, path = 2, wanted
    while not make(path):
        path, number = wanted.with_name(f"{wanted.name}-{number}"), number + 1
    return path


def make(path: Path) -> bool:
    """Make a folder; false if there is one already.

    Raises:
        InvalidOption: it cannot be made.
    """
    try:
        path.mkdir(parents=True)
    except FileExistsError as error:
        if path.is_dir():
            return False
        raise refused(path, error) from error
    except OSError as error:
        raise refused(path, error) from error
    return True


def refused(path: Path, error: OSError) -> InvalidOption:
    """A place where nothing can be written."""
    return InvalidOption(f"--out {path}: {error.strerror}; name another folder")


@contextmanager
def reserved(recipe: RunRecipe, which: str = "") -> Iterator[Path]:
    """The folder of a run whose name must be known before it begins; removed if it stays empty."""
    first = not RUNS.exists()
    path = new_place(recipe, which)
    try:
        yield path
    finally:
        for empty in (path, RUNS)[: 1 + first]:
            with suppress(OSError):
                empty.rmdir()
