"""Reads typed problems of a user's task: a drawn problem, one with the same prompt, or words of it.

A text equal to the question of a drawn problem is that problem. Any other text is matched with the
prompts of the drawn problems. If several match, the best has the fewest operand texts that no drawn
problem has in that place; ties go to the prompt with the most words. A text that is like none of
them is read word by word (`inwit.tasks.free_text`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from inwit.errors import InvalidProblem
from inwit.tasks.forms import Form, Match
from inwit.tasks.free_text import FreeText, Parse
from inwit.tasks.problem_file import stated_number
from inwit.tasks.prompts import Problem
from inwit.tools import HANDLES, ObjectTable, read_value, show


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The result of reading a text."""

    problem: Problem
    """The problem; its answer is None unless the text is a drawn question."""
    note: str = ""
    """How an ambiguous text was read."""


class Reader:
    """Reads texts as problems of a task."""

    def __init__(
        self, pool: Sequence[Problem], objects: ObjectTable, parse: Parse | None = None
    ) -> None:
        """Prepare to read problems like these.

        Args:
            pool: the drawn problems.
            objects: the table of their values.
            parse: reads an operand from words that no prompt has.
        """
        self.pool, self.objects = [problem.held(objects) for problem in pool], objects
        self.parse = parse

    def read(self, text: str) -> Reading:
        """Read a text.

        Raises:
            InvalidProblem: it matches none of the problems, or means several of them.
        """
        known = self._questions.get(text) or self._questions.get(text.strip())
        if known:
            return Reading(problem=self._only(text, known))
        text = text.strip()
        found, mistakes = list[tuple[Form, Match]](), list[InvalidProblem]()
        for form in self._forms:
            try:
                match = form.match(text)
            except InvalidProblem as error:  # too many ways to match: another form may fit
                mistakes.append(error)
                continue
            found += [(form, match)] if match else []
        for form, match in sorted(found, key=lambda each: (each[1].new, -len(each[0].words))):
            try:
                note = form.note(match, chosen=len(found) > 1)
                return Reading(problem=form.problem(match), note=note)
            except InvalidProblem as error:  # a text is not a value of its place
                mistakes.append(error)
        if mistakes:
            raise mistakes[0]
        return self._freely(text)

    def _freely(self, text: str) -> Reading:
        """Read a text that is like no prompt, word by word."""
        try:
            problem = self._free_text.read(text)
        except InvalidProblem as error:
            raise InvalidProblem(f"{self._unlike(text)}; {error}") from error
        if problem is None:
            raise InvalidProblem(self._unlike(text))
        given = ", ".join(f"{{{place}}} = {show(v)}" for place, v in enumerate(problem.operands))
        note = f"like no drawn prompt: read as '{problem.prompt}' with {given}"
        return Reading(problem=problem, note=note)

    @cached_property
    def _free_text(self) -> FreeText:
        return FreeText(self.pool, self.objects, self.parse)

    @cached_property
    def _questions(self) -> Mapping[str, list[Problem]]:
        """The drawn problems by question."""
        questions: dict[str, list[Problem]] = {}
        for problem in self.pool:
            questions.setdefault(problem.question(), []).append(problem)
        return questions

    @cached_property
    def _forms(self) -> list[Form]:
        """One form per prompt, in the order of their first problems."""
        alike: dict[tuple[str, int], list[Problem]] = {}
        for problem in self.pool:
            alike.setdefault((problem.prompt, len(problem.operands)), []).append(problem)
        return [Form(problems, self.objects) for problems in alike.values()]

    def _only(self, text: str, known: Sequence[Problem]) -> Problem:
        """The drawn problem of a question; without an answer if several answers exist."""
        first, encode = known[0], self.objects.encode
        for other in known[1:]:
            if (other.prompt, list(map(encode, other.operands))) != (
                first.prompt,
                list(map(encode, first.operands)),
            ):
                raise InvalidProblem(f"'{text:.60}' stands for several problems of this task")
        answers = {encode(problem.answer) for problem in known}
        return first if len(answers) == 1 else replace(first, answer=None)

    def _unlike(self, text: str) -> str:
        """An error that lists the nearest prompts."""
        prompts, words = {form.prompt for form in self._forms}, set(text.split())
        order = sorted(prompts, key=lambda each: (-len(words & set(each.split())), each))
        some = "', '".join(order[:3])
        return f"'{text:.60}' is like none of the {len(prompts)} prompts of this task: '{some}'"


class Answers:
    """Reads texts as answers of a task."""

    def __init__(self, known: Sequence[object], objects: ObjectTable) -> None:
        """Prepare to read answers like these.

        Args:
            known: the answers.
            objects: the table that holds them.
        """
        self.objects = objects
        kinds = {type(objects.held(answer)): None for answer in known}
        self._numeric = float in kinds
        self._others = [kind for kind in kinds if kind is not float]
        self._known: dict[str, dict[float, None]] = {}
        for answer in known if self._others else ():
            held = objects.encode(answer)
            self._known.setdefault(show(objects.decode(held)), {})[held] = None

    @property
    def kinds(self) -> str:
        """The kinds of answers, in words."""
        others = ["a text" if kind is str else f"a {kind.__name__}" for kind in self._others]
        return " or ".join([*(["a number"] if self._numeric else []), *others])

    def read(self, stated: str) -> list[float]:
        """The float64s that a stated answer may stand for."""
        found = list(self._known.get(stated, ()))
        number = stated_number(stated)
        found += [number] if self._numeric and abs(number) < HANDLES else []
        for kind in self._others:
            try:
                found.append(self.objects.encode(read_value(stated, kind)))
            except KeyboardInterrupt:
                raise
            except BaseException:  # a user's type may raise anything
                continue
        return list(dict.fromkeys(found))
