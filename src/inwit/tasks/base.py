"""What a task is: it draws problems, which know their answers, and says what is right.

A class of one's own needs five members: `name`, `rules`, `symbols`, `sample`, `max_presses`. All
else has a default.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property, wraps
from inspect import isfunction
from math import isfinite
from operator import index
from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.errors import InvalidOption, InvalidProblem
from inwit.machine.machine import Machine
from inwit.machine.rules import Rules, Symbol
from inwit.parts import Part
from inwit.records import fingerprint
from inwit.tasks.pool import POOL
from inwit.tasks.problem_file import stated_number
from inwit.tasks.problems import Problems
from inwit.tasks.prompts import ALSO
from inwit.tools import HANDLES, ObjectTable, error_text, show


def whole_level(given: object) -> int:
    """A level of any integer type.

    Raises:
        InvalidOption: it is no whole number.
    """
    try:
        if isinstance(given, bool):
            raise TypeError
        return index(given)  # type: ignore[arg-type]
    except TypeError as error:
        raise InvalidOption(f"level {given!r:.40} is no whole number") from error


class Task(Part, ABC):
    """A source of problems. Everything that is random comes from the generator that is given."""

    registered: ClassVar[dict[str, type[Part]]] = {}
    shows_level: ClassVar[bool] = False
    """Whether the agent is told the level."""
    programs_transfer: ClassVar[bool] = False
    """Whether a program that solves one problem of a level may well solve the others."""
    shared: ClassVar[tuple[int, ...]] = ()
    """Levels of which so few problems exist that none is held out."""
    split: ClassVar[int] = 1
    """Which version of the held-out split; a run knows by which one it was trained."""
    tolerance: float = 1e-9
    """An answer is right within this much, absolute and relative to the true one."""
    constants: int = 0
    """How many of the operands, the first ones, are the same in every problem."""
    machine: ClassVar[type[Machine]] = Machine
    """What gives the keys their meaning."""

    def __init_subclass__(cls) -> None:
        """A method of a user's class that ends the process is refused, and the process goes on."""
        super().__init_subclass__()
        if not cls.__module__.startswith("inwit."):
            for name, each in list(vars(cls).items()):
                if isfunction(each):
                    setattr(cls, name, _contained(each))

    @cached_property
    def objects(self) -> ObjectTable:
        """The values of this task that are no numbers; a class that has some binds its tools."""
        return ObjectTable()

    @property
    @abstractmethod
    def rules(self) -> Rules:
        """The machine on which it is solved."""

    @property
    @abstractmethod
    def symbols(self) -> tuple[str, ...]:
        """The alphabet in which problems are written."""

    @property
    def operand_symbols(self) -> tuple[str, ...]:
        """The symbols that stand for operands, in the order of the operand keys."""
        return ()

    @property
    def kinds(self) -> tuple[Symbol, ...]:
        """For streamed problems: what sort each symbol of the alphabet is."""
        return ()

    @property
    def displays(self) -> tuple[str, ...]:
        """What an agent can tell of the accumulator at every press; for most tasks nothing."""
        return ()

    @property
    def levels(self) -> range:
        """The levels that it has to train on; by default level 0 alone."""
        return range(1)

    @property
    def schedule(self) -> tuple[int, ...]:
        """The fixed curriculum: equal parts of a run, one level each; by default level by level."""
        return tuple(self.levels)

    def check_level(self, level: int) -> None:
        """Refuse a level that the task does not have.

        Raises:
            InvalidOption: there is no such level.
        """
        if whole_level(level) not in self.levels:
            first, last = self.levels[0], self.levels[-1]
            raise InvalidOption(f"level {level}: '{self.name}' has the levels {first} to {last}")

    def chosen_levels(self, given: object, name: str = "levels") -> tuple[int, ...]:
        """The levels that somebody names, or all.

        Args:
            given: whole numbers in a list or the like; None for all levels.
            name: what the user calls them.

        Raises:
            InvalidOption: it is no list of levels that the task has.
        """
        if given is None:
            return tuple(self.levels)
        like = f"a list of whole numbers is due, such as [{self.levels[0]}]"
        if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
            raise InvalidOption(f"{name} {given!r:.60}: {like}")
        try:
            levels = tuple(map(whole_level, given))
        except (TypeError, InvalidOption) as error:
            raise InvalidOption(f"{name} {given!r:.60}: {like}: {error}") from error
        if not levels:
            raise InvalidOption(f"{name} {given!r:.60}: at least one is due")
        for level in levels:
            self.check_level(level)
        return levels

    def at_length(self, level: int) -> "Task":
        """The task in the form that suits problems of this level, trained on or not."""
        return self

    @abstractmethod
    def sample(
        self, level: Int[Tensor, " P"], generator: torch.Generator, *, held_out: bool = False
    ) -> Problems:
        """Draw one problem of each level given, on the CPU.

        Args:
            level: the level of each problem.
            generator: where all randomness comes from.
            held_out: draw from the part of the problems that training never draws from.
        """

    @abstractmethod
    def max_presses(self, problems: Problems) -> int:
        """How many presses an episode at any of these problems may take."""

    def max_depth(self, problems: Problems) -> int:
        """How many frames the memory must hold for these problems.

        By default one for each operand but the last: every frame that is set aside holds its own.
        """
        operands = (~problems.operands.isnan()).sum(1)
        return max(0, int(operands.max()) - 1)

    def parse(self, text: str) -> Problems:
        """The problem that a person typed; by default only drawn problems are known.

        Raises:
            InvalidProblem: it cannot be read, or is not of this task.
        """
        known, text = self._described, " ".join(text.split())
        if text not in known:
            near = get_close_matches(text, known, n=1, cutoff=0)[0]
            raise InvalidProblem(f"'{text:.60}' is no problem that this task draws; '{near}' is")
        return known[text]

    @cached_property
    def _described(self) -> dict[str, Problems]:
        """Problems of both parts, each by its description."""
        generator, found = torch.Generator().manual_seed(0), dict[str, Problems]()
        level = torch.tensor(self.levels)[torch.arange(POOL) % len(self.levels)]
        for held_out in (False, True):
            problems = self.sample(level, generator, held_out=held_out)
            for row in range(POOL):
                text = " ".join(self.describe(problems, row).split())
                found.setdefault(text, problems.part(slice(row, row + 1)))
        return found

    def exact(self, text: str) -> Fraction | None:
        """The exact value of a problem, from its text, where the task has fractions for it."""
        return None

    def right_answer(self, text: str, answer: float) -> object:
        """The right answer: a fraction where float64 has other digits; None where nobody knows it.

        Args:
            text: the problem, as a person typed it or as it is described.
            answer: what float64 has for it.
        """
        near = self.objects.meaning(answer)
        exact = self.exact(text) if isfinite(answer) else None
        return near if exact is None or show(exact) == show(near) else exact

    def note(self, text: str) -> str:
        """What was chosen where a text leaves a choice; for most tasks there is none."""
        return ""

    def read_answers(self, stated: str) -> list[float]:
        """What an answer that a file states may be, as a machine holds it; none if it cannot be."""
        value = stated_number(stated)
        return [value] if abs(value) < HANDLES else []

    @property
    def answer_kinds(self) -> str:
        """What answers are, in words."""
        return "a number"

    def form(self, level: int) -> str:
        """What the problems of a level look like, such as `a*b+c`; by default their number."""
        return f"level {level}"

    def describe(self, problems: Problems, row: int) -> str:
        """One problem as people write it.

        By default its symbols, with operands in the places of theirs, then the other operands.
        """
        symbols = [self.symbols[each] for each in problems.symbols[row].tolist() if each >= 0]
        held = [value for value in problems.operands[row].tolist() if value == value]
        operands, places = (
            iter([show(self.objects.meaning(each)) for each in held]),
            set(self.operand_symbols),
        )
        text = " ".join(next(operands, each) if each in places else each for each in symbols)
        others = ", ".join(operands)
        return text + (ALSO.format(others) if others else "")

    def subgoals(self, problems: Problems) -> tuple[Float[Tensor, "P S"], Float[Tensor, "P S"]]:
        """Values on the way to the answers, NaN where there is none, and the reward of each.

        With shaping, whoever submits such a value earns its reward, times the weight of shaping.
        """
        none = torch.empty(len(problems), 0, dtype=torch.double, device=problems.answer.device)
        return none, none

    def identity(self, problems: Problems) -> Int[Tensor, " P"]:
        """A number that problems share which are the same to an agent, whatever it presses."""
        if not self.displays:
            return problems.identity
        values = problems.operands.view(torch.long)  # what is displayed depends on them
        return fingerprint(torch.cat([problems.identity[:, None], values], 1))

    def observe(self, accumulator: Float[Tensor, " B"]) -> Int[Tensor, " B"]:
        """Which of `displays` is shown for each accumulator, where there are any."""
        raise NotImplementedError

    def score(self, answer: Float[Tensor, " P"], problems: Problems) -> Bool[Tensor, " P"]:
        """Whether each answer is right; an empty or faulty one is not, nor another object."""
        return self.agrees(answer, problems)

    def agrees(self, answer: Float[Tensor, " P"], problems: Problems) -> Bool[Tensor, " P"]:
        """Whether each answer is the stated one."""
        truth, size = problems.answer, answer.abs()
        near = ((answer - truth).abs() < self.margin(truth)) & (size.maximum(truth.abs()) < HANDLES)
        return near | ((answer == truth) & (size < torch.inf))

    def margin(self, truth: Float[Tensor, " P"]) -> Float[Tensor, " P"]:
        """How far from the right answer, a number, another one may be and still be right."""
        return self.tolerance * (1 + truth.abs())

    def accepts(self, answer: object, problems: Problems, row: int = 0) -> bool:
        """Whether a value, such as a language model gives, is right for one problem of a batch.

        Raises:
            InvalidOption: it can be no answer.
        """
        held = self.objects.find(answer)
        if held is None:
            return False  # no problem has this answer
        tried = torch.tensor([held], dtype=torch.double)
        return bool(self.score(tried, problems.part(slice(row, row + 1)))[0])


def _contained(function: Callable[..., object]) -> Callable[..., object]:
    """The same function, but `sys.exit` in it is a mistake as any other."""

    @wraps(function)
    def call(*arguments: object, **named: object) -> object:
        try:
            return function(*arguments, **named)
        except (Exception, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise InvalidOption(f"{function.__qualname__} failed: {error_text(error)}") from error

    return call
