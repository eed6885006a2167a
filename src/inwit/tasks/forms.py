"""A prompt as a form that texts are matched with: what stands in the places of its operands."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from inwit.answers import number
from inwit.errors import InvalidProblem
from inwit.tasks.prompts import ALSO, Problem, is_gap, place_of
from inwit.tools import ObjectTable, read_value, show

TOO_LARGE = re.compile("[-+]?[0-9.]+(?:[eE][0-9]+)?")
"""What cannot be held is refused as a number, and not taken for something else."""
STEPS = 20_000
"""How many ways to read a text are tried."""
Texts = tuple[tuple[int, str], ...]
"""Operands, each with its text."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """What stands in the places of a form."""

    new: int
    """How many texts no drawn problem has in that place."""
    texts: Texts
    """The operands that were found."""


class Form:
    """The problems that have one prompt."""

    def __init__(self, problems: Sequence[Problem], objects: ObjectTable) -> None:
        """Match with the prompt of these problems.

        Args:
            problems: at least one, as a machine holds them; all have the same prompt and as many
                operands.
            objects: the table that holds their values.
        """
        self.problems, self.objects = problems, objects
        self.first, self.prompt = problems[0], problems[0].prompt

    @cached_property
    def words(self) -> list[str]:
        """The words of the prompt besides its places."""
        symbols = (symbol for symbol in self.first.symbols if not is_gap(symbol))
        return [_plain(symbol) for symbol in symbols if place_of(symbol) is None]

    @cached_property
    def known(self) -> list[dict[str, object]]:
        """For every operand, the values that drawn problems have, by their texts."""
        columns = zip(*(problem.operands for problem in self.problems), strict=True)
        return [{show(value): value for value in column} for column in columns]

    @cached_property
    def kinds(self) -> list[list[type]]:
        """For every operand, its types; what any text can be, a text, comes last."""
        found = [{type(value) for value in column.values()} for column in self.known]
        return [sorted(each, key=lambda kind: (kind is str, kind.__name__)) for each in found]

    @cached_property
    def _patterns(self) -> tuple["_Pattern", "_Pattern"]:
        """The prompt with the operands that have no place in it, and without them."""
        parts = _parts(self.first)
        return _Pattern(parts + _also(self.first.hidden)), _Pattern(parts)

    def match(self, text: str) -> Match | None:
        """The best way to find the form in a text; the operands without a place may be left out.

        Args:
            text: without blanks around it.
        """
        if not all(word in text for word in self.words):
            return None
        for pattern in self._patterns:
            found = _Search(self, pattern, text).best() if pattern.may_fit(text) else None
            if found is not None:
                return found
        return None

    def new(self, place: int, text: str) -> int | None:
        """1 for a text that no drawn problem has there, 0 for another; None if it cannot stand."""
        if text in self.known[place] or self._is_number(place, text):
            return 0
        return None if self.kinds[place] == [float] else 1

    def _is_number(self, place: int, text: str) -> bool:
        read = _number(text) is not None or TOO_LARGE.fullmatch(text) is not None
        return float in self.kinds[place] and read

    def problem(self, match: Match) -> Problem:
        """The problem with these operands; the others are those of a drawn one.

        Raises:
            InvalidProblem: a text is no value of the operand's type.
        """
        operands = list(self.first.operands)
        for place, text in match.texts:
            operands[place] = self._value(place, text)
        return Problem(prompt=self.prompt, operands=tuple(operands), answer=None)

    def _value(self, place: int, text: str) -> object:
        if text in self.known[place]:
            return self.known[place][text]
        others = [kind for kind in self.kinds[place] if kind is not float]
        kinds = [float] if self._is_number(place, text) else others
        for kind in kinds:
            try:
                return self.objects.held(_typed(text, kind))
            except KeyboardInterrupt:
                raise
            except BaseException:  # a type of anybody's may raise whatever it likes
                continue
        names = " or ".join("number" if kind is float else kind.__name__ for kind in kinds)
        raise InvalidProblem(f"'{text:.60}' cannot be read as a {names}")

    def told(self, match: Match, *, chosen: bool) -> str:
        """What was chosen: the form, where others fit, and operands that were left out."""
        given = dict(match.texts)
        places = ", ".join(f"{{{place}}} = {text}" for place, text in given.items())
        told = [f"read as '{self.prompt}' with {places}"] if chosen else []
        open_ones = [
            f"{{{place}}} = {show(value)}"
            for place, value in enumerate(self.first.operands)
            if place not in given and len(self.known[place]) > 1
        ]
        if open_ones:
            told.append(f"{', '.join(open_ones)}, as in a drawn problem: the text says nothing")
        return "; ".join(told)


Parts = list[str | int]
"""Regular expressions, and operands in their places."""


def _parts(problem: Problem) -> Parts:
    """A prompt as what it is matched with; any blank stands for any others."""
    parts: Parts = []
    after_gap = True
    for symbol in problem.symbols:
        gap, place = is_gap(symbol), place_of(symbol)
        parts += [r"\s+"] if symbol.isspace() or not (gap or after_gap) else []
        word = re.escape(_plain(symbol))
        parts += [] if gap else [word if place is None else place]
        after_gap = gap
    while parts and parts[0] == r"\s+":
        del parts[0]
    while parts and parts[-1] == r"\s+":
        del parts[-1]
    return parts


def _plain(word: str) -> str:
    """A word of a prompt as it is read: with single braces."""
    return word.replace("{{", "{").replace("}}", "}")


def _also(hidden: Sequence[int]) -> Parts:
    """The operands that have no place, as a question tells them."""
    before, _, after = (re.escape(each).replace(r"\ ", r"\s*") for each in ALSO.partition("{}"))
    parts: Parts = []
    for place in hidden:
        parts += [r",\s+" if parts else before, place]
    return [*parts, after] if parts else []


class _Pattern:
    """Literal texts, and the operands between them."""

    def __init__(self, parts: Parts) -> None:
        literals, self.places = [""], list[int]()
        for part in parts:
            if isinstance(part, int):
                self.places.append(part)
                literals.append("")
            else:
                literals[-1] += part
        self.literals = [re.compile(literal) for literal in literals]

    def may_fit(self, text: str) -> bool:
        """Whether the literals stand in the text, one after the other."""
        position = 0
        for literal in self.literals:
            found = literal.search(text, position)
            if found is None:
                return False
            position = found.end()
        return True


class _Search:
    """The search for the best match of a pattern with a text."""

    def __init__(self, form: Form, pattern: _Pattern, text: str) -> None:
        self.form, self.pattern, self.text = form, pattern, text
        self.memo: dict[tuple[int, int, Texts], Match | None] = {}
        self.steps = 0

    def best(self, index: int = 0, start: int = 0, bound: Texts = ()) -> Match | None:
        """The match from a literal on with the fewest new texts, then with the shortest ones.

        Args:
            index: which literal comes next.
            start: where in the text.
            bound: the texts of operands that have another place further on.
        """
        key = index, start, bound
        if key not in self.memo:
            self.memo[key] = self._best(*key)
        return self.memo[key]

    def _best(self, index: int, start: int, bound: Texts) -> Match | None:
        literal = self.pattern.literals[index].match(self.text, start)
        if literal is None:
            return None
        if index == len(self.pattern.places):
            return Match(new=0, texts=()) if literal.end() == len(self.text) else None
        found: Match | None = None
        for end in self._ends(index, literal.end(), bound):
            match = self._with(index, self.text[literal.end() : end], end, bound)
            if match and (found is None or match.new < found.new):
                found = match
            if found and not found.new:
                break
        return found

    def _with(self, index: int, given: str, end: int, bound: Texts) -> Match | None:
        """The best match in which this is the text of the operand."""
        self.steps += 1
        if self.steps > STEPS:
            told = f"'{self.text:.60}' can be read in too many ways, as '{self.form.prompt:.60}'"
            raise InvalidProblem(told)
        place = self.pattern.places[index]
        again = place in dict(bound)
        new = 0 if again else self.form.new(place, given)
        if new is None:
            return None
        later = self.pattern.places[index + 1 :]
        kept = tuple(each for each in (*bound, (place, given)) if each[0] in later)
        rest = self.best(index + 1, end, tuple(dict(kept).items()))
        if rest is None:
            return None
        texts = rest.texts if again else ((place, given), *rest.texts)
        return Match(new=new + rest.new, texts=texts)

    def _ends(self, index: int, start: int, bound: Texts) -> Iterator[int]:
        """Where the text of an operand that begins here may end."""
        known = dict(bound).get(self.pattern.places[index])
        if known is not None:
            yield from [start + len(known)] if self.text.startswith(known, start) else []
            return
        following, last = self.pattern.literals[index + 1], index + 1 == len(self.pattern.places)
        if last and not following.pattern:
            yield from [len(self.text)] if start < len(self.text) else []
            return
        found = following.search(self.text, start + 1)
        while found:
            yield found.start()
            found = following.search(self.text, found.start() + 1)


def _typed(text: str, kind: type) -> object:
    """A text as a value of a type.

    Raises:
        ValueError: it is none.
    """
    value = _number(text) if kind is float else read_value(text, kind)
    if value is None:
        raise ValueError(text)
    return value


@lru_cache(maxsize=4096)
def _number(text: str) -> float | None:
    """The number that a text is; None where it is none for sure."""
    value = number(text)
    return None if value is None else float(value)
