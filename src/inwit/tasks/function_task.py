"""`FunctionTask`: a task made from a function that draws problems (`@inwit.task`).

A pool of problems is drawn once, the same in every run; a fifth of it, by a hash of prompt and
operands, is held out. The agent reads the words of the prompt. It sees an operand `{0}` of the
prompt as a place; its value only if the task has `sees`.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated

import torch
from jaxtyping import Bool, Float, Int
from pydantic import Field
from torch import Tensor

from inwit.errors import FailedCode, InvalidOption, InwitError, UnknownName, explained
from inwit.machine.machine import State
from inwit.machine.rules import Rules, check_tools
from inwit.parts import NonNegative
from inwit.tasks.base import Task
from inwit.tasks.canonical import canonical, is_canonical
from inwit.tasks.free_text import Parse
from inwit.tasks.observations import EMPTY, FAILED, OPERANDS, Sight, Sights, check_names
from inwit.tasks.pool import POOL, Pool, split
from inwit.tasks.problems import Problems, oracles, padded
from inwit.tasks.prompts import Problem, join_prompt, place_of
from inwit.tasks.reading import Answers, Reader
from inwit.tasks.remarks import by_answer, remarks_on
from inwit.tools import FAULT, ObjectTable, Rows, Tool, described, written

LIMITS = ("presses", "memory", "once")
"""What an author may leave open."""
SHARED = ("pool", "pools", "symbols", "remarks", "_texts", "_numbers", "_sights", "_answers")
"""What no option changes: a copy of a task has the same."""
PRESSES = 8
"""Presses of an episode before the limits are known."""
ROUNDING = 4
"""Allowed error of a coarse type such as float32, in units of its precision."""

Draw = Callable[[random.Random], Problem]


@dataclass(frozen=True, kw_only=True, eq=False)
class FunctionTask(Task):
    """A task whose problems are drawn by a function."""

    draw: Draw
    """Draws one problem; its argument is the only source of randomness."""
    name: str
    """Name of the task."""
    tools: tuple[Tool, ...]
    """The tools of the machine."""
    presses: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Maximum presses per episode; inferred if not stated."""
    memory: Annotated[int, Field(ge=0, le=10_000)] | None = None
    """Maximum frames in memory; inferred if not stated."""
    once: bool | None = None
    """The keys enforce that every operand is used exactly once; inferred if not stated."""
    tolerance: NonNegative = 1e-9
    """Allowed deviation of an answer, absolute and relative to the larger magnitude."""
    verify: Callable[[object, Problem], bool] | None = None
    """Decides whether an answer is right, in place of equality."""
    shown: tuple[str, ...] = ()
    """Names of the displays: what the agent can see of a value."""
    display: Callable[[object], str] | None = None
    """Maps a value to one of these names."""
    sees: tuple[Sight, ...] = ()
    """Which numbers the agent sees (`inwit.tasks.observations.Sights`)."""
    parse_operand: Parse | None = None
    """Reads an operand from words of a typed question that no prompt has."""

    split = 2
    fixed = frozenset(
        {"draw", "name", "tools", "verify", "shown", "display", "sees", "parse_operand"}
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.shown) != (self.display is not None):
            raise InvalidOption(
                f"task '{self.name}': give both shown and display (value -> name), or neither"
            )
        check_names(self.name, self.shown)
        check_tools(self.tools)

    @property
    def left_open(self) -> tuple[str, ...]:
        """The limits that nobody stated: training infers them (`training.limits`)."""
        return tuple(name for name in LIMITS if getattr(self, name) is None)

    def but(self, **changes: object) -> "FunctionTask":
        """A copy with other options: the same problems, and the same objects with their handles.

        Raises:
            UnknownName: there is no such option.
            InvalidOption: a value is of the wrong type or out of range.
        """
        changed = super().but(**changes)
        shared = {name: value for name, value in vars(self).items() if name in SHARED}
        vars(changed).update(shared, objects=self.objects)
        return changed

    @cached_property
    def objects(self) -> ObjectTable:
        """Operands, answers and results that are not numbers."""
        rows = [each.function for each in self.tools if isinstance(each.function, Rows)]
        return ObjectTable(booleans=any(each.signature.booleans for each in rows))

    @cached_property
    def pool(self) -> list[Problem]:
        """All problems of the pool, by level.

        Raises:
            InvalidOption: the function fails or returns something that is not a problem.
        """
        source = random.Random(0)
        problems = [self._drawn(source) for _ in range(POOL)]
        levels = {problem.level for problem in problems}
        if levels != set(range(len(levels))):
            got = f"levels must be consecutive from 0; got {sorted(levels)}"
            raise InvalidOption(f"task '{self.name}': {got}")
        return sorted(problems, key=lambda problem: problem.level)

    def _drawn(self, source: random.Random) -> Problem:
        try:
            problem = self.draw(source)
            if not isinstance(problem, Problem):
                raise TypeError(f"it returned a {type(problem).__name__}, not an inwit.Problem")
            problem.check(self.objects)
        except KeyboardInterrupt:
            raise
        except InwitError as error:
            raise InvalidOption(f"task '{self.name}' drew no problem: {error}") from error
        except BaseException as error:
            raise FailedCode(f"task '{self.name}' drew no problem: {explained(error)}") from error
        exact = type(problem.level) is int
        return problem if exact else replace(problem, level=int(problem.level))

    @cached_property
    def pools(self) -> tuple[Pool[Problems], ...]:
        """The training pool and the held-out pool."""
        parts = split(self.pool, self._identity)
        for part, name in zip(parts, ("to train on", "held out"), strict=True):
            missing = set(self.levels) - {each.level for each in part}
            if missing:
                reason = f"of {POOL} problems none of level {missing.pop()} is {name}"
                raise InvalidOption(f"task '{self.name}': {reason}: {self._alike()}")
        return tuple(self.problems(part).pool for part in parts)

    def _identity(self, problem: Problem) -> str:
        """The canonical text of a problem: its prompt and its operands.

        Equal operands share the text of the one drawn first.
        """
        texts = [
            self._texts.setdefault(self.objects.encode(value), canonical(value))
            for value in problem.operands
        ]
        return repr((problem.symbols, texts))

    @cached_property
    def _texts(self) -> dict[float, str]:
        """The canonical text of each operand by its float64."""
        return {}

    def _alike(self) -> str:
        """Why too few problems are distinct."""
        kinds = {
            type(value).__name__: None
            for problem in self.pool
            for value in problem.operands
            if not is_canonical(value)
        }
        if not kinds:
            return "it draws too few different ones"
        return (
            f"a {next(iter(kinds))} has no text that is the same in every process: give it "
            "attributes that identify it, or a __repr__"
        )

    @cached_property
    def rules(self) -> Rules:
        """Rules with as many operand keys as the largest problem has operands."""
        operands = max(len(problem.operands) for problem in self.pool)
        tools = tuple(map(self.objects.bind, self.tools))
        return Rules(tools=tools, operands=operands, once=bool(self.once))

    @property
    def operand_symbols(self) -> tuple[str, ...]:
        """The places of operands in prompts."""
        return tuple(f"{{{place}}}" for place in range(self.rules.operands))

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Places of operands, then words and gaps."""
        found = {symbol for problem in self.pool for symbol in problem.symbols}
        words = sorted(symbol for symbol in found if place_of(symbol) is None)
        return (*self.operand_symbols, *words)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols)}

    @property
    def displays(self) -> tuple[str, ...]:
        """No value, a fault, and the task's own names."""
        return (EMPTY, FAILED, *self.shown) if self.shown else ()

    @cached_property
    def _sights(self) -> Sights:
        hidden = [each.prompt for each in self.pool if each.hidden]
        if OPERANDS in self.sees and hidden:
            raise InvalidOption(
                f"task '{self.name}' sees operands in their places, but not all have one in "
                f"'{hidden[0]:.60}': write 'all-operands' to show them at every press"
            )
        return Sights(
            task=self.name,
            sees=self.sees,
            objects=self.objects,
            operands=self.rules.operands,
            symbols=self.symbols,
            example=self.objects.encode(self.pool[0].operands[0]),
        )

    @property
    def press_values(self) -> int:
        """How many numbers are seen at every press."""
        return self._sights.at_press if self.sees else 0

    @property
    def prompt_values(self) -> int:
        """How many numbers are seen at every symbol of a prompt."""
        return self._sights.in_prompt if self.sees else 0

    def see(self, state: State) -> Float[Tensor, "B M"]:
        """The numbers seen before a press."""
        return self._sights.press(state)

    def see_prompt(self, problems: Problems) -> Float[Tensor, "P L M"]:
        """The values of operands and of written numbers, in their places."""
        return self._sights.prompt(problems.symbols, problems.operands)

    @property
    def levels(self) -> range:
        """The levels of the problems."""
        return range(self.pool[-1].level + 1)

    def sample(
        self, level: Int[Tensor, " P"], generator: torch.Generator, *, held_out: bool = False
    ) -> Problems:
        """Problems of the pool, drawn uniformly."""
        return self.pools[held_out].draw(level, generator)

    def problems(self, given: Sequence[Problem]) -> Problems:
        """Problems as tensors."""
        unread = len(self.symbols)
        symbols = [[self._numbers.get(word, unread) for word in each.symbols] for each in given]
        encode = self.objects.encode
        operands = [[encode(value) for value in each.operands] for each in given]
        answers = [torch.nan if each.answer is None else encode(each.answer) for each in given]
        values = padded(operands, torch.nan, torch.double)
        missing = self.rules.operands - values.shape[1]
        return Problems(
            symbols=padded(symbols, -1),
            operands=torch.nn.functional.pad(values, [0, missing], value=torch.nan),
            answer=torch.tensor(answers, dtype=torch.double),
            level=torch.tensor([each.level for each in given]),
            oracle=oracles(self.rules.vocabulary, [each.oracle for each in given]),
        )

    def problem(self, problems: Problems, row: int) -> Problem:
        """One problem of a batch as the function drew it, without its oracle program."""
        shown = (self.symbols[number] for number in problems.symbols[row].tolist() if number >= 0)
        operands = [value for value in problems.operands[row].tolist() if value == value]
        return Problem(
            prompt=join_prompt(shown),
            operands=tuple(map(self.objects.decode, operands)),
            answer=self.objects.decode(float(problems.answer[row])),
            level=int(problems.level[row]),
        )

    def max_presses(self, problems: Problems) -> int:
        """The limit that the task sets."""
        return self.presses or PRESSES

    def max_depth(self, problems: Problems) -> int:
        """The limit that the task sets."""
        return self.memory or 0

    def parse(self, text: str) -> Problems:
        """Read a problem of the pool, or one like it with other operands."""
        return self.problems([self._reader.read(text).problem])

    def note(self, text: str) -> str:
        """A note on the chosen prompt, if several fit, and on operands not given in the text."""
        return self._reader.read(text).note

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.pool, self.objects, self.parse_operand)

    def read_answers(self, stated: str) -> list[float]:
        """The answers of this task that a text may stand for: numbers, texts or objects."""
        return self._answers.read(stated)

    @property
    def answer_kinds(self) -> str:
        """The types of the drawn answers."""
        return self._answers.kinds

    @cached_property
    def _answers(self) -> Answers:
        return Answers([problem.answer for problem in self.pool], self.objects)

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """Too few distinct problems, prompts that are too rare, problems with several answers."""
        identities = [self._identity(problem) for problem in self.pool]
        return remarks_on(self.pool, identities, one_answer=self.verify is None)

    @cached_property
    def contradictory(self) -> tuple[int, int]:
        """How many distinct problems were drawn with several answers, and how many there are."""
        found = by_answer(self.pool, [self._identity(problem) for problem in self.pool])
        several = sum(len(same) > 1 for same in found.values())
        return 0 if self.verify else several, len(found)

    def form(self, level: int) -> str:
        """The first prompt of the level, and how many others it has."""
        prompts = dict.fromkeys(each.prompt for each in self.pool if each.level == level)
        first, *others = prompts
        return f"{first} (and {len(others)} more)" if others else first

    def describe(self, problems: Problems, row: int) -> str:
        """The prompt with its operands, then the operands without a place."""
        return self.problem(problems, row).question()

    def observe(self, accumulator: Float[Tensor, " B"]) -> Int[Tensor, " B"]:
        """The display (B,) of each accumulator."""
        places = [self._place(value) for value in accumulator.tolist()]
        return torch.tensor(places, dtype=torch.long, device=accumulator.device)

    def _place(self, value: float) -> int:
        if value != value or value == FAULT or self.display is None:
            return int(value == FAULT)
        meant = self.objects.decode(value)
        try:
            name = self.display(meant)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            what = f"display of task '{self.name}' failed on {described(meant)}"
            raise FailedCode(f"{what}: {explained(error)}") from error
        if not isinstance(name, str) or name not in self.shown:
            raise UnknownName(f"display of task '{self.name}'", f"{written(name):.60}", self.shown)
        return 2 + self.shown.index(name)

    def agrees(self, answer: Float[Tensor, " P"], problems: Problems) -> Bool[Tensor, " P"]:
        """Whether each answer is right (P,): by `verify`, or by equality with the stated one.

        An answer on which `verify` fails is wrong, since an agent may submit anything.
        """
        if self.verify is None:
            return super().agrees(answer, problems)
        right = [
            abs(value) < torch.inf
            and self._verified(self.objects.decode(value), self.problem(problems, row))
            for row, value in enumerate(answer.tolist())
        ]
        return torch.tensor(right, dtype=torch.bool, device=answer.device)

    def accepts(self, answer: object, problems: Problems, row: int = 0) -> bool:
        """Whether a value is right for one problem of a batch."""
        if self.verify is None:
            return super().accepts(answer, problems, row)
        number = self.objects.number(answer)
        return self._verified(answer if number is None else number, self.problem(problems, row))

    def margin(self, truth: Float[Tensor, " P"]) -> Float[Tensor, " P"]:
        """Allowed deviation (P,): the task's tolerance, or more for a coarse type such as float32.

        A whole answer never matches a different one that its type can represent.
        """
        step = self.objects.epsilon * truth.abs()
        needed = (ROUNDING * step).where(truth != truth.round(), (step / 2).clamp(min=0.5))
        return super().margin(truth).maximum(needed.minimum(ROUNDING * step))

    def _verified(self, answer: object, problem: Problem) -> bool:
        try:
            return self.verify is not None and bool(self.verify(answer, problem))
        except KeyboardInterrupt:
            raise
        except BaseException:
            return False
