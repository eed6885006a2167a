"""Problems of a user's task that a person or a file writes: found among those drawn, or like one.

A text that is the question of a drawn problem is that problem. Any other text is read with the
prompts of the drawn problems as forms. Where several forms fit, the operands decide: the reading
with the fewest texts that no drawn problem has in that place; then the form with the most words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from inwit.errors import InvalidProblem
from inwit.tasks.forms import Form, Match
from inwit.tasks.problem_file import stated_number
from inwit.tasks.prompts import Problem
from inwit.tools import HANDLES, ObjectTable, read_value, show


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a text was read as."""

    problem: Problem
    """The problem; its answer is None unless the text is the question of a drawn one."""
    told: str = ""
    """What was chosen, where the text leaves a choice."""


class Reader:
    """Reads texts as problems of a task."""

    def __init__(self, pool: Sequence[Problem], objects: ObjectTable) -> None:
        """Read as these problems are written.

        Args:
            pool: the problems.
            objects: the table that holds their values.
        """
        self.pool, self.objects = [problem.held(objects) for problem in pool], objects

    def read(self, text: str) -> Reading:
        """What a text is.

        Raises:
            InvalidProblem: it is like none of the problems, or stands for several of them.
        """
        known = self._questions.get(text) or self._questions.get(text.strip())
        if known:
            return Reading(problem=self._only(text, known))
        text = text.strip()
        found, mistakes = list[tuple[Form, Match]](), list[InvalidProblem]()
        for form in self._forms:
            try:
                match = form.match(text)
            except InvalidProblem as error:  # too many ways to read it: another form may fit
                mistakes.append(error)
                continue
            found += [(form, match)] if match else []
        for form, match in sorted(found, key=lambda each: (each[1].new, -len(each[0].words))):
            try:
                told = form.told(match, chosen=len(found) > 1)
                return Reading(problem=form.problem(match), told=told)
            except InvalidProblem as error:  # a text is no value of its place
                mistakes.append(error)
        raise mistakes[0] if mistakes else InvalidProblem(self._unlike(text))

    @cached_property
    def _questions(self) -> Mapping[str, list[Problem]]:
        """The drawn problems by their questions."""
        questions: dict[str, list[Problem]] = {}
        for problem in self.pool:
            questions.setdefault(problem.question(), []).append(problem)
        return questions

    @cached_property
    def _forms(self) -> list[Form]:
        """A form for every prompt, in the order in which they were drawn first."""
        alike: dict[tuple[str, int], list[Problem]] = {}
        for problem in self.pool:
            alike.setdefault((problem.prompt, len(problem.operands)), []).append(problem)
        return [Form(problems, self.objects) for problems in alike.values()]

    def _only(self, text: str, known: Sequence[Problem]) -> Problem:
        """The problem that a question stands for; without an answer where it has several."""
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
        """What the text could have been, the nearest prompts first."""
        prompts, words = {form.prompt for form in self._forms}, set(text.split())
        order = sorted(prompts, key=lambda each: (-len(words & set(each.split())), each))
        some = "', '".join(order[:3])
        return f"'{text:.60}' is like none of the {len(prompts)} prompts of this task: '{some}'"


class Answers:
    """Reads texts as answers of a task."""

    def __init__(self, known: Sequence[object], objects: ObjectTable) -> None:
        """Read as these answers are written.

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
        """What answers are, in words."""
        others = ["a text" if kind is str else f"a {kind.__name__}" for kind in self._others]
        return " or ".join([*(["a number"] if self._numeric else []), *others])

    def read(self, stated: str) -> list[float]:
        """What a stated answer may be, as a machine holds it."""
        found = list(self._known.get(stated, ()))
        number = stated_number(stated)
        found += [number] if self._numeric and abs(number) < HANDLES else []
        for kind in self._others:
            try:
                found.append(self.objects.encode(read_value(stated, kind)))
            except KeyboardInterrupt:
                raise
            except BaseException:  # a type of anybody's may raise whatever it likes
                continue
        return list(dict.fromkeys(found))
