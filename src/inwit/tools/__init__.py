"""What can be called: `Tool`, the arithmetic ones, and `tool`, which makes one of a function."""

from inwit.tools.arithmetic import ADD, DIV, MUL, NEG, SUB, modulo
from inwit.tools.base import FAULT, Rows, Tool, checked, show
from inwit.tools.functions import tool
from inwit.tools.numbers import is_number, to_float
from inwit.tools.objects import HANDLES, ObjectTable
from inwit.tools.quoting import described, quoted, told, written

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
    "ObjectTable",
    "Rows",
    "Tool",
    "checked",
    "described",
    "is_number",
    "modulo",
    "quoted",
    "show",
    "to_float",
    "told",
    "tool",
    "written",
]
