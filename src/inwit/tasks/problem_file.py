"""Problems that people wrote into a file: one JSON object a line, `question` and `answer`."""

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
"""Characters of a value that are quoted."""


@dataclass(frozen=True, kw_only=True)
class FileProblem:
    """One line of a problem file."""

    line: int
    """Its number, from 1."""
    question: str
    """What is asked."""
    answer: float
    """The number that is stated as the answer; NaN where none is."""
    stated: str
    """The answer as it was stated."""
    place: str = ""
    """The file and the line; empty where there is none."""


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
        raise InvalidProblem(f"{path} holds no problems: a line for each is due, such as {FORM}")
    return problems


def stated_number(text: str) -> float:
    """The number that a text is, NaN where it is none for sure: `1,234`, `-0.5`, `3/4`."""
    value = number(text.strip())
    return nan if value is None else float(value)


class _Number(str):
    """A number of JSON as it was written."""

    __slots__ = ()


class _Object(list[tuple[str, object]]):
    """An object of JSON: a name may stand in it twice."""


def _read(line: str, place: str, count: int) -> FileProblem:
    given = _object(line, place)
    question, answer = (_field(given, name, place) for name in ("question", "answer"))
    if isinstance(question, _Number) or not isinstance(question, str):
        raise InvalidProblem(f"{place}: question: {_told(question)}: a text is due")
    if not isinstance(answer, str):
        raise InvalidProblem(f"{place}: answer: {_told(answer)}: a number or a text is due")
    value = stated_number(answer)
    if isinstance(answer, _Number) and value != value:
        told = f"'{answer:.{SHOWN}}' is no number up to {float(MAX_FLOAT):.2g}"
        raise InvalidProblem(f"{place}: answer: {told}")
    return FileProblem(line=count, place=place, question=question, answer=value, stated=str(answer))


def _object(line: str, place: str) -> _Object:
    """The object of a line, its numbers as they were written."""
    due = f"an object is due, such as {FORM}"
    numbers: dict[str, Any] = dict.fromkeys(("parse_int", "parse_float", "parse_constant"), _Number)
    try:
        given = json.loads(line, object_pairs_hook=_Object, **numbers)
    except json.JSONDecodeError as error:
        at = f"character {error.pos + 1} is no JSON ({error.msg})"
        raise InvalidProblem(f"{place}: {at}: {due}") from error
    except RecursionError as error:
        raise InvalidProblem(f"{place}: too many brackets: {due}") from error
    if not isinstance(given, _Object):
        raise InvalidProblem(f"{place}: {_told(given)}: {due}")
    return given


def _field(given: _Object, name: str, place: str) -> object:
    """The value of the one field of this name."""
    values = [value for each, value in given if each == name]
    if len(values) > 1:
        told = " and ".join(map(_told, values))
        raise InvalidProblem(f"{place}: {name} stands there {len(values)} times: {told}")
    if not values:
        names = {each.casefold(): each for each, _ in given}
        close = get_close_matches(name, names, n=1)
        hint = f"; did you mean '{names[close[0]]}'?" if close else ""
        told = ", ".join(f"'{each:.20}'" for each in names.values()) or "nothing"
        raise InvalidProblem(f"{place}: no {name}, it has {told:.200}{hint}: {FORM} is due")
    return values[0]


def _told(value: object) -> str:
    """A value of JSON that is of the wrong type."""
    if isinstance(value, list):
        return "an object" if isinstance(value, _Object) else "a list"
    if not isinstance(value, str):
        return to_json(value)
    kind = "a number" if isinstance(value, _Number) else "a text"
    return f"'{value:.{SHOWN}}' is {kind}"
