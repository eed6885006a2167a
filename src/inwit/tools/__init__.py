"""What can be called: `Tool`, the arithmetic ones, and `tool`, which makes one of a function."""

from inwit.tools.arithmetic import ADD, DIV, MUL, NEG, SUB, modulo
from inwit.tools.base import FAULT, Tool, checked, meaning, show
from inwit.tools.functions import tool
from inwit.tools.objects import HANDLES, decode, encode

ARITHMETIC = (ADD, SUB, MUL, DIV, NEG)

__all__ = [
    "ADD",
    "ARITHMETIC",
    "DIV",
    "FAULT",
    "HANDLES",
    "MUL",
    "NEG",
    "SUB",
    "Tool",
    "checked",
    "decode",
    "encode",
    "meaning",
    "modulo",
    "show",
    "tool",
]
