"""Infix expressions, read once as a prompt and then solved blind."""

from dataclasses import dataclass
from typing import Annotated

import torch
from jaxtyping import Int
from pydantic import Field
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.machine.rules import Rules
from inwit.parts import register
from inwit.tasks import infix, programs
from inwit.tasks.expressions import TOOLS, Expressions, Numbers
from inwit.tasks.problems import Problems


@register
@dataclass(frozen=True, kw_only=True)
class ExpressionsPrompt(Expressions):
    """Infix expressions, read once as a prompt and then solved blind.

    By default their numbers, which the agent does not see, are from -99 to 99. With digits, 6 % of
    the programs that score are right by coincidence, and the agent learns from them.
    """

    numbers: Numbers = "signed"
    once: bool = True
    """Use every operand exactly once (see `Rules.once`)."""
    operands: Annotated[int, Field(ge=2, le=1000)] = 13
    """Number of operand keys: maximum operations plus one."""

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

    def program(self, expression: infix.Expression) -> list[str]:
        """The oracle's keys."""
        tools = {operator: TOOLS[operator].name for operator in self.operators}
        return programs.addressed(expression.postfix, tools)
