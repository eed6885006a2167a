"""Reads a question that is like no drawn prompt: known words stay words, the rest are operands.

A part of the text is an operand if a drawn operand is written so, if it is a number and drawn
operands are, or if the task's `parse` reads it. An operand gets a place in which drawn problems
have it, or others of its type.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import groupby

from inwit.errors import InvalidProblem
from inwit.tasks.forms import as_number
from inwit.tasks.prompts import ALSO, Problem, as_typed, is_gap, place_of
from inwit.tools import ObjectTable, error_text, show

NAMED = 5
"""Unknown words that an error names."""
BEFORE, _, AFTER = ALSO.partition("{}")
Parse = Callable[[str], object]
"""Reads an operand from words that a task does not know; None where they are none."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """A part of a text without white space."""

    text: str
    """As it was typed."""
    spaced: bool
    """Whether white space stands before it."""


class FreeText:
    """Reads texts in the words of a task."""

    def __init__(
        self, pool: Sequence[Problem], objects: ObjectTable, parse: Parse | None = None
    ) -> None:
        """Prepare to read questions in the words of these problems.

        Args:
            pool: the drawn problems, as the machine holds them.
            objects: the table of their values.
            parse: reads an operand from words that no prompt has.
        """
        self.objects, self.parse = objects, parse
        self.most = max(len(problem.operands) for problem in pool)
        symbols = {symbol for problem in pool for symbol in problem.symbols}
        words = sorted(each for each in symbols if not is_gap(each) and place_of(each) is None)
        self.words = {as_typed(word): word for word in words}
        self.plainly = {_plain(as_typed(word)): word for word in reversed(words)}
        marks = {re.escape(as_typed(word)) for word in words if not any(map(str.isalnum, word))}
        either = "|".join(sorted(marks, key=len, reverse=True)) or "(?!)"
        self.mark = re.compile(either)
        self.marked = re.compile(f"((?:{either})*)(.+?)((?:{either})*)")
        self.columns: list[dict[str, object]] = [{} for _ in range(self.most)]
        for problem in pool:
            for place, value in enumerate(problem.operands):
                self.columns[place][show(value)] = value
        self.operands = {text: value for column in self.columns for text, value in column.items()}
        self.longest = max(len(text.split()) for text in self.operands)
        self.numeric = any(isinstance(value, float) for value in self.operands.values())

    def read(self, text: str) -> Problem | None:
        """The problem that a text states, without an answer; None if it has no word of the task.

        Raises:
            InvalidProblem: a part is neither a word of the task nor an operand, there are no
                operands or too many, one is missing, or `parse` raises.
        """
        asked, _, also = text.strip().partition(BEFORE)
        parts = list(self._parts(list(self._tokens(asked))))
        if not any(isinstance(part, str) for _, part in parts):
            return None
        named = [part[0] for _, part in parts if not isinstance(part, str)]
        others = also.removesuffix(AFTER).split(", ") if also else ()
        found = _distinct([*named, *map(self._operand, others)])
        if not found:
            raise InvalidProblem("it has no operand")
        if len(found) > self.most:
            texts = ", ".join(f"'{show(value):.40}'" for value in found)
            most = f"the task has at most {self.most}"
            raise InvalidProblem(f"it would have {len(found)} operands, {texts}, and {most}")
        operands = self._in_places(found)
        prompt = "".join(
            " " * spaced + (part if isinstance(part, str) else f"{{{_index(operands, part[0])}}}")
            for spaced, part in parts
        )
        return Problem(prompt=prompt.strip(), operands=operands, answer=None)

    def _in_places(self, found: Sequence[object]) -> tuple[object, ...]:
        """Operands in the order of their places: the most particular ones choose first."""
        wanted = [self._places(value) for value in found]
        chosen = dict[int, object]()
        for order in sorted(range(len(found)), key=lambda each: len(wanted[each])):
            free = [place for place in range(self.most) if place not in chosen]
            place = min(free, key=lambda each: (each not in wanted[order], each))
            chosen[place] = found[order]
        missing = set(range(max(chosen))) - chosen.keys()
        if missing:
            place = max(chosen)
            like = f"drawn problems have '{show(chosen[place])}' as {{{place}}}"
            raise InvalidProblem(f"{like}, and {{{min(missing)}}} is not given")
        return tuple(chosen[place] for place in sorted(chosen))

    def _places(self, value: object) -> set[int]:
        """The places in which drawn problems have a value, or else one of its type."""
        exact = {place for place, known in enumerate(self.columns) if show(value) in known}
        alike = {
            place
            for place, known in enumerate(self.columns)
            if any(type(each) is type(value) for each in known.values())
        }
        return exact or alike or set(range(self.most))

    def _tokens(self, text: str) -> Iterator[Token]:
        """Words, and the marks that touch them, such as `?`."""
        for chunk in text.split():
            found = None if self._known(chunk) else self.marked.fullmatch(chunk)
            lead, rest, trail = found.groups() if found else ("", chunk, "")
            for place, part in enumerate(
                [*self.mark.findall(lead), rest, *self.mark.findall(trail)]
            ):
                yield Token(text=part, spaced=not place)

    def _known(self, text: str) -> bool:
        return text in self.words or text in self.operands or self._number(text) is not None

    def _number(self, text: str) -> float | None:
        return as_number(text) if self.numeric else None

    def _parts(self, tokens: Sequence[Token]) -> Iterator[tuple[bool, str | tuple[object]]]:
        """Words as the prompts write them, and operands in tuples; whether each is spaced."""
        found = list[tuple[Sequence[Token], str | tuple[object] | None]]()
        start = 0
        while start < len(tokens):
            part, end = self._next(tokens, start)
            found.append((tokens[start:end], part))
            start = end
        for unknown, group in groupby(found, lambda each: each[1] is None):
            pieces = list(group)
            if unknown:
                said = [token for given, _ in pieces for token in given]
                pieces = [(said, (self._operand(_joined(said)),))]
            yield from ((given[0].spaced, part) for given, part in pieces if part is not None)

    def _next(self, tokens: Sequence[Token], start: int) -> tuple[str | tuple[object] | None, int]:
        """The word or drawn operand that begins at a token, and where it ends; None for neither."""
        for count in range(min(self.longest, len(tokens) - start), 0, -1):
            said = " ".join(token.text for token in tokens[start : start + count])
            if said in self.operands and (count > 1 or said not in self.words):
                return (self.operands[said],), start + count
        text = tokens[start].text
        word = self.words.get(text) or self.plainly.get(_plain(text))
        if word:
            return word, start + 1
        read = self._number(text)
        return None if read is None else (self.objects.held(read),), start + 1

    def _operand(self, said: str) -> object:
        """The operand that some words state."""
        if said in self.operands:
            return self.operands[said]
        read = self._number(said)
        if read is not None:
            return self.objects.held(read)
        if self.parse is not None:
            try:
                value = self.parse(said)
                if value is not None:
                    return self.objects.held(value)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # a user's function may raise anything
                raise InvalidProblem(
                    f"'{said:.60}' is not an operand: {error_text(error)}"
                ) from error
        raise InvalidProblem(self._unknown(said))

    def _unknown(self, said: str) -> str:
        words = said.split()[:NAMED]
        near = {word: get_close_matches(word, self.words, 1) for word in words}
        unknown = [
            f"'{word:.40}'" + (f" (did you mean '{found[0]}'?)" if found else "")
            for word, found in near.items()
        ]
        return f"the task does not know {', '.join(unknown)}"


def _joined(tokens: Sequence[Token]) -> str:
    """The text of some tokens."""
    return "".join(" " * token.spaced + token.text for token in tokens).strip()


def _index(values: Sequence[object], value: object) -> int:
    """Where a value is; `1` and `True` are different ones."""
    return next(n for n, other in enumerate(values) if _same(value, other))


def _distinct(values: Sequence[object]) -> list[object]:
    return [value for n, value in enumerate(values) if _index(values, value) == n]


def _same(first: object, second: object) -> bool:
    return type(first) is type(second) and first == second


def _plain(word: str) -> str:
    """A word in lower case, without the mark at its end."""
    return word.lower().rstrip(".,;:!?") or word
