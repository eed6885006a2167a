"""`Problem`: one problem of a user's task, with a prompt that is a template for its operands.

A prompt follows `str.format`: `{0}` is the place of the first operand, and a literal brace is
doubled. Its symbols are words, places, and every gap that is not a single space:
`"Add {0}, then stop"` has the symbols `Add`, `{0}`, the empty gap, `,`, `then`, `stop`. They keep
every character, so the prompt can be reassembled.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Integral
from typing import Any

from inwit.errors import InvalidOption
from inwit.tools import ObjectTable, described, is_number, show, to_float

TOKEN = re.compile(r"\{(?:0|[1-9][0-9]*)\}|(?:\{\{|\}\}|[^{}\s])+|\s+")
PLACE = re.compile(r"\{([0-9]+)\}")
ALSO = " (also given: {})"
"""Lists the operands without a place in the prompt."""

FIELDS: tuple[tuple[str, Any, str], ...] = (
    ("prompt", str, "a str, such as '{0} and {1}'"),
    ("operands", tuple, "a tuple, such as (3, 5) or (3,)"),
    ("level", Integral, "a whole number from 0"),
    ("oracle", str, "a str, such as '0 ADD 1 ANS'"),
)
"""Fields of a problem with a fixed type, and a hint for each."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem."""

    prompt: str
    """The text that the agent reads word by word; `{0}` is the place of the first operand."""
    operands: tuple[object, ...]
    """By operand key: numbers or hashable objects."""
    answer: object
    """The right answer; None if unknown."""
    level: int = 0
    """The level, from 0."""
    oracle: str = ""
    """The keys of a right program, such as `0 ADD 1 ANS`; empty if none is known."""

    @cached_property
    def symbols(self) -> list[str]:
        """The prompt, symbol by symbol."""
        return split_prompt(self.prompt)

    @cached_property
    def places(self) -> list[int]:
        """The operands in the prompt, in order."""
        found = map(place_of, self.symbols)
        return [place for place in found if place is not None]

    @property
    def hidden(self) -> list[int]:
        """The operands without a place in the prompt."""
        shown = set(self.places)
        return [place for place in range(len(self.operands)) if place not in shown]

    def question(self, write: Callable[[object], str] = show) -> str:
        """The problem as text: the prompt with its operands, then the operands without a place.

        Args:
            write: formats an operand.
        """
        written = [write(to_float(value) if is_number(value) else value) for value in self.operands]
        others = ", ".join(written[place] for place in self.hidden)
        return self.prompt.format(*written) + (ALSO.format(others) if self.hidden else "")

    def held(self, objects: ObjectTable) -> "Problem":
        """A copy with operands and answer as the machine holds them."""
        operands = tuple(map(objects.held, self.operands))
        answer = None if self.answer is None else objects.held(self.answer)
        return replace(self, operands=operands, answer=answer)

    def check(self, objects: ObjectTable) -> None:
        """Check the problem.

        Args:
            objects: the table that will hold its values.

        Raises:
            InvalidOption: a field has the wrong type, there is no operand, a place has no operand,
                or a value cannot be held.
        """
        self._check_types()
        if not self.operands or self.answer is None:
            raise InvalidOption(f"'{self.prompt}' needs at least one operand, and an answer")
        for place in self.places:
            if place >= len(self.operands):
                raise InvalidOption(
                    f"'{self.prompt}' has no operand {place}: it has {len(self.operands)}"
                )
        for place, value in enumerate((*self.operands, self.answer)):
            try:
                objects.encode(value)
            except InvalidOption as error:
                name = f"operands[{place}]" if place < len(self.operands) else "answer"
                raise InvalidOption(f"{name} of '{self.prompt:.60}': {error}") from error
        for text in (self.prompt, *self.operands, self.answer):
            if isinstance(text, str) and not _can_be_written(text):
                raise InvalidOption(f"{text!r:.60} holds half a character: UTF-8 cannot write it")

    def _check_types(self) -> None:
        for name, kind, hint in FIELDS:
            value = getattr(self, name)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise InvalidOption(f"{name} is {described(value)}: it must be {hint}")
        if self.level < 0:
            raise InvalidOption(f"level is {self.level}: it must be a whole number from 0")


def split_prompt(prompt: str) -> list[str]:
    """The symbols of a prompt.

    Raises:
        InvalidOption: a brace is neither part of a place nor doubled.
    """
    symbols, position = list[str](), 0
    while position < len(prompt):
        token = TOKEN.match(prompt, position)
        if token is None:
            raise InvalidOption(_stray(prompt, position))
        if symbols and not is_gap(token[0]) and not is_gap(symbols[-1]):
            symbols.append("")
        symbols.append(token[0])
        position = token.end()
    inner = range(1, len(symbols) - 1)
    return [symbol for place, symbol in enumerate(symbols) if symbol != " " or place not in inner]


def join_prompt(symbols: Iterable[str]) -> str:
    """Reassemble the prompt from its symbols."""
    text, gap = "", True
    for symbol in symbols:
        spaced = not gap and not is_gap(symbol)
        text, gap = text + " " * spaced + symbol, is_gap(symbol)
    return text


def is_gap(symbol: str) -> bool:
    """Whether a symbol is a gap between two others."""
    return not symbol or symbol.isspace()


def as_typed(word: str) -> str:
    """A word of a prompt with single braces."""
    return word.replace("{{", "{").replace("}}", "}")


def place_of(symbol: str) -> int | None:
    """The operand's index; None for a word or a gap."""
    match = PLACE.fullmatch(symbol)
    return int(match[1]) if match else None


def _stray(prompt: str, position: int) -> str:
    """Why a brace cannot be read, and how to write it."""
    found = re.compile(r"\{[^{}]*\}|.").match(prompt, position)
    given = found[0] if found else prompt[position]
    twice = given.replace("{", "{{").replace("}", "}}")
    return (
        f"the prompt '{prompt:.60}' holds {given:.30} at character {position + 1}: write "
        f"{{0}} for a place, and double a literal brace: {twice:.40}"
    )


def _can_be_written(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
