"""Infix expressions that are read once as a prompt, then solved blind."""

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
    """Infix expressions, read once as a prompt, then solved blind.

    By default their numbers, which the agent does not see, are from -99 to 99: with digits, six of
    a hundred programs that come out right are so by luck, and are learnt from.
    """

    numbers: Numbers = "signed"
    once: bool = True
    """Every operand is to be used exactly once (see `Rules.once`)."""
    operands: Annotated[int, Field(ge=2, le=1000)] = 13
    """Number of operand keys, one more than the most operations."""

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
        """As many operations as there are keys for."""
        return self.operands - 1

    def _columns(self, places: Int[Tensor, "P N"], symbols: int) -> tuple[Int[Tensor, "P N"], int]:
        """The numbers go one after another to the operand keys."""
        return torch.arange(places.shape[1]).expand_as(places), self.operands

    def max_presses(self, problems: Problems) -> int:
        """Every operand and tool once, `STO` and `RCL` for every operation but one, `ANS`."""
        return max(2, 4 * int(problems.level.max()))

    def max_depth(self, problems: Problems) -> int:
        """Every operation can be set aside for."""
        return int(problems.level.max())

    def program(self, expression: infix.Expression) -> list[str]:
        """The oracle's keys."""
        tools = {operator: TOOLS[operator].name for operator in self.operators}
        return programs.addressed(expression.postfix, tools)
