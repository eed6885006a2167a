"""A problem as the page shows it: its symbols or words, and the operand key that enters each."""

import re
from dataclasses import dataclass, replace

from inwit.errors import InvalidProblem
from inwit.tasks import Problems, Task, infix
from inwit.tools import show, written


@dataclass(frozen=True, kw_only=True)
class Tape:
    """A problem, piece by piece."""

    text: str
    """The problem as typed."""
    symbols: tuple[str, ...]
    """The symbols of an expression, or the operands and words of a text."""
    numbers: tuple[str, ...] | None
    """The numbers of an expression as typed; None for a text."""
    entered_by: tuple[int, ...] = ()
    """Which operand key enters each piece; -1 for none."""
    operands: tuple[str, ...] = ()
    """What each operand key enters; empty for a streamed problem, which has no operand keys."""

    def of(self, task: Task, problems: Problems) -> "Tape":
        """This tape with the operand keys of a task, for a problem in a batch of one."""
        if task.rules.stream:
            return replace(self, entered_by=(-1,) * len(self.symbols))
        values = problems.operands[0].tolist()[: task.rules.operands]
        meanings = [task.objects.meaning(value) for value in values]
        operands = tuple(_shown(each, self.text) for each in meanings)
        if self.numbers and list(map(float, self.numbers)) == values[: len(self.numbers)]:
            operands = self.numbers  # as they were typed
        symbols = _pieces(self.text, operands) if self.numbers is None else self.symbols
        keys = _keys(symbols, operands)
        return replace(self, symbols=symbols, operands=operands, entered_by=keys)


def _shown(value: object, text: str) -> str:
    """An operand, written as in the text if it occurs there."""
    if value is None:
        return ""
    name = written(value)
    return name if not isinstance(value, float) and name in text else show(value)


def _pieces(text: str, operands: tuple[str, ...]) -> tuple[str, ...]:
    """The operands in a text, and the words between them."""
    longest = sorted(filter(None, operands), key=len, reverse=True)
    whole = [rf"(?<!\w){re.escape(each)}(?!\w)" for each in longest]
    between = rf"(?:(?!{'|'.join(whole)})\S)+" if whole else r"\S+"
    return tuple(re.findall("|".join([*whole, between]), text))


def _keys(symbols: tuple[str, ...], operands: tuple[str, ...]) -> tuple[int, ...]:
    """Each piece takes the first key that enters it and is not yet taken."""
    left = {name: [key for key, each in enumerate(operands) if each == name] for name in operands}
    return tuple(left[each].pop(0) if left.get(each) else -1 for each in symbols)


def read_tape(problem: str) -> Tape:
    """A typed problem in pieces: symbols with the numbers as typed, or words."""
    try:
        read = infix.read(problem)
    except InvalidProblem:
        return Tape(text=problem, symbols=tuple(problem.split()), numbers=None)
    numbers = iter(read.numbers)
    symbols = tuple(next(numbers) if symbol == "n" else symbol for symbol in read.symbols)
    return Tape(text=problem, symbols=symbols, numbers=read.numbers)
