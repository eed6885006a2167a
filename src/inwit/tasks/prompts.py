"""One problem of a user's task, and reading one that a person typed like it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from inwit.errors import InvalidOption, InvalidProblem
from inwit.tools import ObjectTable, described, is_number

PLACE = re.compile(r"\{(\d+)\}")
NUMBER = r"[-+]?\d+(?:\.\d+)?"

FIELDS: tuple[tuple[str, Any, str], ...] = (
    ("prompt", str, "a str, such as '{0} and {1}'"),
    ("operands", tuple, "a tuple, such as (3, 5) or (3,)"),
    ("level", Integral, "a whole number from 0"),
    ("oracle", str, "a str, such as '0 ADD 1 ANS'"),
)
"""The fields of a problem whose type is fixed, and what they must be."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem."""

    prompt: str
    """What the agent reads, word by word; `{0}` stands for the first operand."""
    operands: tuple[object, ...]
    """By operand key: numbers, or any objects that can be hashed."""
    answer: object
    """The right answer; None where nobody knows it."""
    level: int = 0
    """How hard it is, from 0."""
    oracle: str = ""
    """The keys of a right program, such as `0 ADD 1 ANS`, where one is known."""

    @property
    def words(self) -> list[str]:
        """The words of the prompt."""
        return self.prompt.split()

    def check(self, objects: ObjectTable) -> None:
        """Refuse what cannot be a problem.

        Args:
            objects: the table that is to hold its values.

        Raises:
            InvalidOption: a field of another type, no operand, a place without one, or a value that
                cannot be held.
        """
        self._check_types()
        if not self.operands or self.answer is None:
            raise InvalidOption(f"'{self.prompt}' needs at least one operand, and an answer")
        for place in PLACE.findall(self.prompt):
            if int(place) >= len(self.operands):
                raise InvalidOption(
                    f"'{self.prompt}' has no operand {place}: it has {len(self.operands)}"
                )
        for place, value in enumerate((*self.operands, self.answer)):
            try:
                objects.encode(value)
            except InvalidOption as error:
                name = f"operands[{place}]" if place < len(self.operands) else "answer"
                raise InvalidOption(f"{name} of '{self.prompt:.60}': {error}") from error

    def _check_types(self) -> None:
        for name, kind, hint in FIELDS:
            value = getattr(self, name)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise InvalidOption(f"{name} is {described(value)}: it must be {hint}")
        if self.level < 0:
            raise InvalidOption(f"level is {self.level}: it must be a whole number from 0")


def read_prompt(text: str, known: Iterable[Problem]) -> Problem:
    """The problem that a person typed: the prompt of a known one with other operands.

    Operands that do not stand in the prompt are those of the known problem.

    Raises:
        InvalidProblem: it is like none of them.
    """
    words, tried = " ".join(text.split()), dict[str, Problem]()
    for problem in known:
        tried.setdefault(problem.prompt, problem)
    for prompt, problem in tried.items():
        match = re.fullmatch(_pattern(problem), words)
        if match:
            operands = list(problem.operands)
            for name, typed in match.groupdict().items():
                operands[int(name[1:])] = _value(typed, operands[int(name[1:])])
            return Problem(prompt=prompt, operands=tuple(operands), answer=None)
    some = "', '".join(sorted(tried)[:3])
    raise InvalidProblem(
        f"'{text:.60}' is like none of the {len(tried)} prompts of this task: '{some}'"
    )


def _pattern(problem: Problem) -> str:
    """What matches the prompt with any operands of the same types."""
    seen: set[str] = set()
    pieces = []
    for number, piece in enumerate(PLACE.split(" ".join(problem.words))):
        if number % 2 == 0:
            pieces.append(re.escape(piece))
        elif piece in seen:
            pieces.append(f"(?P=o{piece})")
        else:
            seen.add(piece)
            value = problem.operands[int(piece)]
            kind = NUMBER if is_number(value) else ".+?"
            pieces.append(f"(?P<o{piece}>{kind})")
    return "".join(pieces)


def _value(typed: str, like: object) -> object:
    """What was typed for an operand, of the type of another one."""
    if is_number(like):
        return float(typed)
    if isinstance(like, str):
        return typed
    try:
        return type(like).fromisoformat(typed)  # type: ignore[attr-defined]
    except Exception as error:  # of anybody's class
        kind = type(like).__name__
        raise InvalidProblem(f"'{typed}' cannot be read as a {kind}") from error
