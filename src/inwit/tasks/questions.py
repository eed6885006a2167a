"""Questions in plain words: their numbers, from text that a person typed or from a table.

A table is a CSV file with the columns `Question` (tokens, with `number0`, `number1`, ... for the
numbers in order), `Numbers` (their values) and `Answer`. No other column is read: a table may
contain the equations, and an agent that learns from answers must not see them.

In plain text `inwit.answers` reads numbers in digits or English words. Text that looks like a
number but may not be one is refused at its position; a number word that stays a word is listed.
"""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path

from inwit.answers.numerals import Chunk, Kind, chunks, plain
from inwit.answers.words import LOOSE, Token, fold
from inwit.errors import InvalidOption, InvalidProblem
from inwit.tasks.problem_file import stated_number
from inwit.texts import read_lines
from inwit.tools import plain_digits, to_float

NUMBER = None
"""Represents a number among the words; no typed text can equal it."""
COLUMNS = ("Question", "Numbers", "Answer")
WORD = re.compile(r"[a-z]+(?=n't)|n't|'s|[0-9]+(?:st|nd|rd|th)|[a-z][a-z0-9]*(?:-[a-z0-9]+)*|\S")
RANGE = re.compile(r"([^0-9.]*[0-9][0-9,.]*)([-\u2013])([0-9][0-9,.]*[^0-9]*)")
"""Two numbers with a dash between them: `10-15`."""
MARKED = re.compile(r"(#)([0-9].*)")
"""A number with its sign: `#5`."""
MAX_NUMBER = 10**300
"""Upper bound of numbers in a question."""
PLACE = re.compile(r"number\d+")


@dataclass(frozen=True, kw_only=True)
class Question:
    """One problem in words."""

    words: tuple[str | None, ...]
    """Words in lower case; `NUMBER` represents a number."""
    numbers: tuple[float, ...]
    """The numbers, in order."""
    answer: float
    """The right answer; NaN if unknown."""
    oracle: str = ""
    """The keys of a right program; empty if none is known."""
    place: str = field(default="", compare=False)
    """File and line; empty without a file."""
    left: tuple[str, ...] = ()
    """Possible number words that were read as words."""

    @property
    def text(self) -> str:
        """The words with the numbers filled in."""
        values = iter(self.numbers)
        return " ".join(
            plain_digits(next(values)) if each is NUMBER else each for each in self.words
        )


def read_question(text: str, known: Collection[str] = ()) -> Question:
    """Read a typed question.

    Args:
        text: the typed text.
        known: words of the training texts. An ambiguous word such as `one` or `half` stays a word
            if it is among them.

    Raises:
        InvalidProblem: it has no number, or something that may or may not be one.
    """
    typed = plain(text).replace("\u2019", "'")
    tokens = [token for chunk in chunks(typed) for token in _tokens(chunk, known)]
    _check_signs(tokens, typed)
    read = fold(tokens, {word for word in LOOSE if word in known})
    for token in read:
        if token.unclear:
            raise _unclear(token, typed)
    numbers = tuple(float(token.value) for token in read if token.value is not None)
    if not numbers:
        raise InvalidProblem(f"'{text:.60}' has no number: write it in digits or in words")
    words = tuple(NUMBER if token.value is not None else token.text for token in read)
    left = dict.fromkeys(word for word in words if word and _may_be_number(word))
    return Question(words=words, numbers=numbers, answer=float("nan"), left=tuple(left))


def _tokens(chunk: Chunk, known: Collection[str]) -> Iterator[Token]:
    """Split a chunk into words and a number without losing a character."""
    lower, parts = chunk.text.lower(), _parts(chunk)
    clear = abs(chunk.value) < MAX_NUMBER and not re.search("[0-9] [0-9]{3}", chunk.core)
    if chunk.kind is Kind.NUMBER and clear:
        yield from _words(chunk.lead, chunk.start)
        yield Token(text=chunk.core, start=chunk.start, value=chunk.value)
        yield from _words(f"{chunk.unit} {chunk.tail}", chunk.start)
    elif parts:
        for part in parts:
            yield from _tokens(part, known)
    elif chunk.kind in (Kind.UNCLEAR, Kind.NUMBER) and lower.strip(".,;:!?") not in known:
        yield Token(text=chunk.text, start=chunk.start, unclear=True)
    else:
        yield from _words(lower, chunk.start)


