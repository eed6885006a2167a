"""Matches texts with a prompt: which text stands in the place of each operand."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

from inwit.answers import number
from inwit.errors import InvalidProblem
from inwit.tasks.prompts import ALSO, Problem, as_typed, is_gap, place_of
from inwit.tools import ObjectTable, read_value, show

TOO_LARGE = re.compile("[-+]?[0-9.]+(?:[eE][0-9]+)?")
"""Numbers that cannot be held are refused, not read as something else."""
MARKS = "?.!"
"""May stand after an operand at the end of a question."""
STEPS = 20_000
"""Maximum steps of the search for a match."""
Texts = tuple[tuple[int, str], ...]
"""Operands and their texts."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A match of a form with a text."""

    new: int
    """Number of operand texts that no drawn problem has in that place."""
    texts: Texts
    """The operands found."""


class Form:
    """The problems with one prompt."""

    def __init__(self, problems: Sequence[Problem], objects: ObjectTable) -> None:
        """Prepare to match the prompt of these problems.

        Args:
            problems: at least one, as the machine holds them; all have the same prompt and the
                same number of operands.
            objects: the table of their objects.
        """
        self.problems, self.objects = problems, objects
        self.first, self.prompt = problems[0], problems[0].prompt

    @cached_property
    def words(self) -> list[str]:
        """The prompt's words without its places."""
        symbols = (symbol for symbol in self.first.symbols if not is_gap(symbol))
        return [as_typed(symbol) for symbol in symbols if place_of(symbol) is None]

    @cached_property
    def known(self) -> list[dict[str, object]]:
        """For every operand, the values in drawn problems by their texts."""
        columns = zip(*(problem.operands for problem in self.problems), strict=True)
        return [{show(value): value for value in column} for column in columns]

    @cached_property
    def kinds(self) -> list[list[type]]:
        """For every operand, its types; `str` comes last, since it accepts any text."""
        found = [{type(value) for value in column.values()} for column in self.known]
        return [sorted(each, key=lambda kind: (kind is str, kind.__name__)) for each in found]

    @cached_property
    def _patterns(self) -> tuple["_Pattern", "_Pattern"]:
        """Patterns of the prompt with and without the operands that have no place in it."""
        parts = _parts(self.first)
        return _Pattern(parts + _also(self.first.hidden)), _Pattern(parts)

    def match(self, text: str) -> Match | None:
        """The best match of the form with a text; operands without a place may be missing.

        Args:
            text: stripped text.
        """
        if not all(word in text for word in self.words):
            return None
        for pattern in self._patterns:
            found = _Search(self, pattern, text).best() if pattern.may_fit(text) else None
            if found is not None:
                return found
        return None

    def new(self, place: int, text: str) -> int | None:
        """Cost of a text as an operand: 0 if a drawn problem has it, 1 if new, None if invalid."""
        if self._drawn(place, text) is not None or self._is_number(place, text):
            return 0
        return None if self.kinds[place] == [float] else 1

    def _drawn(self, place: int, text: str) -> str | None:
        """The text of a drawn operand that a text stands for, in any case and before a mark."""
        known, plain = self.known[place], text.rstrip(MARKS)
        if text in known or plain in known:
            return text if text in known else plain
        return self._lower[place].get(plain.lower())

    @cached_property
    def _lower(self) -> list[dict[str, str]]:
        """For every operand, the texts that are the only ones of their kind in lower case."""
        texts = [sorted(column, key=str.lower) for column in self.known]
        groups = [{low: list(each) for low, each in groupby(column, str.lower)} for column in texts]
        return [
            {low: same[0] for low, same in column.items() if len(same) == 1} for column in groups
        ]

    def _is_number(self, place: int, text: str) -> bool:
        read = as_number(text) is not None or TOO_LARGE.fullmatch(text) is not None
        return float in self.kinds[place] and read

    def problem(self, match: Match) -> Problem:
        """The problem with these operands; missing ones come from a drawn problem.

        Raises:
            InvalidProblem: a text is not a value of the operand's type.
        """
        operands = list(self.first.operands)
        for place, text in match.texts:
            operands[place] = self._value(place, text)
        return Problem(prompt=self.prompt, operands=tuple(operands), answer=None)

    def _value(self, place: int, text: str) -> object:
        drawn = self._drawn(place, text)
        if drawn is not None:
            return self.known[place][drawn]
        others = [kind for kind in self.kinds[place] if kind is not float]
        kinds = [float] if self._is_number(place, text) else others
        for kind in kinds:
            try:
                return self.objects.held(_typed(text, kind))
            except KeyboardInterrupt:
                raise
            except BaseException:  # a user's type may raise anything
                continue
        names = " or ".join("number" if kind is float else kind.__name__ for kind in kinds)
        raise InvalidProblem(f"'{text:.60}' cannot be read as a {names}")

    def note(self, match: Match, *, chosen: bool) -> str:
        """A note on the chosen form, if several fit or a new operand has several words, and on
        missing operands."""
        given = dict(match.texts)
        places = ", ".join(f"{{{place}}} = {text}" for place, text in given.items())
        doubtful = any(" " in text and self.new(place, text) for place, text in match.texts)
        notes = [f"read as '{self.prompt}' with {places}"] if chosen or doubtful else []
        open_ones = [
            f"{{{place}}} = {show(value)}"
            for place, value in enumerate(self.first.operands)
            if place not in given and len(self.known[place]) > 1
        ]
        if open_ones:
            notes.append(f"{', '.join(open_ones)}, as in a drawn problem: not given in the text")
        return "; ".join(notes)


Parts = list[str | int]
"""Alternating regular expressions and operands."""


def _parts(problem: Problem) -> Parts:
    """The pattern of a prompt; any whitespace matches any whitespace."""
    parts: Parts = []
    after_gap = True
    for symbol in problem.symbols:
        gap, place = is_gap(symbol), place_of(symbol)
        parts += [r"\s+"] if symbol.isspace() or not (gap or after_gap) else []
        word = re.escape(as_typed(symbol))
        parts += [] if gap else [word if place is None else place]
        after_gap = gap
    while parts and parts[0] == r"\s+":
        del parts[0]
    while parts and parts[-1] == r"\s+":
        del parts[-1]
    return parts


def _also(hidden: Sequence[int]) -> Parts:
    """The pattern of the operands without a place, as a question lists them."""
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
        """Whether the text contains the literals in order."""
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
        """The best match from a literal on: fewest new texts, then shortest texts.

        Args:
            index: index of the next literal.
            start: position in the text.
            bound: texts of operands that occur again later.
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
        """The best match with this text for the operand."""
        self.steps += 1
        if self.steps > STEPS:
            reason = f"'{self.text:.60}' can be read in too many ways, as '{self.form.prompt:.60}'"
            raise InvalidProblem(reason)
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
        """Positions at which an operand's text that starts here may end."""
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
    """Read a text as a value of a type.

    Raises:
        ValueError: it is not one.
    """
    value = as_number(text) if kind is float else read_value(text, kind)
    if value is None:
        raise ValueError(text)
    return value


@lru_cache(maxsize=4096)
def as_number(text: str) -> float | None:
    """The number in a text; None if it is not certainly one number."""
    value = number(text)
    return None if value is None else float(value)
