"""Reads text files from people and other programs: UTF-8, with or without a byte order mark.

Anything else is refused with its line, before a table or JSON reader sees it.
"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

from inwit.errors import InwitError

MAX_LINES, MAX_LINE, MAX_CHARACTERS = 1_000_000, 2**21, 2**28
MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
"""Byte order marks of other encodings."""
UNREAD = re.compile("[\udc80-\udcff]")
"""Represents a byte that is not UTF-8."""
SAVE = "save the file as UTF-8"


def read_lines(
    path: Path, refusal: type[InwitError], *, ends: bool = False, most: int = MAX_CHARACTERS
) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, from 1.

    Args:
        path: the file, or a pipe.
        refusal: the error to raise.
        ends: keep the original line ends, as tables need; otherwise each is a line feed.
        most: maximum characters.

    Raises:
        InwitError: a `refusal`, if the file does not exist, is too large or is not UTF-8 text.
    """
    try:
        if path.is_dir():
            raise refusal(f"{path} is a folder, not a file")
        with path.open("rb") as file:
            _check_mark(path, file, refusal)
            newline = "" if ends else None
            text = io.TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline)
            yield from _lines(path, text, refusal, most)
    except OSError as error:
        raise refusal(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        if isinstance(error, InwitError):
            raise
        raise refusal(f"{path!s:.200} is not a path: {error}") from error


def read_text(path: Path, refusal: type[InwitError], most: int) -> str:
    """A whole text file of at most `most` characters; every line ends in a line feed.

    Raises:
        InwitError: as `read_lines`.
    """
    return "".join(line for _, line in read_lines(path, refusal, most=most))


def _check_mark(path: Path, file: BinaryIO, refusal: type[InwitError]) -> None:
    """Refuse a text with the mark of another encoding."""
    begin = file.peek(4)[:4]  # type: ignore[attr-defined]
    for mark, name in MARKS:
        if begin.startswith(mark):
            raise refusal(f"{path} is {name} text, not UTF-8; {SAVE}")


def _lines(
    path: Path, text: io.TextIOWrapper, refusal: type[InwitError], most: int
) -> Iterator[tuple[int, str]]:
    total = 0
    for number, line in enumerate(iter(lambda: text.readline(MAX_LINE), ""), 1):
        total += len(line)
        if number > MAX_LINES or len(line) == MAX_LINE or total > most:
            limits = f"{MAX_LINES:,} lines of {MAX_LINE:,} characters, {most:,} in all"
            raise refusal(f"{path}: too large at line {number}: at most {limits}")
        if "\0" in line:
            reason = "a byte of value 0: the file is not text, or UTF-16 without its mark"
            raise refusal(
                f"{path}:{number}: character {line.index(chr(0)) + 1} is {reason}; {SAVE}"
            )
        unread = UNREAD.search(line)
        if unread:
            byte = f"the byte {ord(unread[0]) - 0xDC00:#04x}"
            where = f"character {unread.start() + 1} is {byte}, which is not UTF-8"
            raise refusal(f"{path}:{number}: {where}; {SAVE}")
        yield number, line.removeprefix("\ufeff")  # concatenated files have several


def to_json(value: object, **options: Any) -> str:
    """JSON for every reader: `null` replaces numbers that are not finite.

    Args:
        value: plain values.
        options: those of `json.dumps`.
    """
    try:
        return json.dumps(value, allow_nan=False, **options)
    except ValueError:
        return json.dumps(_finite(value), allow_nan=False, **options)


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): _finite(each) for name, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, (list, tuple)) else value


def toml_lines(text: str) -> dict[str, int]:
    """The line number of each key of a TOML file, by its full name."""
    table, places = "", dict[str, int]()
    for number, line in enumerate(text.splitlines(), 1):
        if heading := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
            table = heading[1]
            places.setdefault(table, number)
        elif key := re.match(r"\s*\"?([\w.-]+)\"?\s*=", line):
            name = f"{table}.{key[1]}" if table else key[1]
            places.setdefault(name, number)
            for part in re.findall(r"[{,]\s*(\w+)\s*=", line):
                places.setdefault(f"{name}.{part}", number)
    return places
