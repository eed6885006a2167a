"""What can be called: `Tool`, the arithmetic ones, and `tool`, which makes one of a function."""

from inwit.tools.arithmetic import ADD, DIV, MUL, NEG, SUB, modulo
from inwit.tools.base import FAULT, Tool, checked, meaning, show
from inwit.tools.functions import tool
from inwit.tools.objects import HANDLES, decode, encode
from inwit.tools.texts import digits, plain_digits, read_value, text_of, value_of

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
    "digits",
    "encode",
    "meaning",
    "modulo",
    "plain_digits",
    "read_value",
    "show",
    "text_of",
    "tool",
    "value_of",
]
