"""Mistakes of a user and interruptions: a line on the error output, and an exit code."""

import errno
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGPIPE

from inwit.errors import (
    FailedCode,
    Interrupted,
    InvalidFile,
    InvalidProblem,
    InwitError,
    own_code,
)

LONGEST_LINE, MISTAKES = 400, 20
"""Maximum characters of a line, and maximum lines about a file."""
UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""Errors of a disk that is full or gone, as the standard output may be on one."""
TRACEBACK = "INWIT_TRACEBACK"
"""Environment variable: where it is set, the traceback is printed, too."""


@contextmanager
def mistakes_in_a_line() -> Iterator[None]:
    """Print a user's mistake or interruption in one line, and exit."""
    try:
        with own_code():
            try:
                yield
            finally:
                sys.stdout.flush()
    except InwitError as error:
        wanted = bool(os.environ.get(TRACEBACK))
        if wanted:
            traceback.print_exception(error)
        hint = f"; {TRACEBACK}=1 shows the traceback" if isinstance(error, FailedCode) else ""
        print(f"inwit: {_plain(error)}{'' if wanted else hint}", file=sys.stderr)
        sys.exit(128 + error.signal if isinstance(error, Interrupted) else 2)
    except BrokenPipeError:  # nobody reads on, as in `inwit train --help | head`
        _close_output()
        sys.exit(128 + SIGPIPE)
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        _close_output()
        what = error.filename or "the output"
        print(f"inwit: {what} cannot be written: {error.strerror}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("inwit: stopped at once; the last checkpoint is whole", file=sys.stderr)
        sys.exit(130)


def _close_output() -> None:
    """Let what was not written yet go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _plain(error: InwitError) -> str:
    """A message, which may quote any file: short, on one line, without control characters."""
    lines, most_lines = str(error).splitlines(), 3
    if isinstance(error, InvalidFile):  # one line per mistake
        most_lines = MISTAKES
    elif not isinstance(error, InvalidProblem):  # its own lines point at a character
        lines = [" ".join(lines)]
    shown = [
        "".join(each if each.isprintable() else "?" for each in line) for line in lines[:most_lines]
    ]
    most = LONGEST_LINE // 2
    return "\n".join(
        line if len(line) <= 2 * most else f"{line[:most]} ... {line[-most:]}" for line in shown
    )
