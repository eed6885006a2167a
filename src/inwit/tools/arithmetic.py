"""The four operations and the change of sign, exact or modulo a prime.

Float64 holds every integer up to 2^53. Long expressions exceed that. Modulo a prime below 2^26
every product stays exact, so 1,000 multiplications can still be checked to the digit.
"""

from dataclasses import replace

import torch

from inwit.errors import InvalidOption
from inwit.tools.base import Tool

ADD = Tool(name="ADD", arity=2, function=torch.add, symbol="+", summary="The sum.")
SUB = Tool(
    name="SUB", arity=2, function=torch.sub, symbol="-", summary="The first minus the second."
)
MUL = Tool(name="MUL", arity=2, function=torch.mul, symbol="*", summary="The product.")
DIV = Tool(
    name="DIV",
    arity=2,
    function=torch.div,
    symbol="/",
    summary="The quotient; division by zero is a fault.",
)
NEG = Tool(name="NEG", arity=1, function=torch.neg, summary="The value with its sign changed.")


def modulo(tool: Tool, prime: int) -> Tool:
    """The same tool over the residues 0 .. prime - 1.

    Args:
        tool: one that maps integers to integers (ADD, SUB, MUL, NEG).
        prime: below 2^26, so that a product of two residues is exact in float64.

    Raises:
        InvalidOption: the modulus is too large, or the tool is a division.
    """
    if not 2 <= prime < 2**26:
        raise InvalidOption(f"modulus {prime}: it must be at least 2 and below 2^26 = {2**26}")
    if tool.name == DIV.name:
        raise InvalidOption("DIV has no exact form modulo a prime here: use ADD, SUB, MUL, NEG")
    return replace(tool, function=lambda *values: tool.function(*values).remainder(prime))
