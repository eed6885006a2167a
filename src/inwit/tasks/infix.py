"""Parses arithmetic of any length, without ever evaluating it as code.

The parser is iterative (operator precedence; Dijkstra's shunting yard), so 10,000 nested
parentheses are no harder than one. A mistake is reported at its character.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from inwit.errors import InvalidProblem

PRECEDENCE = {"+": 1, "-": 1, "*": 2, "/": 2}
MAX_CHARACTERS = 1_000_000
MAX_DIGITS = 300
"""Maximum digits of a number; longer ones do not fit into float64."""
MAX_BITS = 2**16
"""Maximum bits of an exact value; arithmetic on longer ones would never end."""
_ALIASES = str.maketrans("\u00d7\u00b7\u00f7\u2212\u2013", "**/--")
_NUMBER = re.compile(r"\d+\.?\d*|\.\d+", re.ASCII)
_QUESTION = re.compile(r"\s*(=\s*\??|\?)\s*$")


@dataclass(frozen=True, kw_only=True)
class Expression:
    """A parsed expression."""

    symbols: tuple[str, ...]
    """The symbols: `n` for a number, operators and parentheses as written."""
    numbers: tuple[str, ...]
    """The numbers (in a form: the letters), in written order."""
    postfix: tuple[int | str, ...]
    """Indices of numbers, and operators, in postfix order."""

    def value(self) -> Fraction:
        """The exact value.

        Raises:
            ZeroDivisionError: the expression divides by zero.
            OverflowError: an intermediate value has more than `MAX_BITS` bits.
        """
        stack: list[Fraction] = []
        for item in self.postfix:
            if isinstance(item, int):
                stack.append(Fraction(self.numbers[item]))
                continue
            right, left = stack.pop(), stack.pop()
            match item:
                case "+":
                    stack.append(left + right)
                case "-":
                    stack.append(left - right)
                case "*":
                    stack.append(left * right)
                case _:
                    stack.append(left / right)
            result = stack[-1]
            if max(result.numerator.bit_length(), result.denominator.bit_length()) > MAX_BITS:
                raise OverflowError
        return stack[0]


def read(text: str, *, letters: bool = False) -> Expression:
    """Parse an expression with `+ - * /`, parentheses, decimals and signs.

    A sign before a parenthesis is a subtraction from zero: `-(2+3)` is `(0-(2+3))`. A final `=`,
    `= ?` or `?` is ignored.

    Args:
        text: the text to parse.
        letters: accept single letters for numbers, as in the form `a*b+c`.

    Raises:
        InvalidProblem: it is not an expression; the message points at the character.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidProblem(f"{len(text)} characters: a problem has at most {MAX_CHARACTERS}")
    text = _QUESTION.sub("", text)
    reader = _Reader(text)
    for symbol, position in _split(text, letters):
        reader.take(symbol, position)
    return reader.finish()


def _split(text: str, letters: bool) -> Iterator[tuple[str, int]]:
    """The symbols of a text and their positions."""
    text, position = text.translate(_ALIASES), 0
    while position < len(text):
        character = text[position]
        number = _NUMBER.match(text, position)
        if character.isspace():
            position += 1
        elif number:
            if len(number[0]) > MAX_DIGITS:
                raise InvalidProblem(
                    f"a number of {len(number[0])} digits: at most {MAX_DIGITS}", text, position
                )
            yield number[0], position
            position = number.end()
        elif character in "+-*/()" or (letters and character in "abcdefghijklmnopqrstuvwxyz"):
            yield character, position
            position += 1
        else:
            raise InvalidProblem(
                f"'{character}' cannot be read: a problem is written with numbers, + - * / and ( )",
                text,
                position,
            )


class _Reader:
    """A shunting yard that also keeps the written symbols."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.symbols: list[str] = []
        self.numbers: list[str] = []
        self.postfix: list[int | str] = []
        self.waiting: list[tuple[str, int]] = []  # operators and opening parentheses
        self.added: list[bool] = []  # for every open parenthesis: was one inserted before it?
        self.sign: int | None = None  # position of a sign without its operand

    def take(self, symbol: str, position: int) -> None:
        """Process the next symbol."""
        operand_due = not self.symbols or self.symbols[-1] in "+-*/("
        if symbol in PRECEDENCE:
            self._operator(symbol, position, operand_due)
        elif symbol == ")":
            self._close(position, operand_due)
        elif not operand_due:
            raise self._mistake("an operator is missing before this", position)
        elif symbol == "(":
            self._open(position)
        else:
            self._number(symbol)

    def finish(self) -> Expression:
        """The complete expression."""
        if not self.symbols and self.sign is None:
            raise InvalidProblem("the problem is empty: type one such as 3*7+2-4*5")
        if self.sign is not None or self.symbols[-1] in "+-*/(":
            raise self._mistake("the expression ends before a number", len(self.text))
        while self.waiting:
            operator, position = self.waiting.pop()
            if operator == "(":
                raise self._mistake("this parenthesis is never closed", position)
            self.postfix.append(operator)
        return Expression(
            symbols=tuple(self.symbols), numbers=tuple(self.numbers), postfix=tuple(self.postfix)
        )

    def _operator(self, symbol: str, position: int, operand_due: bool) -> None:
        if operand_due:
            if symbol not in "+-" or self.sign is not None:
                raise self._mistake("a number is missing before this", position)
            self.sign = position
            return
        while self.waiting and PRECEDENCE.get(self.waiting[-1][0], 0) >= PRECEDENCE[symbol]:
            self.postfix.append(self.waiting.pop()[0])
        self.waiting.append((symbol, position))
        self.symbols.append(symbol)

    def _number(self, symbol: str) -> None:
        minus = self.sign is not None and self.text[self.sign] not in "+"
        self.postfix.append(len(self.numbers))
        self.numbers.append("-" + symbol if minus else symbol)
        self.symbols.append("n")
        self.sign = None

    def _open(self, position: int) -> None:
        minus = self.sign is not None and self.text[self.sign] not in "+"
        self.sign = None
        if minus:
            self._open(position)
            self._number("0")
            self._operator("-", position, operand_due=False)
        self.waiting.append(("(", position))
        self.symbols.append("(")
        self.added.append(minus)

    def _close(self, position: int, operand_due: bool) -> None:
        if operand_due or self.sign is not None:
            raise self._mistake("a number is missing before this", position)
        while self.waiting and self.waiting[-1][0] != "(":
            self.postfix.append(self.waiting.pop()[0])
        if not self.waiting:
            raise self._mistake("this parenthesis was never opened", position)
        self.waiting.pop()
        self.symbols.append(")")
        if self.added.pop():
            self._close(position, operand_due=False)

    def _mistake(self, message: str, position: int) -> InvalidProblem:
        return InvalidProblem(message, self.text, position)
