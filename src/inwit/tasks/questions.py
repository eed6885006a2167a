"""Questions in plain words: their numbers, from text that a person typed or from a table.

A table is a CSV file with the columns `Question` (tokens; the numbers are written `number0`,
`number1`, ... in order), `Numbers` (their values) and `Answer`. No other column is read: a table
may well have the equations, and whoever learns from answers only must not see them.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inwit.errors import InvalidOption, InvalidProblem
from inwit.tools import to_float

NUMBER = "#"
"""Stands for a number among the words."""
MAX_ROWS = 1_000_000
COLUMNS = ("Question", "Numbers", "Answer")
NAMES = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
VALUES = {name: float(value) for value, name in enumerate(NAMES, 2)}
DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
TOKEN = re.compile(rf"{DIGITS}|[a-z]+(?=n't)|n't|'s|[a-z]+(?:-[a-z]+)*|\S")
PLACE = re.compile(r"number\d+")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One problem in words."""

    words: tuple[str, ...]
    """In small letters; `NUMBER` stands for a number."""
    numbers: tuple[float, ...]
    """The numbers, in order."""
    answer: float
    """The right answer; NaN where nobody knows it."""
    oracle: str = ""
    """The keys of a right program, where one is known."""


def read_question(text: str) -> Question:
    """The question that a person typed: digits and the words two to twelve are its numbers.

    Raises:
        InvalidProblem: there is no number in it.
    """
    words, numbers = list[str](), list[float]()
    for token in TOKEN.findall(text.lower().replace("\u2019", "'")):
        value = VALUES.get(token)
        if re.fullmatch(DIGITS, token):
            value = float(token.replace(",", ""))
        words.append(token if value is None else NUMBER)
        numbers += [] if value is None else [value]
    if not numbers:
        raise InvalidProblem(f"'{text:.60}' has no number: write it in digits, or two to twelve")
    return Question(words=tuple(words), numbers=tuple(numbers), answer=float("nan"))


def read_table(path: Path) -> list[Question]:
    """The questions of a table.

    Raises:
        InvalidProblem: the file cannot be read, or a row is not of this form.
    """
    try:
        with path.open(encoding="utf8", newline="") as file:
            questions = list(_rows(csv.DictReader(file), path))
    except OSError as error:
        raise InvalidProblem(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidProblem(f"{path} is no table of UTF-8 text: {error}") from error
    if not questions:
        raise InvalidProblem(f"{path} holds no problems")
    return questions


def _rows(reader: "csv.DictReader[str]", path: Path) -> Iterator[Question]:
    missing = set(COLUMNS) - set(reader.fieldnames or ())
    if missing:
        raise InvalidProblem(f"{path} has no column '{min(missing)}': {', '.join(COLUMNS)} are due")
    for row in reader:
        if reader.line_num > MAX_ROWS:
            raise InvalidProblem(f"{path}: more than {MAX_ROWS:,} lines")
        yield _question(row, f"{path}:{reader.line_num}")


def _question(row: dict[str, str], place: str) -> Question:
    tokens = (row["Question"] or "").lower().split()
    try:
        numbers = tuple(map(float, (row["Numbers"] or "").split()))
        answer = float(row["Answer"])
    except (TypeError, ValueError) as error:
        raise InvalidProblem(f"{place}: Numbers and Answer must be numbers") from error
    places = [token for token in tokens if PLACE.fullmatch(token)]
    if not numbers or places != [f"number{order}" for order in range(len(numbers))]:
        raise InvalidProblem(
            f"{place}: the question must hold number0, number1, ... in order, one of each"
        )
    for name, values in (("Numbers", numbers), ("Answer", (answer,))):
        try:
            list(map(to_float, values))
        except InvalidOption as error:
            raise InvalidProblem(f"{place}: {name}: {error}") from error
    words = tuple(NUMBER if token in places else token for token in tokens)
    return Question(words=words, numbers=numbers, answer=answer)
