"""The tutorial's three stages: `a*b+c`, `(a*b+c)-d`, `(a*b+c)-(d*e)` over the digits 0 to 9.

The agent reads the digits and the stage, then presses keys blind. Problems whose digits add up to a
multiple of five, a fifth of all, are held out: training never draws them.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.errors import InvalidProblem
from inwit.machine.rules import Rules
from inwit.parts import register
from inwit.tasks import infix
from inwit.tasks.base import Task
from inwit.tasks.pool import HELD_OUT
from inwit.tasks.problems import Problems, padded
from inwit.tokens import PADDING, Vocabulary
from inwit.tools import ADD, MUL, SUB

FORMS = ("a*b+c", "(a*b+c)-d", "(a*b+c)-(d*e)")
OPERANDS, KEYS = (3, 4, 5), 10
"""Operands of a problem, by stage; operand keys, as many as the tutorial has."""
PROGRAMS = (
    "0 MUL 1 ADD 2 ANS",
    "0 MUL 1 ADD 2 SUB 3 ANS",
    "0 MUL 1 ADD 2 SUB STO 3 MUL 4 RCL ANS",
)
EXISTS = torch.arange(max(OPERANDS)) < torch.tensor(OPERANDS)[:, None]
"""Which operands a problem has, by stage."""
# The tutorial's rewards for ending on a*b, a*b+c, (a*b+c)-d, d*e, (a*b+c)-(d*e), by stage.
WORTH = torch.tensor(
    ((0.25, 0.5, 0, 0, 0), (0.25, 0.5, 0.75, 0, 0), (0.2, 0.4, 0, 0.6, 0.6)), dtype=torch.double
)


@register
@dataclass(frozen=True, kw_only=True)
class Stages(Task):
    """Three stages of arithmetic: a*b+c, (a*b+c)-d, (a*b+c)-(d*e)."""

    once: bool = False
    """The keys enforce that every operand is used exactly once."""

    name = "stages"
    shows_level: ClassVar[bool] = True
    programs_transfer: ClassVar[bool] = True

    @property
    def rules(self) -> Rules:
        """Ten operand keys and the tutorial's tools: its 18 tokens."""
        return _rules(self.once)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The ten digits."""
        return tuple("0123456789")

    @property
    def operand_symbols(self) -> tuple[str, ...]:
        """Every digit."""
        return self.symbols

    @property
    def levels(self) -> range:
        """The three stages."""
        return range(len(FORMS))

    @property
    def schedule(self) -> tuple[int, ...]:
        """The tutorial's."""
        return (0, 0, 0, 1, 1, 2)

    def sample(
        self, level: Int[Tensor, " P"], generator: torch.Generator, *, held_out: bool = False
    ) -> Problems:
        """Problems drawn uniformly from the held-out or the training part."""
        size = len(level)
        digits = torch.randint(0, 10, (size, max(OPERANDS)), generator=generator)
        digits = digits * EXISTS.index_select(0, level)
        # The last digit moves the sum into the wanted class. All problems of the class are equally
        # # likely, because every remainder belongs to two digits.
        wanted = torch.zeros(size, dtype=torch.long)
        if not held_out:
            wanted = torch.randint(1, HELD_OUT, (size,), generator=generator)
        place = level[:, None] + OPERANDS[0] - 1
        last = digits.gather(1, place)
        shift = (wanted - digits.sum(1)) % HELD_OUT
        moved = last - last % HELD_OUT + (last + shift[:, None]) % HELD_OUT
        return self._problems(digits.scatter(1, place, moved).double(), level)

    def _problems(self, values: Float[Tensor, "P N"], level: Int[Tensor, " P"]) -> Problems:
        """Problems from operand values (P, N); values past a stage's last operand are ignored."""
        exists = EXISTS.index_select(0, level)
        shown = values.where(exists, torch.nan)
        operands = torch.nn.functional.pad(shown, (0, KEYS - max(OPERANDS)), value=torch.nan)
        return Problems(
            symbols=values.where(exists, -1).long(),
            operands=operands,
            answer=answers_of(values, level),
            level=level,
            oracle=stage_oracles(self.rules.vocabulary, PROGRAMS).index_select(0, level),
        )

    def subgoals(self, problems: Problems) -> tuple[Float[Tensor, "P S"], Float[Tensor, "P S"]]:
        """The tutorial's sub-goals (P, S) and their rewards."""
        return subgoals_of(problems)

    def max_presses(self, problems: Problems) -> int:
        """Operands, tools, `ANS`, and every useful `STO` and `RCL`."""
        count = OPERANDS[int(problems.level.max())]
        return count + (count - 1) + 1 + 2 * (count - 2)

    def max_depth(self, problems: Problems) -> int:
        """Each frame in memory has its own tool and operand."""
        return OPERANDS[int(problems.level.max())] - 1

    def parse(self, text: str) -> Problems:
        """A problem of one of the three forms, with or without the parentheses."""
        given = infix.read(text)
        plans = [infix.read(form, letters=True).postfix for form in FORMS]
        if given.postfix not in plans:
            raise InvalidProblem(
                f"this problem has none of the forms of this task: {', '.join(FORMS)}"
            )
        strange = [number for number in given.numbers if number not in self.symbols]
        if strange:
            raise InvalidProblem(f"{strange[0]} is not one of the digits 0 to 9 of this task")
        level = plans.index(given.postfix)
        values = torch.zeros(1, max(OPERANDS), dtype=torch.double)
        values[0, : OPERANDS[level]] = torch.tensor([float(number) for number in given.numbers])
        return self._problems(values, torch.tensor([level]))

    def form(self, level: int) -> str:
        """The stage's form, in letters."""
        return FORMS[level]

    def describe(self, problems: Problems, row: int) -> str:
        """The form with its digits: `(3*7+2)-(4*5)`."""
        form = FORMS[int(problems.level[row])]
        digits = iter(problems.symbols[row].tolist())
        return "".join(str(next(digits)) if char.isalpha() else char for char in form)


@lru_cache(maxsize=2)
def _rules(once: bool) -> Rules:
    return Rules(tools=(MUL, ADD, SUB), operands=KEYS, once=once)


@lru_cache(maxsize=8)
def stage_oracles(vocabulary: Vocabulary, programs: tuple[str, ...]) -> Int[Tensor, "levels K"]:
    """The program of each stage."""
    return padded(map(vocabulary.encode, programs), vocabulary[PADDING])


def subgoals_of(problems: Problems) -> tuple[Float[Tensor, "P S"], Float[Tensor, "P S"]]:
    """Intermediate values (P, S) and the tutorial's rewards for them."""
    values = _on_the_way(problems.operands[:, : max(OPERANDS)])
    return values, WORTH.to(values.device).index_select(0, problems.level)


def answers_of(values: Float[Tensor, "P N"], level: Int[Tensor, " P"]) -> Float[Tensor, " P"]:
    """a*b+c, (a*b+c)-d or (a*b+c)-(d*e), by stage."""
    return _on_the_way(values)[:, [1, 2, 4]].gather(1, level[:, None])[:, 0]


def _on_the_way(values: Float[Tensor, "P N"]) -> Float[Tensor, "P S"]:
    """a*b, a*b+c, (a*b+c)-d, d*e and (a*b+c)-(d*e)."""
    a, b, c, d, e = values.unbind(1)
    product, other = a * b, d * e
    total = product + c
    return torch.stack([product, total, total - d, other, total - other], 1)
