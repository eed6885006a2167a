"""Countdown: make a target from some numbers by `+ - * /`, using each number exactly once.

The rules are TinyZero's: an expression of all numbers is right if it equals the target, whatever
comes between, negative numbers and fractions included. Every problem that is drawn can be solved.
The agent is scored on what it makes of the numbers: the target itself is not a secret.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Annotated, ClassVar, Literal

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor
from torch.nn.functional import one_hot

from inwit.errors import InvalidOption, InvalidProblem
from inwit.machine.machine import State
from inwit.machine.rules import Rules
from inwit.parts import register
from inwit.records import distinct, fingerprint
from inwit.tasks import merges, reached
from inwit.tasks.base import Task
from inwit.tasks.observations import WAVES, WIDTH, see_number, see_waves
from inwit.tasks.pool import is_held_out
from inwit.tasks.problems import Problems, join_problems, oracles, whole_level, without_gaps
from inwit.tokens import ANSWER, CLEAR, PADDING, Vocabulary
from inwit.tools import ADD, DIV, MUL, SUB

NUMBERS = range(1, 100)
"""The numbers of a problem."""
FEW, TRAINED, MOST = 3, 4, 6
"""The fewest numbers of a problem, the most in training, the most of all."""
FORMS = {"tinyzero": range(10, 100), "stream-of-search": range(10, 101)}
"""The targets of each form."""
TARGETS = range(10, 101)
"""The targets of all forms, which have symbols."""
TOOLS = (ADD, SUB, MUL, DIV)
SEEN_FRAMES = 2
"""Frames of the memory that are seen, from the top."""
DRAWS = 256
"""Most sets of numbers drawn at once."""
SHARES = (1 / 2, 1 / 16)
"""Share of the targets that can be reached from a set of numbers that become problems, in training
and held out: the latter are to be more various."""
FAILED = 1 / 16
"""Share of the programs that are learnt after a try that failed, where there are several tries."""
EFFORT = {3: 0.06, 4: 0.94}
"""Share of the programs tried for hindsight with three and with four numbers: with three, one in 27
makes a new problem, with four one in 125."""
READABLE = re.compile(r"([0-9 ,]+?)\s*(?:->|→|=)\s*([0-9]+)")
"""`4 7 8 8 -> 24`."""


@register
@dataclass(frozen=True, kw_only=True)
class Countdown(Task):
    """Reach a target from three or four numbers, each used exactly once.

    A level is how many numbers there are. They are in ascending order.
    """

    rule: Literal["tinyzero", "stream-of-search"] = "tinyzero"
    """`tinyzero`: three and four numbers from 1 to 99, targets from 10 to 99; `stream-of-search`:
    four numbers, targets from 10 to 100."""
    most: Annotated[int, Field(ge=TRAINED, le=MOST)] = TRAINED
    """Number of operand keys; with more than four, the agent can be tested on five and six numbers,
    which training never draws."""
    waves: bool = True
    """Also encode numbers as sines and cosines, beside the standard encoding."""
    blind: bool = False
    """Read the problem once, then press keys without seeing anything."""
    once: bool = True
    """The keys enforce that each number is used once; with `--no-once`, the verdict checks it."""
    tries: Annotated[int, Field(ge=1, le=64)] = 1
    """Tries per episode; after each but the last, `CLR` clears the display and the memory and gives
    the numbers back."""

    name = "countdown"
    states_answer: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.blind and self.tries > 1:
            raise InvalidOption(
                f"--blind, --tries {self.tries}: who sees no result cannot know that a try failed; "
                "leave one of them out"
            )

    @property
    def rules(self) -> Rules:
        """The four operations; every number exactly once."""
        return Rules(
            tools=TOOLS,
            operands=self.most,
            once=self.once,
            counted=not self.once,
            tries=self.tries,
        )

    @property
    def symbols(self) -> tuple[str, ...]:
        """The numbers, then the targets."""
        return (*map(str, NUMBERS), *(f"-> {target}" for target in TARGETS))

    @property
    def operand_symbols(self) -> tuple[str, ...]:
        """The numbers."""
        return self.symbols[: len(NUMBERS)]

    @property
    def levels(self) -> range:
        """Three and four numbers, or four alone."""
        return range(FEW if self.rule == "tinyzero" else TRAINED, TRAINED + 1)

    @property
    def targets(self) -> range:
        """What is to be reached."""
        return FORMS[self.rule]

    @property
    def press_values(self) -> int:
        """Numbers that are left, target, display, frames in memory, and what is pending in each."""
        if self.blind:
            return 0
        numbers = self.most + 2 + SEEN_FRAMES
        return numbers * self.prompt_values + (1 + SEEN_FRAMES) * (len(TOOLS) + 1)

    @property
    def prompt_values(self) -> int:
        """The encoding of each number and of the target."""
        return WIDTH + WAVES * self.waves

    def at_length(self, level: int) -> "Countdown":
        """The same task, if it has as many operand keys.

        Raises:
            InvalidOption: it has fewer.
        """
        if not FEW <= whole_level(level) <= self.most:
            raise InvalidOption(
                f"level {level}: this task has {FEW} to {self.most} numbers; --most {MOST} has more"
            )
        return self

    def check_level(self, level: int) -> None:
        """Refuse a level with more numbers than there are operand keys.

        Raises:
            InvalidOption: there is no such level.
        """
        self.at_length(level)

    def sample(
        self, level: Int[Tensor, " P"], generator: torch.Generator, *, held_out: bool = False
    ) -> Problems:
        """Of three and four numbers every solvable problem is equally likely.

        Of five and six the target is what a random plan makes of random numbers.
        """
        drawn = torch.full((len(level), self.most + 1), torch.nan, dtype=torch.double)
        plans = [""] * len(level)
        for count in level.unique().tolist():
            self.at_length(count)
            rows = (level == count).nonzero()[:, 0].tolist()
            found = list[tuple[list[int], int, str]]()
            while len(found) < len(rows):
                size = min(DRAWS, 4 * len(rows))
                found += self._tried(count, size, generator, held_out)
            for row, (numbers, target, plan) in zip(rows, found, strict=False):
                drawn[row, :count] = torch.tensor(numbers, dtype=torch.double)
                drawn[row, -1], plans[row] = target, plan
        return self._problems(drawn, level, plans)

    def _tried(
        self, count: int, sets: int, generator: torch.Generator, held_out: bool
    ) -> list[tuple[list[int], int, str]]:
        """Solvable problems of random numbers that belong to this part."""
        size = sets if count >= TRAINED else 8 * sets
        numbers = torch.randint(
            NUMBERS.start, NUMBERS.stop, (size, count), generator=generator
        ).sort(1)[0]
        if count <= TRAINED:
            made = reached.reachable(numbers.double(), self.targets, SHARES[held_out], generator)
        else:
            made = reached.made(numbers.double(), self.targets, generator)
        row, target, plan = made
        kept = zip(numbers[row].tolist(), target.tolist(), plan.tolist(), strict=True)
        return [
            (each, goal, merges.program(merged, count))
            for each, goal, merged in kept
            if is_held_out(text_of(each, goal)) == held_out
        ]

    def _problems(
        self, drawn: Float[Tensor, "P K"], level: Int[Tensor, " P"], plans: Sequence[str] = ()
    ) -> Problems:
        """Problems from numbers in order, with the target behind them, and right programs."""
        vocabulary = self.rules.vocabulary
        nothing = torch.full((len(drawn), 1), vocabulary[PADDING])
        target = drawn[:, -1] - TARGETS.start + len(NUMBERS)
        symbols = (drawn - NUMBERS.start).scatter(1, level[:, None], target[:, None])
        places = torch.arange(self.most + 1)
        symbols = symbols.where(places <= level[:, None], -1)[:, : int(level.max()) + 1]
        return Problems(
            symbols=symbols.long(),
            operands=drawn,
            answer=drawn[:, -1].clone(),
            level=level,
            oracle=oracles(vocabulary, plans) if plans else nothing,
        )

    def practice(self, problems: Problems, count: int, generator: torch.Generator) -> Problems:
        """Random numbers, each set as often as it has different programs."""
        parts, levels = list[Problems](), problems.level.unique().tolist()
        for level in levels:
            repeats = len(merges.different(level))
            sets = -(-round(count * EFFORT[level]) // repeats)
            numbers = torch.randint(NUMBERS.start, NUMBERS.stop, (sets, level), generator=generator)
            drawn = torch.full((sets, self.most + 1), torch.nan, dtype=torch.double)
            drawn[:, :level] = numbers.sort(1)[0].double()
            drawn[:, -1] = self.targets.start
            part = self._problems(drawn, torch.full((sets,), level))
            parts.append(part.repeat(repeats))
        return join_problems(parts, self.rules.vocabulary[PADDING])

    def random_programs(
        self, problems: Problems, generator: torch.Generator
    ) -> tuple[Int[Tensor, "T P"], Float[Tensor, " P"]]:
        """One program after another on the same numbers in adjacent rows, from a random one on."""
        vocabulary, rows = self.rules.vocabulary, len(problems)
        keys = torch.full((self.max_presses(problems), rows), vocabulary[PADDING])
        answer = torch.full((rows,), torch.nan, dtype=torch.double)
        for level in problems.level.unique().tolist():
            some = (problems.level == level).nonzero()[:, 0]
            different = merges.different(level)
            first = int(torch.randint(len(different), (), generator=generator))
            plan = different[(torch.arange(len(some)) + first) % len(different)]
            table = _programs(vocabulary, level)
            keys[: len(table), some] = table[:, plan]
            numbers = problems.operands[some, :level]
            others = torch.ones(len(some), dtype=torch.bool)
            others[1:] = (numbers[1:] != numbers[:-1]).any(1)  # than in the row before
            answer[some] = merges.results(numbers[others])[others.cumsum(0) - 1, plan]
        return keys, answer

    def hindsight(
        self, problems: Problems, keys: Int[Tensor, "T P"], answer: Float[Tensor, " P"]
    ) -> tuple[Problems, Int[Tensor, "T S"]]:
        """The same numbers, with the answer as the target, where that is one of this part."""
        rows = reached.is_target(answer, self.targets).nonzero()[:, 0]
        drawn = problems.operands[rows]
        drawn[:, -1] = answer[rows].round()
        several, place = distinct(fingerprint(drawn.nan_to_num(nan=-1).long()))
        known = [
            not is_held_out(text_of(numbers[:count], int(numbers[-1])))
            for numbers, count in zip(
                drawn[several].long().tolist(),
                problems.level[rows[several]].tolist(),
                strict=True,
            )
        ]
        kept = torch.tensor(known, dtype=torch.bool)[place]
        rows, drawn = rows[kept], drawn[kept]
        if not len(rows):
            return problems.part(slice(0, 0)), keys[:, :0]
        return self._problems(drawn, problems.level[rows]), keys[:, rows]

    def after_failed_tries(
        self, problems: Problems, keys: Int[Tensor, "T P"], generator: torch.Generator
    ) -> Int[Tensor, "_ P"]:
        """Some of the programs after another one that comes near the target, and `CLR`."""
        if self.tries == 1:
            return keys
        vocabulary = self.rules.vocabulary
        parts = [torch.full_like(keys, vocabulary[PADDING]), keys]
        chosen = torch.rand(len(problems), generator=generator) < FAILED
        for level in problems.level[chosen].unique().tolist():
            rows = (chosen & (problems.level == level)).nonzero()[:, 0]
            numbers, target = problems.operands[rows, :level], problems.operands[rows, -1]
            plan = reached.near_misses(numbers, target, generator)
            failed = _programs(vocabulary, level)[:, plan]
            failed = failed.masked_fill(failed == vocabulary[ANSWER], vocabulary[CLEAR])
            parts[0][: len(failed), rows.to(keys.device)] = failed.to(keys.device)
        return without_gaps(torch.cat(parts), vocabulary[PADDING])

    def max_presses(self, problems: Problems) -> int:
        """For each try one per number and tool, every useful `STO` and `RCL`, `ANS` or `CLR`."""
        count = int(problems.level.max())
        return self.tries * (count + (count - 1) + 2 * (count - 2) + 1)

    def max_depth(self, problems: Problems) -> int:
        """Each frame in memory has its own tool and number."""
        return int(problems.level.max()) - 1

    def see(self, state: State) -> Float[Tensor, "B M"]:
        """The numbers that are left, in order, the target, and the calculation frame by frame.

        Where the keys do not enforce that each is used once, numbers stay in their places.
        """
        numbers, used = state.operands[:, : self.most], self._used(state)
        left = (used[:, None] >> torch.arange(self.most, device=used.device) & 1) == 0
        target = state.operands[:, self.most]
        memory = state.memory
        frames = [(state.frame.accumulator, state.frame.mode)]
        for behind in range(1, SEEN_FRAMES + 1):
            slot = (state.depth - behind).clamp(min=0)[:, None]
            there = state.depth >= behind
            value = memory.accumulator.gather(1, slot)[:, 0].masked_fill(~there, torch.nan)
            frames.append((value, memory.mode.gather(1, slot)[:, 0].masked_fill(~there, 0)))
        values = torch.stack([target, *(value for value, _ in frames)], 1)
        rest = numbers.masked_fill(~left | numbers.isnan(), torch.inf)
        rest = rest.sort(1)[0] if self.once else rest
        values = torch.cat([rest.masked_fill(rest.isinf(), torch.nan), values], 1)
        span = 2 * (self.rules.longest + 1)
        pending = torch.stack([mode // span for _, mode in frames], 1)
        return torch.cat(
            [self._encode(values).flatten(1), one_hot(pending, len(TOOLS) + 1).flatten(1).float()],
            1,
        )

    def _used(self, state: State) -> Int[Tensor, " B"]:
        """The set of numbers that went into the display or the memory, as bits."""
        if self.once:
            return ~state.available[:, 0]
        return reduce(torch.bitwise_or, state.held.unbind(1))

    def _encode(self, values: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape M"]:
        seen = see_number(values)
        return torch.cat([seen, see_waves(values)], -1) if self.waves else seen

    def see_prompt(self, problems: Problems) -> Float[Tensor, "P L M"]:
        """The value of each symbol."""
        symbols = problems.symbols
        value = torch.where(
            symbols < len(NUMBERS),
            symbols + NUMBERS.start,
            symbols - len(NUMBERS) + TARGETS.start,
        )
        return self._encode(value.double()) * (symbols >= 0)[..., None]

    def parse(self, text: str) -> Problems:
        """Read a problem such as `4 7 8 8 -> 24`.

        Raises:
            InvalidProblem: it has another form, or a number or the target is out of range.
        """
        found = READABLE.fullmatch(text.strip())
        if not found:
            raise InvalidProblem(f"'{text:.60}' is not a problem such as '4 7 8 8 -> 24'")
        numbers = sorted(int(word[:9]) for word in found[1].replace(",", " ").split())
        target = int(found[2][:9])
        if not FEW <= len(numbers) <= self.most:
            raise InvalidProblem(
                f"'{text:.60}' has {len(numbers)} numbers: {FEW} to {self.most} are allowed"
            )
        for number in numbers:
            if number not in NUMBERS:
                raise InvalidProblem(f"{number} is not one of the numbers from 1 to {NUMBERS[-1]}")
        if target not in TARGETS:
            raise InvalidProblem(f"{target} is not one of the targets from 10 to {TARGETS[-1]}")
        right = merges.solutions(numbers, target)
        values = torch.full((1, self.most + 1), torch.nan, dtype=torch.double)
        values[0, : len(numbers)] = torch.tensor(numbers, dtype=torch.double)
        values[0, -1] = target
        plans = [merges.keys(right[0]) if right else ""]
        return self._problems(values, torch.tensor([len(numbers)]), plans)

    def note(self, text: str) -> str:
        """A note where no expression reaches the target."""
        problems = self.parse(text)
        padding = self.rules.vocabulary["EOS"]
        solvable = int(problems.oracle[0, 0]) != padding
        return "" if solvable else "no expression of these numbers is equal to the target"

    def form(self, level: int) -> str:
        """How many numbers there are."""
        return f"{level} numbers"

    def describe(self, problems: Problems, row: int) -> str:
        """The numbers and the target: `4 7 8 8 -> 24`."""
        numbers = [int(each) for each in problems.operands[row, :-1].tolist() if each == each]
        return text_of(numbers, int(problems.operands[row, -1]))


@lru_cache(maxsize=8)
def _programs(vocabulary: Vocabulary, count: int) -> Int[Tensor, "T plans"]:
    """The keys of each plan, sums and products in one order."""
    return oracles(vocabulary, merges.ordered_programs(count))[:, :-1].T.contiguous()


def text_of(numbers: list[int], target: int) -> str:
    """The canonical text of a problem; it decides whether the problem is held out."""
    return f"{' '.join(map(str, sorted(numbers)))} -> {target}"
