"""How arguments are read, and refused in one line; what commands share."""

import io
import re
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import TypeVar

import tyro

from inwit.errors import InvalidOption

TRACES, PROBLEMS = 5, 1000
"""How many attempts are shown, and problems scored, unless a number is given."""
Parsed = TypeVar("Parsed")


def parse(
    kind: type[Parsed], arguments: Sequence[str], program: str, default: Parsed | None = None
) -> Parsed:
    """Let tyro read the arguments; its box of explanations becomes one line."""
    told = io.StringIO()
    try:
        with redirect_stderr(told):
            if default is None:
                return tyro.cli(kind, args=list(arguments), prog=program)
            return tyro.cli(kind, args=list(arguments), prog=program, default=default)
    except SystemExit as stop:
        if not stop.code:
            raise
        raise InvalidOption(_one_line(told.getvalue())) from stop


def _one_line(box: str) -> str:
    text = " ".join(
        line.strip("\u2502\u2500\u256d\u256e\u2570\u256f ") for line in box.splitlines()[1:]
    )
    text = re.split(r"Argument helptext:|For full helptext", text)[0]
    return re.sub(r"\s+", " ", text).replace("Error parsing Recipe: ", "").strip()


def write(path: Path, text: str) -> None:
    """Write a text that the user asked for, or refuse the place in words."""
    try:
        path.write_text(text + "\n")
    except OSError as error:
        raise InvalidOption(f"{path} cannot be written: {error.strerror}") from error


def positive(name: str, value: int) -> None:
    """Refuse a number that is not at least 1."""
    if value < 1:
        raise InvalidOption(f"--{name} {value}: it must be at least 1")


def whole(name: str, text: str) -> int:
    """The whole number that a text is, or a refusal."""
    try:
        return int(text)
    except ValueError:
        raise InvalidOption(f"--{name} {text}: whole numbers such as 6,25,100 are due") from None


def named_run(run: Path | None) -> Path:
    """The run folder, or a refusal where none is named."""
    if run is None:
        raise InvalidOption("name a run's folder, or a language model: --agent llm:SPEC")
    return run


def only_one(run: Path | None) -> None:
    """Refuse a run folder beside another agent."""
    if run is not None:
        raise InvalidOption(f"{run} and --agent: one of them is due")
