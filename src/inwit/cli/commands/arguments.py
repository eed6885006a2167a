"""Shared by the commands: reading and refusing arguments, defaults, small checks.

Neither this module nor the top-level imports of a command's module may import torch, so that help
answers at once.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import fields, is_dataclass
from os.path import abspath, exists, isdir
from pathlib import Path
from typing import Annotated, Any, TypeVar

import tyro
from tyro.conf import DisallowNone, Positional, arg

from inwit.errors import InvalidOption, flag_of

TRACES, PROBLEMS = 5, 1000
"""Default numbers of episodes shown and of problems scored."""
HELD_OUT = 2026
"""Default seed of held-out problems, as in `inwit.agent`."""
Parsed = TypeVar("Parsed")
Given = TypeVar("Given")


def default_hint(default: str) -> str:
    """What help says of a default; nothing of one that is empty, which the text explains."""
    return "" if default in ("", "''", "None") else f"(default: {default})"


OrNone = Annotated[Given | None, DisallowNone, arg(help_behavior_hint=default_hint)]
"""An option that may be left out, and then is None; a switch stays one."""
Text = Annotated[str, arg(metavar="TEXT", help_behavior_hint=default_hint)]
"""A text that may be left out."""
Texts = Annotated[
    tuple[str, ...] | None,
    DisallowNone,
    arg(metavar="TEXT [TEXT ...]", help_behavior_hint=default_hint),
]
"""Several of them, or none at all; the bare flag is refused."""
TaskFile = Annotated[str, arg(metavar="FILE.py", help_behavior_hint=default_hint)]
"""The file of a task."""
Run = Annotated[Positional[Path], arg(metavar="RUN")]
"""A run folder."""
RunOrNone = Annotated[
    Positional[Path | None], DisallowNone, arg(metavar="[RUN]", help_behavior_hint=default_hint)
]
"""A run folder, or the shipped agent."""


def parse(kind: type[Parsed], arguments: Sequence[str], program: str) -> Parsed:
    """Parse arguments into a dataclass; tyro prints help (exit code 0) and errors (2).

    Raises:
        InvalidOption: an option of several values is given without any.
    """
    return check_values(tyro.cli(kind, args=list(arguments), prog=program))


def check_values(parsed: Parsed) -> Parsed:
    """What was parsed, if every option that was given has a value.

    Raises:
        InvalidOption: one of several values is given without any.
    """
    for each in fields(parsed) if is_dataclass(parsed) else ():
        if each.default is None and getattr(parsed, each.name) == ():
            given = flag_of(each.name)
            raise InvalidOption(f"{given}: give at least one value, or leave the option out")
    return parsed


def parse_known(kind: type[Parsed], arguments: Sequence[str], program: str) -> Parsed:
    """The same, ignoring unknown arguments and without help."""
    known: tuple[Parsed, Any] = tyro.cli(
        kind, args=list(arguments), prog=program, return_unknown_args=True, add_help=False
    )
    return known[0]


def write(path: Path, text: str) -> None:
    """Write a text file for the user.

    Raises:
        InvalidOption: the file cannot be written.
    """
    try:
        path.write_text(text + "\n")
    except OSError as error:
        raise InvalidOption(f"{path} cannot be written: {error.strerror}") from error


def check_writable(*paths: Path | None, read: Sequence[Path | str | None] = ()) -> None:
    """Refuse files that cannot be written, before minutes are spent.

    Args:
        paths: of files that will be written; None for one that was not asked for.
        read: files that the command reads.

    Raises:
        InvalidOption: the folder of a file does not exist or nothing can be written there, the path
            is a folder, a file that the command reads, or was given twice.
    """
    taken = {abspath(each): "it is read here" for each in read if each}
    for path in paths:
        if path is None:
            continue
        if abspath(path) in taken:
            raise InvalidOption(f"{path} is not overwritten: {taken[abspath(path)]}")
        taken[abspath(path)] = "two results would be written there"
        if isdir(path) or not isdir(path.parent):
            wanted = "it must be a file in a folder that exists"
            raise InvalidOption(f"{path} cannot be written: {wanted}")
        if not os.access(path if exists(path) else path.parent, os.W_OK):
            raise InvalidOption(f"{path} cannot be written: permission denied")


def positive(name: str, value: int) -> None:
    """Refuse a number below 1, or beyond what can be counted to."""
    if not 1 <= value <= 10**9:
        raise InvalidOption(f"--{name} {value}: it must be at least 1, and at most 1,000,000,000")


def whole(name: str, text: str) -> int:
    """Read a whole number.

    Raises:
        InvalidOption: it is not a whole number.
    """
    try:
        return int(text)
    except ValueError:
        wanted = "give whole numbers such as 6,25,100"
        raise InvalidOption(f"--{name} {text}: {wanted}") from None


def levels_of(name: str, text: str) -> list[int] | None:
    """The levels that an option names, separated by commas; None if it is empty.

    Raises:
        InvalidOption: one is not a whole number or given twice, or there are none.
    """
    levels = [whole(name, part) for part in text.split(",") if part.strip()]
    if text and (not levels or len({*levels}) < len(levels)):
        raise InvalidOption(f"--{name} {text}: give each once, such as 6,25,100")
    return levels or None


def refuse(command: Any, names: Collection[str], reason: str) -> None:
    """Refuse options that would be ignored.

    Args:
        command: the dataclass of a command.
        names: its fields that must be at their defaults.
        reason: what is said of one that is not, after its flag.

    Raises:
        InvalidOption: one of them is not at its default.
    """
    for field in fields(command):
        value = getattr(command, field.name)
        if field.name in names and value != field.default:
            raise InvalidOption(f"{flag_of(field.name, value)} {reason}")


def only_one(run: Path | None) -> None:
    """Refuse a run folder together with `--agent`."""
    if run is not None:
        raise InvalidOption(f"{run} and --agent: give one of them")