def _parts(chunk: Chunk) -> list[Chunk]:
    """The parts of an unclear chunk whose parts are clear: `#5`, `10-15`."""
    match = RANGE.fullmatch(chunk.text) or MARKED.fullmatch(chunk.text)
    if chunk.kind is not Kind.UNCLEAR or match is None:
        return []
    parts = [
        replace(part, start=part.start + chunk.start + match.start(group))
        for group in range(1, 1 + len(match.groups()))
        for part in chunks(match[group])
    ]
    return [] if any(part.kind is Kind.UNCLEAR for part in parts) else parts


def _words(text: str, start: int) -> Iterator[Token]:
    for word in WORD.finditer(text.lower()):
        yield Token(text=word[0], start=start + word.start())


def _check_signs(tokens: list[Token], text: str) -> None:
    """Refuse `10 -5`: it may be a difference or two numbers."""
    for before, token in pairwise(tokens):
        if token.value is not None and token.value < 0 and before.value is not None:
            raise _unclear(token, text)


def _unclear(token: Token, text: str) -> InvalidProblem:
    reason = f"'{token.text:.40}' looks like a number but is ambiguous"
    return InvalidProblem(f"{reason}: write it as 1234, 0.5, 3/4 or in words", text, token.start)


def _may_be_number(word: str) -> bool:
    return word in LOOSE or any(map(str.isdigit, word))


def read_table(path: Path) -> list[Question]:
    """The questions of a table.

    Raises:
        InvalidProblem: the file cannot be read, or a row is not of this form.
    """
    rows = _rows(path)
    header, begin = next(rows, ([], 0))
    if not begin:
        raise InvalidProblem(f"{path} is empty: it must have the columns {', '.join(COLUMNS)}")
    places = _columns(header, f"{path}:{begin}")
    questions = [
        _question(_cells(row, places, len(header), f"{path}:{line}"), f"{path}:{line}")
        for row, line in rows
    ]
    if not questions:
        raise InvalidProblem(f"{path} holds no problems: there is no row beneath the header")
    return questions


def _rows(path: Path) -> Iterator[tuple[list[str], int]]:
    """Non-blank rows, each with its first line number."""
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
    """Indices of the columns that are read."""
    names = [name.strip() for name in header]
    needed = ", ".join(COLUMNS)
    for name in COLUMNS:
        if name not in names:
            near = get_close_matches(name.lower(), {each.lower(): 0 for each in names}, n=1)
            other = next((each for each in names if near and each.lower() == near[0]), "")
            hint = f"; is it '{other:.40}'?" if other else ""
            if len(names) == 1 and re.search(r"[;\t|]", names[0]):
                hint = "; cells are separated by commas"
            raise InvalidProblem(f"{place}: no column '{name}': it must have {needed}{hint}")
        if names.count(name) > 1:
            at = " and ".join(str(1 + at) for at, each in enumerate(names) if each == name)
            raise InvalidProblem(f"{place}: column '{name}' occurs twice, as number {at}")
    return {name: names.index(name) for name in COLUMNS}


def _cells(row: Sequence[str], places: Mapping[str, int], count: int, place: str) -> dict[str, str]:
    """The needed cells of a row, by column."""
    if len(row) != count:
        reason = f"{len(row)} cells where the header has {count}"
        hint = "; a cell with a comma is written in quotes" if len(row) > count else ""
        raise InvalidProblem(f"{place}: {reason}{hint}")
    return {name: row[column] for name, column in places.items()}


def _question(row: Mapping[str, str], place: str) -> Question:
    tokens = row["Question"].lower().split()
    numbers = tuple(_number(cell, "Numbers", place) for cell in row["Numbers"].split())
    answer = _number(row["Answer"], "Answer", place)
    places = [token for token in tokens if PLACE.fullmatch(token)]
    expected = [f"number{order}" for order in range(len(numbers))]
    if not numbers or places != expected:
        reason = (
            f"Question has {' '.join(places) or 'no number0'}, Numbers has {len(numbers)} numbers"
        )
        raise InvalidProblem(f"{place}: {reason}: use number0, number1, ... in order, each once")
    words = tuple(NUMBER if token in places else token for token in tokens)
    return Question(words=words, numbers=numbers, answer=answer, place=place)


def _number(cell: str, column: str, place: str) -> float:
    """The number in a cell.

    Raises:
        InvalidProblem: there is no number, or it is too large.
    """
    value = stated_number(cell)
    if value != value:
        hint = "write one such as 12, 0.5, 1,234 or 3/4"
        raise InvalidProblem(f"{place}: {column}: '{cell.strip():.40}' is not a number: {hint}")
    try:
        return to_float(value)
    except InvalidOption as error:
        raise InvalidProblem(f"{place}: {column}: {error}") from error
