"""What can be called: `Tool`, and the arithmetic ones."""

from inwit.tools.arithmetic import ADD, DIV, MUL, NEG, SUB, modulo
from inwit.tools.base import FAULT, Tool

__all__ = ["ADD", "DIV", "FAULT", "MUL", "NEG", "SUB", "Tool", "modulo"]
