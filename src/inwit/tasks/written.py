"""Problems that people wrote into a file: one JSON object a line, `question` and `answer`."""

import json
import math
from dataclasses import dataclass
from pathlib import Path

from inwit.errors import InvalidProblem

MAX_LINES = 1_000_000


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
    problems = []
    try:
        with path.open(encoding="utf8") as file:
            for number, line in enumerate(file, 1):
                if number > MAX_LINES:
                    raise InvalidProblem(f"{path}: more than {MAX_LINES:,} lines")
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
        question, answer = content["question"], float(content["answer"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidProblem(f"{place}: a line must look like {form}") from error
    if not isinstance(question, str) or not math.isfinite(answer):
        raise InvalidProblem(f"{place}: a line must look like {form}")
    question = question.strip().removesuffix("?").rstrip().removesuffix("=")
    return Written(line=number, question=question, answer=answer)
