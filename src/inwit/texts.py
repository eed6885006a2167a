"""Text files that people and other programs have made: UTF-8, with or without a byte order mark.

What is no such text is refused with its line, before anybody tries to read it as a table or JSON.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from inwit.errors import InwitError

MAX_LINES, MAX_LINE, MAX_CHARACTERS = 1_000_000, 2**21, 2**28
MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
"""What texts in other encodings begin with."""
UNREAD = re.compile("[\udc80-\udcff]")
"""What stands for a byte that is no UTF-8."""
SAVE = "save the file as UTF-8"


def read_lines(
    path: Path, refusal: type[InwitError], *, ends: bool = False, most: int = MAX_CHARACTERS
) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, from 1.

    Args:
        path: the file; a pipe is read, too.
        refusal: what is raised.
        ends: keep what ends each line, as a table needs it; otherwise it is a line feed.
        most: how many characters are read.

    Raises:
        InwitError: as `refusal`: there is no such file, it is too large, or no text in UTF-8.
    """
    try:
        if path.is_dir():
            raise refusal(f"{path} is a folder: a file is due")
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
        raise refusal(f"{path!s:.200} is no path: {error}") from error


def read_text(path: Path, refusal: type[InwitError], most: int) -> str:
    """The whole of a text file of at most so many characters; every line ends in a line feed.

    Raises:
        InwitError: as `read_lines`.
    """
    return "".join(line for _, line in read_lines(path, refusal, most=most))


def _check_mark(path: Path, file: BinaryIO, refusal: type[InwitError]) -> None:
    """Refuse a text that says that it is in another encoding."""
    begin = file.peek(4)[:4]  # type: ignore[attr-defined]
    for mark, name in MARKS:
        if begin.startswith(mark):
            raise refusal(f"{path} is {name} text: UTF-8 is due; {SAVE}")


def _lines(
    path: Path, text: io.TextIOWrapper, refusal: type[InwitError], most: int
) -> Iterator[tuple[int, str]]:
    total = 0
    for number, line in enumerate(iter(lambda: text.readline(MAX_LINE), ""), 1):
        total += len(line)
        if number > MAX_LINES or len(line) == MAX_LINE or total > most:
            told = f"{MAX_LINES:,} lines of {MAX_LINE:,} characters, {most:,} in all"
            raise refusal(f"{path}: too large at line {number}: at most {told}")
        if "\0" in line:
            told = "a byte of value 0: the file is no text, or UTF-16 without its mark"
            raise refusal(f"{path}:{number}: character {line.index(chr(0)) + 1} is {told}; {SAVE}")
        unread = UNREAD.search(line)
        if unread:
            byte = f"the byte {ord(unread[0]) - 0xDC00:#04x}"
            where = f"character {unread.start() + 1} is {byte}, which is no UTF-8"
            raise refusal(f"{path}:{number}: {where}; {SAVE}")
        yield number, line.removeprefix("\ufeff")  # files that were joined have one in each
