"""Value numbering: numbers for values, with which the machine runs many problems at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.progress import Deadline
from inwit.records import distinct, fingerprint
from inwit.tools import HANDLES, Rows, Tool, checked

CALLS = 512
"""Calls of a tool that are worked out at once: as many as the processor's cache likes."""
REFUSED = float(1 << 52)
"""The result of a call that the allowance did not cover."""


class Allowance:
    """How often a search may call Python functions, each time on one row, and for how long.

    Tools over whole tensors are free: the number of presses bounds them.
    """

    def __init__(self, calls: int = 1 << 62, deadline: Deadline | None = None) -> None:
        """Begin; without an end if none is given.

        Args:
            calls: how many calls may be made. Where they end a search, it is repeatable.
            deadline: ends it in any case.
        """
        self.calls, self.deadline = calls, deadline or Deadline(torch.inf)

    @property
    def spent(self) -> bool:
        """Whether nothing more may be called."""
        return self.calls <= 0 or self.deadline.left <= 0


class ValueNumbers:
    """Values by name: which call of which tool each is the result of."""

    def __init__(self, operands: Float[Tensor, "C N"], allowance: Allowance | None = None) -> None:
        """Name the operands; one that does not exist is NaN in every problem."""
        self.count, self.probes = 0, len(operands)
        self.allowance = allowance or Allowance()
        self.refused = False  # a call was: the result is `REFUSED`, which is no name
        self.counts = False  # some tool is a Python function, whose calls are counted
        self._limited = True
        self._values = torch.empty(64, len(operands), dtype=torch.double)
        self._known: dict[int, int] = {}  # names, by a hash of their values
        self._results: dict[str, dict[int, float]] = {}  # by tool and a hash of its arguments
        self._calls: list[tuple[Tool, Tensor]] = []
        self._exists = (~operands.isnan().all(0)).nonzero()[:, 0]
        names, self._first = self._name(operands.T[self._exists])
        self.operands = torch.full(operands.shape[1:], torch.nan, dtype=torch.double)
        self.operands[self._exists] = names

    def tool(self, tool: Tool) -> Tool:
        """The same tool over names."""
        self.counts |= rows_called(tool, 1) > 0
        return replace(tool, function=partial(self._call, tool))

    def formulas(self, names: Int[Tensor, " n"]) -> "Formulas":
        """How to work out what some names stand for."""
        every = Formulas(columns=self._exists[self._first], steps=tuple(self._calls), wanted=names)
        return every.only(torch.arange(len(names)))

    @contextmanager
    def unlimited(self) -> Iterator[None]:
        """Refuse no call."""
        self._limited = False
        try:
            yield
        finally:
            self._limited = True

    def values(self, names: Int[Tensor, " n"]) -> Float[Tensor, "n C"]:
        """What some names stand for in the problems by which values are distinguished."""
        return self._values[names]

    def _call(self, tool: Tool, *arguments: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
        given = torch.stack(arguments, 1)
        named = ~given.isnan().any(1)
        calls, known = given[named].long(), self._results.setdefault(tool.name, {})
        code = fingerprint(calls)
        rows, place = distinct(code)
        marks = code[rows].tolist()
        new = torch.tensor([row for row, mark in enumerate(marks) if mark not in known]).long()
        for part in new.split(CALLS) if len(new) else ():
            if self._limited and self.allowance.spent and rows_called(tool, 1):
                self.refused = True
                break
            made = calls[rows[part]]
            self.allowance.calls -= rows_called(tool, len(made) * self.probes)
            names, fresh = self._name(_work_out(tool, self._values, made))
            known.update(zip((marks[row] for row in part.tolist()), names.tolist(), strict=True))
            if len(fresh):
                self._calls.append((tool, made[fresh]))
        result = torch.full(named.shape, torch.nan, dtype=torch.double)
        result[named] = torch.tensor(
            [known.get(mark, REFUSED) for mark in marks], dtype=torch.double
        )[place]
        return result

    def _name(self, values: Float[Tensor, "n C"]) -> tuple[Float[Tensor, " n"], Int[Tensor, " f"]]:
        """The name of each row of values, and the rows that are named for the first time."""
        bits = (values + 0.0).view(torch.long)  # minus nought is nought
        code = fingerprint(bits ^ (bits >> 32))
        rows, place = distinct(code)
        marks = code[rows].tolist()
        new = [number for number, mark in enumerate(marks) if mark not in self._known]
        self._known |= {marks[number]: self.count + order for order, number in enumerate(new)}
        fresh, end = rows[new], self.count + len(new)
        if end > len(self._values):
            table = self._values
            self._values = table.new_empty(2 * end, table.shape[1])
            self._values[: self.count] = table[: self.count]
        self._values[self.count : end] = values[fresh]
        self.count = end
        names = [self._known[mark] for mark in marks]
        return torch.tensor(names, dtype=torch.double)[place], fresh


@dataclass(frozen=True, kw_only=True)
class Formulas:
    """Calls of tools that lead to some values."""

    columns: Int[Tensor, " o"]
    """The operands that are used."""
    steps: tuple[tuple[Tool, Tensor], ...]
    """Tools, and by row the places of the arguments of a call among all values before."""
    wanted: Int[Tensor, " n"]
    """The places of the values that are wanted."""

    @property
    def size(self) -> int:
        """How many values are worked out for each problem."""
        return len(self.columns) + sum(len(calls) for _, calls in self.steps)

    @property
    def calls(self) -> int:
        """How often Python functions are called for each problem."""
        return sum(rows_called(tool, len(calls)) for tool, calls in self.steps)

    def only(self, rows: Int[Tensor, " m"]) -> "Formulas":
        """What leads to some of the values."""
        starts = list(
            accumulate((len(calls) for _, calls in self.steps), initial=len(self.columns))
        )
        needed = torch.zeros(self.size, dtype=torch.bool)
        needed[self.wanted[rows]] = True
        for start, (_, calls) in reversed(list(zip(starts, self.steps, strict=False))):
            needed[calls[needed[start : start + len(calls)]]] = True
        place = needed.cumsum(0) - 1
        parts = [
            (tool, calls, needed[start : start + len(calls)])
            for start, (tool, calls) in zip(starts, self.steps, strict=False)
        ]
        return Formulas(
            columns=self.columns[needed[: len(self.columns)]],
            steps=tuple((tool, place[calls[some]]) for tool, calls, some in parts if some.any()),
            wanted=place[self.wanted[rows]],
        )

    def __call__(self, operands: Float[Tensor, "C N"]) -> Float[Tensor, "n C"]:
        """The values in some problems."""
        end, size = len(self.columns), self.size
        table = torch.empty(size, len(operands), dtype=torch.double)
        table[:end] = operands.T[self.columns]
        for tool, calls in self.steps:
            table[end : end + len(calls)] = _work_out(tool, table, calls)
            end += len(calls)
        return table[self.wanted]


def rows_called(tool: Tool, rows: int) -> int:
    """How often a Python function is called for these rows; 0 for a tool over tensors."""
    return rows if isinstance(tool.function, Rows) and tool.function.handles else 0


def _work_out(
    tool: Tool, table: Float[Tensor, "m C"], calls: Int[Tensor, "n A"]
) -> Float[Tensor, "n C"]:
    """The results of some calls in every problem."""
    given = [table[places].flatten() for places in calls.T]
    result = tool.function(*given)
    if not bool(torch.stack([each.sum() for each in (result, *given)]).isfinite().all()):
        bound = torch.inf if rows_called(tool, 1) else HANDLES
        result, _ = checked(result, torch.stack(given, 1), bound)
    return result.view(len(calls), table.shape[1])
