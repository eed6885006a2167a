"""What the commands share: how arguments are read and refused, defaults, small checks.

Nothing here, and nothing that a command's module imports at its top, may import torch: the help of
a command answers at once.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import tyro

from inwit.errors import InvalidOption

TRACES, PROBLEMS = 5, 1000
"""How many episodes are shown, and problems scored, unless a number is given."""
HELD_OUT = 2026
"""The seed of held-out problems, unless one is given: that of `inwit.agent`."""
Parsed = TypeVar("Parsed")


def parse(kind: type[Parsed], arguments: Sequence[str], program: str) -> Parsed:
    """The arguments as a dataclass; help and mistakes are tyro's, exit codes 0 and 2."""
    return tyro.cli(kind, args=list(arguments), prog=program)


def parse_known(kind: type[Parsed], arguments: Sequence[str], program: str) -> Parsed:
    """The same, but arguments of others are passed over, and no help is given."""
    known: tuple[Parsed, Any] = tyro.cli(
        kind, args=list(arguments), prog=program, return_unknown_args=True, add_help=False
    )
    return known[0]


def write(path: Path, text: str) -> None:
    """Write a text that the user asked for.

    Raises:
        InvalidOption: the place cannot be written.
    """
    try:
        path.write_text(text + "\n")
    except OSError as error:
        raise InvalidOption(f"{path} cannot be written: {error.strerror}") from error


def positive(name: str, value: int) -> None:
    """Refuse a number that is not at least 1."""
    if value < 1:
        raise InvalidOption(f"--{name} {value}: it must be at least 1")


def whole(name: str, text: str) -> int:
    """The whole number that a text is.

    Raises:
        InvalidOption: it is none.
    """
    try:
        return int(text)
    except ValueError:
        wanted = "whole numbers such as 6,25,100 are wanted"
        raise InvalidOption(f"--{name} {text}: {wanted}") from None


def only_one(run: Path | None) -> None:
    """Refuse a run folder beside another agent."""
    if run is not None:
        raise InvalidOption(f"{run} and --agent: give one of them")
