"""Problems that people wrote into a file: one JSON object a line, `question` and `answer`."""

import json
from dataclasses import dataclass
from pathlib import Path

from inwit.answers import number
from inwit.errors import InvalidProblem

MAX_LINES, MAX_LINE, MAX_CHARACTERS = 1_000_000, 2**21, 2**28


@dataclass(frozen=True, kw_only=True)
class Written:
    """One line of a problem file."""

    line: int
    """Its number, from 1."""
    question: str
    """The expression; `=` or `= ?` at its end is left out."""
    answer: float
    """What the file says that the answer is."""


def read_problems(path: Path) -> list[Written]:
    """Read a problem file.

    Raises:
        InvalidProblem: the file cannot be read, or a line is not of this form.
    """
    problems, read = [], 0
    try:
        with path.open(encoding="utf8") as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE), ""), 1):
                read += len(line)
                if number > MAX_LINES or len(line) == MAX_LINE or read > MAX_CHARACTERS:
                    most = (
                        f"{MAX_LINES:,} lines of {MAX_LINE:,} characters, {MAX_CHARACTERS:,} in all"
                    )
                    raise InvalidProblem(f"{path}: too large at line {number}: at most {most}")
                if line.strip():
                    problems.append(_read(line, f"{path}:{number}", number))
    except OSError as error:
        raise InvalidProblem(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidProblem(f"{path} is no UTF-8 text: {error.reason}") from error
    if not problems:
        raise InvalidProblem(f"{path} holds no problems")
    return problems


def _read(line: str, place: str, number: int) -> Written:
    form = '{"question": "3*7+2", "answer": 23}'
    try:
        content = json.loads(line)
        question, stated = content["question"], content["answer"]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise InvalidProblem(f"{place}: a line must look like {form}") from error
    if not isinstance(question, str):
        raise InvalidProblem(f"{place}: question must be a text: a line must look like {form}")
    answer = _number(stated)
    if answer is None:
        told = f"answer: '{stated!s:.40}' cannot be read as one number"
        raise InvalidProblem(f'{place}: {told}: 23, 0.5, "1,234" or "3/4" can')
    question = question.strip().removesuffix("?").rstrip().removesuffix("=")
    return Written(line=number, question=question, answer=answer)


def _number(stated: object) -> float | None:
    """The number that is stated, in JSON or in a text; None where it is none for sure."""
    if isinstance(stated, bool) or not isinstance(stated, (int, float, str)):
        return None
    value = number(stated.strip() if isinstance(stated, str) else repr(stated))
    return None if value is None else float(value)
