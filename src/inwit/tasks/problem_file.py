"""Problem files: one JSON object per line, with `question` and `answer`."""

import json
from dataclasses import dataclass
from difflib import get_close_matches
from math import nan
from pathlib import Path
from typing import Any

from inwit.answers import number
from inwit.answers.numerals import MAX_FLOAT
from inwit.errors import InvalidProblem
from inwit.texts import read_lines, to_json

FORM = '{"question": "3*7+2", "answer": 23}'
SHOWN = 60
"""Maximum characters of a quoted value."""


@dataclass(frozen=True, kw_only=True)
class FileProblem:
    """One line of a problem file."""

    line: int
    """Its number, from 1."""
    question: str
    """The question."""
    answer: float
    """The stated answer as a number; NaN if it is not one."""
    stated: str
    """The answer as it was stated."""
    place: str = ""
    """File and line; empty without a file."""


def read_problems(path: Path) -> list[FileProblem]:
    """Read a problem file.

    Raises:
        InvalidProblem: the file cannot be read, or a line is not of this form.
    """
    problems = [
        _read(line, f"{path}:{count}", count)
        for count, line in read_lines(path, InvalidProblem)
        if line.strip()
    ]
    if not problems:
        raise InvalidProblem(f"{path} holds no problems: write one per line, such as {FORM}")
    return problems


def stated_number(text: str) -> float:
    """The number in a text such as `1,234`, `-0.5`, `3/4`; NaN if it is not certainly one."""
    value = number(text.strip())
    return nan if value is None else float(value)


class _Number(str):
    """A number of JSON as it was written."""

    __slots__ = ()


class _Object(list[tuple[str, object]]):
    """A JSON object, in which a name may occur twice."""


def _read(line: str, place: str, count: int) -> FileProblem:
    given = _object(line, place)
    question, answer = (_field(given, name, place) for name in ("question", "answer"))
    if isinstance(question, _Number) or not isinstance(question, str):
        raise InvalidProblem(f"{place}: question: {_typed(question)}: it must be a text")
    if not isinstance(answer, str):
        raise InvalidProblem(f"{place}: answer: {_typed(answer)}: it must be a number or a text")
    value = stated_number(answer)
    if isinstance(answer, _Number) and value != value:
        reason = f"'{answer:.{SHOWN}}' is not a number up to {float(MAX_FLOAT):.2g}"
        raise InvalidProblem(f"{place}: answer: {reason}")
    return FileProblem(line=count, place=place, question=question, answer=value, stated=str(answer))


def _object(line: str, place: str) -> _Object:
    """The object of a line, its numbers as written."""
    hint = f"it must be an object, such as {FORM}"
    numbers: dict[str, Any] = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), _Number)
    try:
        given = json.loads(line, object_pairs_hook=_Object, **numbers)
    except json.JSONDecodeError as error:
        at = f"character {error.pos + 1} is not JSON ({error.msg})"
        raise InvalidProblem(f"{place}: {at}: {hint}") from error
    except RecursionError as error:
        raise InvalidProblem(f"{place}: too many brackets: {hint}") from error
    if not isinstance(given, _Object):
        raise InvalidProblem(f"{place}: {_typed(given)}: {hint}")
    return given


def _field(given: _Object, name: str, place: str) -> object:
    """The value of the one field of this name."""
    values = [value for each, value in given if each == name]
    if len(values) > 1:
        found = " and ".join(map(_typed, values))
        raise InvalidProblem(f"{place}: {name} is given {len(values)} times: {found}")
    if not values:
        names = {each.casefold(): each for each, _ in given}
        close = get_close_matches(name, names, n=1)
        hint = f"; did you mean '{names[close[0]]}'?" if close else ""
        found = ", ".join(f"'{each:.20}'" for each in names.values()) or "nothing"
        raise InvalidProblem(f"{place}: no {name}, it has {found:.200}{hint}: write {FORM}")
    return values[0]


def _typed(value: object) -> str:
    """A JSON value with its type, for messages."""
    if isinstance(value, list):
        return "an object" if isinstance(value, _Object) else "a list"
    if not isinstance(value, str):
        return to_json(value)
    kind = "a number" if isinstance(value, _Number) else "a text"
    return f"'{value:.{SHOWN}}' is {kind}"
