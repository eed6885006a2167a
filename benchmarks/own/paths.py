"""Paths of a file system: parents, names, suffixes, neighbours."""

import random
from pathlib import PurePosixPath as Path

import inwit

FOLDERS, NAMES = ["home", "var", "data", "src", "lib", "mail"], ["notes", "index", "main", "log"]


def parent(path: Path) -> Path:
    return path.parent


def name(path: Path) -> str:
    return path.name


def join(path: Path, name: str) -> Path:
    return path / name


def with_suffix(path: Path, suffix: str) -> Path:
    return path.with_suffix(suffix)


@inwit.task(tools=[parent, name, join, with_suffix])
def paths(draw: random.Random) -> inwit.Problem:
    file, suffix = draw.choice(NAMES) + ".txt", draw.choice([".md", ".py", ".csv"])
    path = Path("/", *draw.sample(FOLDERS, 3), draw.choice(NAMES) + ".tar")
    prompt, answer, level = draw.choice(
        [
            ("the name of {0}", path.name, 0),
            ("the folder of {0}", path.parent, 0),
            ("{0} as {2}", path.with_suffix(suffix), 0),
            ("{1} beside {0}", path.parent / file, 1),
            ("the name of the folder of {0}", path.parent.name, 1),
            ("{1} in the folder above that of {0}", path.parent.parent / file, 2),
            ("{1} beside {0} but as {2}", (path.parent / file).with_suffix(suffix), 2),
        ]
    )
    return inwit.Problem(prompt=prompt, operands=(path, file, suffix), answer=answer, level=level)
