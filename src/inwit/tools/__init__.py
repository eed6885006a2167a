"""Tools: `Tool`, the arithmetic ones, and `tool`, which turns a function into one."""

from inwit.tools.arithmetic import ADD, DIV, MUL, NEG, SUB, modulo
from inwit.tools.base import FAULT, Rows, Tool, checked, show
from inwit.tools.functions import tool
from inwit.tools.numbers import is_number, to_float
from inwit.tools.objects import HANDLES, ObjectTable
from inwit.tools.quoting import described, error_text, quoted, written
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
    "ObjectTable",
    "Rows",
    "Tool",
    "checked",
    "described",
    "digits",
    "error_text",
    "is_number",
    "modulo",
    "plain_digits",
    "quoted",
    "read_value",
    "show",
    "text_of",
    "to_float",
    "tool",
    "value_of",
    "written",
]
