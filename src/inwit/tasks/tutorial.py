"""The published tutorial's environment with all its faults, as a test for audits.

It is a task like any other and must never be repaired. Its verifier rewards an earlier goal than
the stated one; its tools choose their own operands; `STO` sets a flag and `RCL` computes d*e; the
limit is six presses where the plan of the last stage has seven; and all 18 keys are always legal,
though only six of them do anything.
"""

from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.machine.machine import Machine, State
from inwit.machine.rules import Rules
from inwit.parts import register
from inwit.tasks.base import Task
from inwit.tasks.problems import Problems
from inwit.tasks.stages import FORMS, OPERANDS, Stages, answers_of, stage_oracles, subgoals_of
from inwit.tokens import ANSWER, RECALL, STORE
from inwit.tools import ADD, MUL, SUB

PLANS = ("MUL ADD ANS", "MUL ADD SUB ANS", "MUL ADD STO MUL RCL SUB ANS")
"""The intended program of each stage."""
PRESSES = 6
COUNT = max(OPERANDS)


class TutorialMachine(Machine):
    """A value and a flag; each tool knows its operands. A digit does nothing."""

    def reset(
        self,
        operands: Float[Tensor, "B N"],
        symbols: Int[Tensor, "B L"] | None = None,
        *,
        depth: int,
    ) -> State:
        """The initial state: no value, flag off, every key legal.

        The depth of the memory is the flag: there is no memory.
        """
        state = super().reset(operands, symbols, depth=1)
        return replace(state, legal=self.keys.sets.sum(0).expand_as(state.legal))

    def press(self, state: State, key: Int[Tensor, " B"]) -> State:
        """The state after one press per episode; after `ANS` nothing changes."""
        answer, store, recall = (self._is(name, key, state) for name in (ANSWER, STORE, RECALL))
        value, stored = state.frame.accumulator, state.depth > 0
        empty, stage = value.isnan(), (~state.operands[:, :COUNT].isnan()).sum(1) - OPERANDS[0]
        a, b, c, d, e, nought = state.operands[:, : COUNT + 1].unbind(1)
        tool = torch.where(state.answered, -1, self.keys.tool[key])
        multiply, add, subtract = (tool == number for number in range(3))

        recall &= stored
        computes = recall & (stage == 2)  # and recalls nothing
        left = torch.where(computes, d, torch.where(empty, a, value))
        right = torch.where(add, c, torch.where(subtract & (stage == 2) & stored, e, d))
        right = torch.where(computes, e, torch.where(empty, b, right))
        runs = multiply & (empty | (stage > 0)) | add & ~empty | subtract & ~empty & (stage > 0)
        tool = torch.where(computes, 0, torch.where(runs, tool, -1))
        result, _ = self._run(tool, torch.stack([left, right], 1))
        result = torch.where(tool < 0, value, result)
        result = torch.where(recall & ~computes & empty, nought, result)
        return replace(
            state,
            frame=replace(state.frame, values=result[:, None] + self._alone),
            depth=state.depth | store.long(),
            answered=state.answered | answer,
        )

    def _is(self, name: str, key: Int[Tensor, " B"], state: State) -> Bool[Tensor, " B"]:
        return (key == self.vocabulary[name]) & ~state.answered


@register
@dataclass(frozen=True, kw_only=True)
class Tutorial(Task):
    """The published tutorial's three stages."""

    name = "tutorial"
    shows_level: ClassVar[bool] = True
    programs_transfer: ClassVar[bool] = True
    machine: ClassVar[type[Machine]] = TutorialMachine

    @property
    def rules(self) -> Rules:
        """The tutorial's 18 tokens, in its order."""
        return Rules(tools=(MUL, ADD, SUB), operands=10)

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
        """Digits drawn uniformly; no problem is held out."""
        return self._problems(torch.randint(0, 10, (len(level), COUNT), generator=generator), level)

    def _problems(self, digits: Int[Tensor, "P N"], level: Int[Tensor, " P"]) -> Problems:
        exists = torch.arange(COUNT) < torch.tensor(OPERANDS)[level][:, None]
        values = digits.double()
        operands = torch.full((len(level), self.rules.operands), torch.nan, dtype=torch.double)
        operands[:, :COUNT] = values.where(exists, torch.nan)
        operands[:, COUNT] = 0.0  # the result of `RCL` without a value
        return Problems(
            symbols=digits.where(exists, -1),
            operands=operands,
            answer=answers_of(values, level),
            level=level,
            oracle=stage_oracles(self.rules.vocabulary, PLANS)[level],
        )

    def subgoals(self, problems: Problems) -> tuple[Float[Tensor, "P S"], Float[Tensor, "P S"]]:
        """Rewarded values (P, S) and their rewards."""
        return subgoals_of(problems)

    def score(self, answer: Float[Tensor, " P"], problems: Problems) -> Bool[Tensor, " P"]:
        """Whether each answer (P,) is the previous stage's goal: a*b, a*b+c, (a*b+c)-d."""
        values, _ = subgoals_of(problems)
        return answer == values.gather(1, problems.level[:, None])[:, 0]

    def max_presses(self, problems: Problems) -> int:
        """Six, at every stage."""
        return PRESSES

    def max_depth(self, problems: Problems) -> int:
        """The flag."""
        return 1

    def parse(self, text: str) -> Problems:
        """A problem of one of the three forms."""
        typed = Stages().parse(text)
        return self._problems(typed.symbols.clamp(min=0), typed.level)

    def form(self, level: int) -> str:
        """The stage's form, in letters."""
        return FORMS[level]

    def describe(self, problems: Problems, row: int) -> str:
        """The form with its digits."""
        return Stages().describe(problems, row)
