"""Infix expressions, read once as a prompt and then solved blind."""

from dataclasses import dataclass
from typing import Annotated

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.machine.rules import Rules
from inwit.parts import register
from inwit.tasks import infix, programs
from inwit.tasks.expressions import TOOLS, Expressions, Numbers, table_of
from inwit.tasks.problems import Problems, padded
from inwit.tasks.structures import in_held_out
from inwit.tokens import PADDING


@register
@dataclass(frozen=True, kw_only=True)
class ExpressionsPrompt(Expressions):
    """Infix expressions, read once as a prompt and then solved blind.

    By default their numbers, which the agent does not see, are from -99 to 99. With digits, 6 % of
    the programs that score are right by coincidence, and the agent learns from them.
    """

    numbers: Numbers = "signed"
    once: bool = True
    """The keys enforce that every operand is used exactly once."""
    operands: Annotated[int, Field(ge=2, le=1000)] = 13
    """Number of operand keys; a problem may have one operation fewer."""

    name = "expressions-prompt"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.largest > self.longest:
            most = f"with {self.operands} operand keys it must be at most {self.longest}"
            raise InvalidOption(f"--largest {self.largest}: {most}")

    @property
    def rules(self) -> Rules:
        """A machine with operand keys."""
        return Rules(tools=self.tools, operands=self.operands, once=self.once)

    @property
    def longest(self) -> int:
        """The number of operand keys minus one."""
        return self.operands - 1

    def _columns(self, places: Int[Tensor, "P N"], symbols: int) -> tuple[Int[Tensor, "P N"], int]:
        """Operands (P, N): the numbers in order, one per operand key."""
        return torch.arange(places.shape[1]).expand_as(places), self.operands

    def max_presses(self, problems: Problems) -> int:
        """One per operand and tool, an `STO` and an `RCL` per operation but one, and `ANS`."""
        return max(2, 4 * int(problems.level.max()))

    def max_depth(self, problems: Problems) -> int:
        """One frame per operation."""
        return int(problems.level.max())

    def hindsight(
        self, problems: Problems, keys: Int[Tensor, "T P"], answer: Float[Tensor, " P"]
    ) -> tuple[Problems, Int[Tensor, "T S"]]:
        """The expression that the keys compute, with its operands from left to right."""
        names, padding = self.rules.vocabulary.names, self.rules.vocabulary[PADDING]
        tools = tuple((TOOLS[operator].name, operator) for operator in self.operators)
        found = dict[int, programs.Formula]()
        for row in (~answer.isnan()).nonzero()[:, 0].tolist():
            pressed = tuple(names[key] for key in keys[:, row].tolist() if key != padding)
            formula = programs.computed(pressed, tools)
            if formula and self._in_training(formula):
                found[row] = formula
        if not found:
            return problems.part(slice(0, 0)), keys[:, :0]
        rows, formulas = list(found), list(found.values())
        place = padded([formula.operands for formula in formulas], -1)  # (S, N)
        level = (place >= 0).sum(1) - 1
        table = table_of(self, [infix.read(each.text, letters=True) for each in formulas])
        values = problems.operands[rows].gather(1, place.clamp(min=0))
        renamed = torch.arange(len(names) + 1).repeat(len(rows), 1)
        renamed.scatter_(
            1, place.where(place >= 0, len(names)), torch.arange(place.shape[1]).expand_as(place)
        )
        kept = renamed.gather(1, keys[:, rows].T).T
        return self._with_values(table, level, values), kept

    def _in_training(self, formula: programs.Formula) -> bool:
        """Whether it may be asked in training."""
        operations = len(formula.operands) - 1
        return operations in self.levels and not in_held_out(self.grammar, formula.text, operations)

    def program(self, expression: infix.Expression) -> list[str]:
        """The oracle's keys."""
        tools = {operator: TOOLS[operator].name for operator in self.operators}
        return programs.addressed(expression.postfix, tools)
