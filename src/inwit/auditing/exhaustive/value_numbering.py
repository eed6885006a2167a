"""Value numbering: numbers for values, with which the machine runs many problems at once."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import accumulate

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.records import distinct, fingerprint
from inwit.tools import Tool

CALLS = 512
"""Calls of a tool that are worked out at once: as many as the processor's cache likes."""


class ValueNumbers:
    """Values by name: which call of which tool each is the result of."""

    def __init__(self, operands: Float[Tensor, "C N"]) -> None:
        """Name the operands; one that does not exist is NaN in every problem."""
        self.count = 0
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
        return replace(tool, function=partial(self._call, tool))

    def formulas(self, names: Int[Tensor, " n"]) -> "Formulas":
        """How to work out what some names stand for."""
        needed = torch.zeros(self.count, dtype=torch.bool)
        needed[names] = True
        starts = list(
            accumulate((len(calls) for _, calls in self._calls), initial=len(self._first))
        )
        for start, (_, calls) in reversed(list(zip(starts, self._calls, strict=False))):
            needed[calls[needed[start : start + len(calls)]]] = True
        place = needed.cumsum(0) - 1
        steps = [
            (tool, place[calls[needed[start : start + len(calls)]]])
            for start, (tool, calls) in zip(starts, self._calls, strict=False)
            if bool(needed[start : start + len(calls)].any())
        ]
        columns = self._exists[self._first][needed[: len(self._first)]]
        return Formulas(columns=columns, steps=tuple(steps), wanted=place[names])

    def _call(self, tool: Tool, *arguments: Float[Tensor, " B"]) -> Float[Tensor, " B"]:
        given = torch.stack(arguments, 1)
        named = ~given.isnan().any(1)
        calls, known = given[named].long(), self._results.setdefault(tool.name, {})
        rows, place = distinct(fingerprint(calls))
        marks = fingerprint(calls[rows]).tolist()
        new = torch.tensor([row for row, mark in enumerate(marks) if mark not in known]).long()
        for part in new.split(CALLS) if len(new) else ():
            made = calls[rows[part]]
            names, fresh = self._name(_work_out(tool, self._values, made))
            known.update(zip((marks[row] for row in part.tolist()), names.tolist(), strict=True))
            if len(fresh):
                self._calls.append((tool, made[fresh]))
        result = torch.full(named.shape, torch.nan, dtype=torch.double)
        result[named] = torch.tensor([known[mark] for mark in marks], dtype=torch.double)[place]
        return result

    def _name(self, values: Float[Tensor, "n C"]) -> tuple[Float[Tensor, " n"], Int[Tensor, " f"]]:
        """The name of each row of values, and the rows that are named for the first time."""
        bits = (values + 0.0).view(torch.long)  # minus nought is nought
        rows, place = distinct(fingerprint(bits ^ (bits >> 32)))
        marks = fingerprint(bits[rows] ^ (bits[rows] >> 32)).tolist()
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

    def __call__(self, operands: Float[Tensor, "C N"]) -> Float[Tensor, "n C"]:
        """The values in some problems."""
        end = len(self.columns)
        size = end + sum(len(calls) for _, calls in self.steps)
        table = torch.empty(size, len(operands), dtype=torch.double)
        table[:end] = operands.T[self.columns]
        for tool, calls in self.steps:
            table[end : end + len(calls)] = _work_out(tool, table, calls)
            end += len(calls)
        return table[self.wanted]


def _work_out(
    tool: Tool, table: Float[Tensor, "m C"], calls: Int[Tensor, "n A"]
) -> Float[Tensor, "n C"]:
    """The results of some calls in every problem."""
    given = [table[places].flatten() for places in calls.T]
    result = tool.function(*given)
    if not bool(torch.stack([each.sum() for each in (result, *given)]).isfinite().all()):
        result = tool.call(torch.stack(given, 1))  # it knows what to do with faults
    return result.view(len(calls), table.shape[1])
