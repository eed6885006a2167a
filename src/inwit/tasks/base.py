"""The interface of a task: it samples problems with their answers, and scores answers.

A subclass needs five members: `name`, `rules`, `symbols`, `sample`, `max_presses`. Everything else
has a default.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from fractions import Fraction
from functools import cached_property, wraps
from inspect import isfunction
from math import isfinite
from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.errors import FailedCode, InvalidOption, InvalidProblem, explained
from inwit.machine.machine import Machine, State
from inwit.machine.rules import Rules, Symbol
from inwit.parts import Part
from inwit.records import fingerprint
from inwit.tasks.pool import POOL
from inwit.tasks.problem_file import stated_number
from inwit.tasks.problems import Problems, by_turns, whole_level
from inwit.tasks.prompts import ALSO
from inwit.tools import HANDLES, ObjectTable, show


class Task(Part, ABC):
    """A source of problems. All randomness comes from the generator passed in."""

    registered: ClassVar[dict[str, type[Part]]] = {}
    shows_level: ClassVar[bool] = False
    """Whether the agent sees the level."""
    programs_transfer: ClassVar[bool] = False
    """Whether a program that solves one problem of a level often solves others of the level."""
    states_answer: ClassVar[bool] = False
    """Whether a problem states its answer, as a target does: what is asked is how to reach it."""
    split: ClassVar[int] = 1
    """Version of the held-out split; runs record it."""
    tolerance: float = 1e-9
    """Allowed deviation of an answer, absolute and relative to the true one."""
    constants: int = 0
    """Number of leading operands that are the same in every problem."""
    machine: ClassVar[type[Machine]] = Machine
    """The machine that gives the keys their meaning."""

    def __init_subclass__(cls) -> None:
        """Make `sys.exit` in a method of a user's class an ordinary error."""
        super().__init_subclass__()
        if not cls.__module__.startswith("inwit."):
            for name, each in list(vars(cls).items()):
                if isfunction(each):
                    setattr(cls, name, _contained(each))

    @cached_property
    def objects(self) -> ObjectTable:
        """The task's table of objects; a subclass with objects binds its tools to it."""
        return ObjectTable()

    @property
    @abstractmethod
    def rules(self) -> Rules:
        """Rules of the machine: operand keys, tools, memory."""

    @property
    @abstractmethod
    def symbols(self) -> tuple[str, ...]:
        """The alphabet of the problems."""

    @property
    def operand_symbols(self) -> tuple[str, ...]:
        """Symbols that stand for operands, in the order of the operand keys."""
        return ()

    @property
    def kinds(self) -> tuple[Symbol, ...]:
        """For streamed problems: the kind of each symbol of the alphabet."""
        return ()

    @property
    def displays(self) -> tuple[str, ...]:
        """Names of what the agent sees of the accumulator; for most tasks none."""
        return ()

    @property
    def press_values(self) -> int:
        """M: how many numbers an agent sees at every press; for most tasks none."""
        return 0

    @property
    def prompt_values(self) -> int:
        """M: how many numbers an agent sees at every symbol of a prompt; for most tasks none."""
        return 0

    @property
    def reveals_operands(self) -> bool:
        """Whether what an agent sees depends on the values of the operands."""
        return bool(self.displays or self.press_values or self.prompt_values)

    @property
    def levels(self) -> range:
        """Levels to train on; by default only level 0."""
        return range(1)

    @property
    def schedule(self) -> tuple[int, ...]:
        """Levels of the fixed curriculum, one per equal part of a run; by default all in order."""
        return tuple(self.levels)

    def check_level(self, level: int) -> None:
        """Refuse a level that the task does not have.

        Raises:
            InvalidOption: there is no such level.
        """
        if whole_level(level) not in self.levels:
            first, last = self.levels[0], self.levels[-1]
            raise InvalidOption(f"level {level}: '{self.name}' has the levels {first} to {last}")

    def is_shared(self, level: int) -> bool:
        """Whether training and evaluation share the problems of a level: too few to hold any out.

        By default no level has so few.
        """
        return False

    def chosen_levels(self, given: object, name: str = "levels") -> tuple[int, ...]:
        """Check a list of levels that a user gives.

        Args:
            given: an iterable of whole numbers; None for all levels.
            name: the option's name, for messages.

        Raises:
            InvalidOption: it is not a list of levels of this task.
        """
        if given is None:
            return tuple(self.levels)
        like = f"it must be a list of whole numbers, such as [{self.levels[0]}]"
        if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
            raise InvalidOption(f"{name} {given!r:.60}: {like}")
        try:
            levels = tuple(map(whole_level, given))
        except (TypeError, InvalidOption) as error:
            raise InvalidOption(f"{name} {given!r:.60}: {like}: {error}") from error
        if not levels:
            raise InvalidOption(f"{name} {given!r:.60}: it must hold at least one")
        for level in levels:
            self.check_level(level)
            if levels.count(level) > 1:
                raise InvalidOption(f"{name} {given!r:.60}: {level} is there twice")
        return levels

    def at_length(self, level: int) -> "Task":
        """The task in a form that can draw this level, trained on or not."""
        return self

    @abstractmethod
    def sample(
        self, level: Int[Tensor, " P"], generator: torch.Generator, *, held_out: bool = False
    ) -> Problems:
        """Draw one problem per entry of `level`, on the CPU.

        Args:
            level: (P,), the level of each problem.
            generator: source of all randomness.
            held_out: draw from the held-out problems, which training never sees.
        """

    @abstractmethod
    def max_presses(self, problems: Problems) -> int:
        """The maximum number of presses of an episode with any of these problems."""

    def max_depth(self, problems: Problems) -> int:
        """The memory depth that these problems need, in frames.

        By default the number of operands minus one: every stored frame holds its own operand.
        """
        operands = (~problems.operands.isnan()).sum(1)
        return max(0, int(operands.max()) - 1)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Weaknesses that can be seen before training, a sentence each."""
        return ()

    def parse(self, text: str) -> Problems:
        """Read a problem from text; by default only problems that the task draws are known.

        Raises:
            InvalidProblem: it cannot be read, or is not a problem of this task.
        """
        known, text = self._described, " ".join(text.split())
        if text not in known:
            near = get_close_matches(text, known, n=1, cutoff=0)[0]
            raise InvalidProblem(f"'{text:.60}' is not a problem of this task; '{near}' is")
        return known[text]

    @cached_property
    def _described(self) -> dict[str, Problems]:
        """Problems of both parts, by description."""
        generator, found = torch.Generator().manual_seed(0), dict[str, Problems]()
        level = by_turns(self.levels, POOL)
        for held_out in (False, True):
            problems = self.sample(level, generator, held_out=held_out)
            for row in range(POOL):
                text = " ".join(self.describe(problems, row).split())
                found.setdefault(text, problems.part(slice(row, row + 1)))
        return found

    def exact(self, text: str) -> Fraction | None:
        """The exact value of a problem's text, if the task can compute it as a fraction."""
        return None

    def right_answer(self, text: str, answer: float) -> object:
        """The right answer: a fraction if float64 rounds it; None if it is unknown.

        Args:
            text: the problem as typed or as described.
            answer: its float64 value.
        """
        near = self.objects.meaning(answer)
        exact = self.exact(text) if isfinite(answer) else None
        return near if exact is None or show(exact) == show(near) else exact

    def note(self, text: str) -> str:
        """A note on how an ambiguous text was read; empty for most tasks."""
        return ""

    def read_answers(self, stated: str) -> list[float]:
        """The float64s that an answer stated in a file may stand for; empty if none."""
        value = stated_number(stated)
        return [value] if abs(value) < HANDLES else []

    @property
    def answer_kinds(self) -> str:
        """The kind of answers, in words."""
        return "a number"

    def form(self, level: int) -> str:
        """The form of a level's problems, such as `a*b+c`; by default the level's number."""
        return f"level {level}"

    def describe(self, problems: Problems, row: int) -> str:
        """One problem as text.

        By default its symbols with the operands filled in, then the remaining operands.
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
        """Intermediate values (P, S), NaN for padding, and the reward of each (P, S).

        With shaping, submitting such a value earns its reward times the weight of shaping.
        """
        none = torch.empty(len(problems), 0, dtype=torch.double, device=problems.answer.device)
        return none, none

    @property
    def has_subgoals(self) -> bool:
        """Whether there are intermediate values that may be paid for."""
        return type(self).subgoals is not Task.subgoals

    def identity(self, problems: Problems) -> Int[Tensor, " P"]:
        """One number per problem (P,), equal for problems that an agent cannot distinguish."""
        if not self.reveals_operands:
            return problems.identity
        values = problems.operands.view(torch.long)  # what is seen depends on them
        return fingerprint(torch.cat([problems.identity[:, None], values], 1))

    def observe(self, accumulator: Float[Tensor, " B"]) -> Int[Tensor, " B"]:
        """Index into `displays` (B,) for each accumulator, if the task has displays."""
        raise NotImplementedError

    def see(self, state: State) -> Float[Tensor, "B M"]:
        """The numbers seen before a press, float32, where there are any (`press_values`)."""
        raise NotImplementedError

    def see_prompt(self, problems: Problems) -> Float[Tensor, "P L M"]:
        """The numbers seen in prompts, float32, where there are any (`prompt_values`)."""
        raise NotImplementedError

    def score(self, answer: Float[Tensor, " P"], problems: Problems) -> Bool[Tensor, " P"]:
        """Whether each answer is right (P,); empty, faulty and different objects are wrong."""
        return self.agrees(answer, problems)

    def agrees(self, answer: Float[Tensor, " P"], problems: Problems) -> Bool[Tensor, " P"]:
        """Whether each answer equals the stated one (P,)."""
        truth, size = problems.answer, answer.abs()
        near = ((answer - truth).abs() < self.margin(truth)) & (size.maximum(truth.abs()) < HANDLES)
        return near | ((answer == truth) & (size < torch.inf))

    def margin(self, truth: Float[Tensor, " P"]) -> Float[Tensor, " P"]:
        """Allowed deviation (P,) from each right answer."""
        return self.tolerance * (1 + truth.abs())

    @property
    def has_hindsight(self) -> bool:
        """Whether it can say what would have had to be asked."""
        return type(self).hindsight is not Task.hindsight

    def hindsight(
        self, problems: Problems, keys: Int[Tensor, "T P"], answer: Float[Tensor, " P"]
    ) -> tuple[Problems, Int[Tensor, "T S"]]:
        """What would have had to be asked for episodes to be right; by default no task knows.

        Args:
            problems: what was asked, on the CPU.
            keys: what was pressed, padded at the end, on the CPU.
            answer: what was answered; NaN where there was no answer.

        Returns:
            Training problems, and the keys that solve each: those pressed, with operands renamed
            where the new problem has them in another order. They are played again there, and must
            be right.
        """
        raise NotImplementedError

    def practice(self, problems: Problems, count: int, generator: torch.Generator) -> Problems:
        """Where random episodes for hindsight begin; by default at these problems, repeated.

        What is asked there does not matter, and nobody need be able to solve it.

        Args:
            problems: those of an update.
            count: how many, about.
            generator: source of all randomness.
        """
        return problems.repeat(-(-count // len(problems)))

    def random_programs(
        self, problems: Problems, generator: torch.Generator
    ) -> tuple[Int[Tensor, "T P"], Float[Tensor, " P"]] | None:
        """Random programs for hindsight, drawn as a whole; by default keys are pressed one by one.

        Returns:
            The keys, padded after the end, and what they compute; NaN where they compute nothing.
        """
        return None

    def after_failed_tries(
        self, problems: Problems, keys: Int[Tensor, "T P"], generator: torch.Generator
    ) -> Int[Tensor, "_ P"]:
        """The programs of hindsight, some after a try that fails, if an episode may have several.

        Args:
            problems: what is learnt, on the CPU.
            keys: a program that solves each, padded at the end.
            generator: source of all randomness, on the CPU.
        """
        return keys

    def accepts(self, answer: object, problems: Problems, row: int = 0) -> bool:
        """Whether a Python value, such as a language model's, is right for one problem of a batch.

        Raises:
            InvalidOption: the value cannot be an answer.
        """
        held = self.objects.find(answer)
        if held is None:
            return False  # no problem has this answer
        tried = torch.tensor([held], dtype=torch.double)
        return bool(self.score(tried, problems.part(slice(row, row + 1)))[0])


def _contained(function: Callable[..., object]) -> Callable[..., object]:
    """Wrap a function so that `sys.exit` in it raises `FailedCode`."""

    @wraps(function)
    def call(*arguments: object, **named: object) -> object:
        try:
            return function(*arguments, **named)
        except (Exception, KeyboardInterrupt):
            raise
        except BaseException as error:
            raise FailedCode(f"{function.__qualname__} failed: {explained(error)}") from error

    return call
