"""Questions in plain words: their numbers, from text that a person typed or from a table.

A table is a CSV file with the columns `Question` (tokens; the numbers are written `number0`,
`number1`, ... in order), `Numbers` (their values) and `Answer`. No other column is read: a table
may well have the equations, and whoever learns from answers only must not see them.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from inwit.errors import InvalidProblem
from inwit.tasks.written import read_number
from inwit.texts import read_lines

NUMBER = "#"
"""Stands for a number among the words."""
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
    place: str = field(default="", compare=False)
    """The file and the line where it stands; empty where there is none."""


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
    rows = _rows(path)
    header, begin = next(rows, ([], 0))
    if not begin:
        raise InvalidProblem(f"{path} is empty: the columns {', '.join(COLUMNS)} are due")
    places = _columns(header, f"{path}:{begin}")
    questions = [
        _question(_cells(row, places, len(header), f"{path}:{line}"), f"{path}:{line}")
        for row, line in rows
    ]
    if not questions:
        raise InvalidProblem(f"{path} holds no problems: there is no row beneath the header")
    return questions


def _rows(path: Path) -> Iterator[tuple[list[str], int]]:
    """The rows that are not blank, each with the line where it begins."""
    lines = read_lines(path, InvalidProblem, ends=True)
    reader, begin = csv.reader((line for _, line in lines), strict=True), 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                yield row, begin
            begin = reader.line_num + 1
    except csv.Error as error:
        raise InvalidProblem(f"{path}:{begin}: the row that begins here: {error}") from error


def _columns(header: Sequence[str], place: str) -> dict[str, int]:
    """Where the columns stand that are read."""
    names = [name.strip() for name in header]
    told = ", ".join(COLUMNS)
    for name in COLUMNS:
        if name not in names:
            near = get_close_matches(name.lower(), {each.lower(): 0 for each in names}, n=1)
            other = next((each for each in names if near and each.lower() == near[0]), "")
            hint = f"; is it '{other:.40}'?" if other else ""
            if len(names) == 1 and re.search(r"[;\t|]", names[0]):
                hint = "; cells are separated by commas"
            raise InvalidProblem(f"{place}: no column '{name}': {told} are due{hint}")
        if names.count(name) > 1:
            at = " and ".join(str(1 + at) for at, each in enumerate(names) if each == name)
            raise InvalidProblem(f"{place}: column '{name}' stands there twice, as number {at}")
    return {name: names.index(name) for name in COLUMNS}


def _cells(row: Sequence[str], places: Mapping[str, int], count: int, place: str) -> dict[str, str]:
    """The cells of a row that are read, by column."""
    if len(row) != count:
        told = f"{len(row)} cells where the header has {count}"
        hint = "; a cell with a comma is written in quotes" if len(row) > count else ""
        raise InvalidProblem(f"{place}: {told}{hint}")
    return {name: row[column] for name, column in places.items()}


def _question(row: Mapping[str, str], place: str) -> Question:
    tokens = row["Question"].lower().split()
    numbers = tuple(_number(cell, "Numbers", place) for cell in row["Numbers"].split())
    answer = _number(row["Answer"], "Answer", place)
    places = [token for token in tokens if PLACE.fullmatch(token)]
    due = [f"number{order}" for order in range(len(numbers))]
    if not numbers or places != due:
        told = (
            f"Question has {' '.join(places) or 'no number0'}, Numbers has {len(numbers)} numbers"
        )
        raise InvalidProblem(
            f"{place}: {told}: number0, number1, ... in order are due, one of each"
        )
    words = tuple(NUMBER if token in places else token for token in tokens)
    return Question(words=words, numbers=numbers, answer=answer, place=place)


def _number(cell: str, column: str, place: str) -> float:
    """The number in a cell."""
    value = read_number(cell)
    if value != value:
        due = "a number such as 12, 0.5, 1,234 or 3/4 is due"
        raise InvalidProblem(f"{place}: {column}: '{cell.strip():.40}' is no finite number: {due}")
    return value
