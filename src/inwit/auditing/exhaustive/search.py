"""Every program that a machine allows, with its answers to any number of problems.

A machine moves values about and hands them to its tools; it never looks at them. So it is run on
*names* of values: one episode stands for all problems whose legal keys are the same, and a tool
that is called with names is called on the values that they stand for, in some hundred problems.
Values that agree in all of these share a name, and states that agree are followed once. That makes
the 136,080 programs of the tutorial's last stage a matter of seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn.functional import pad

from inwit.auditing.exhaustive.value_numbering import REFUSED, Formulas, ValueNumbers
from inwit.machine.machine import Machine, State
from inwit.records import distinct, fingerprint, take
from inwit.tokens import ANSWER, PADDING

NARROW = 128
"""Once the budget is spent, this part of it is followed at each length."""
LEAST = 64
"""And not fewer presses than these."""
SOME = 64
"""Presses that are made at once where calls of Python functions are counted."""
Record = TypeVar("Record")


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What one more press leads to."""

    edges: Int[Tensor, "3 E"]
    """All presses that were followed: state before, key, state after (-1 after `ANS`)."""
    first: Int[Tensor, " n"]
    """By state after: the first press that leads to it."""
    answers: Int[Tensor, "2 A"]
    """All answers: state before, name of the value that is submitted."""


@dataclass(frozen=True, kw_only=True)
class Programs:
    """The programs of one machine, those that always give the same answer counted once."""

    answer: Int[Tensor, " n"]
    """The name of the answer of each program."""
    answers: Formulas
    """The answers themselves."""
    keys: Int[Tensor, "n K"]
    """The keys of each program, a shortest one, ending in `ANS`, padded with `EOS`."""
    length: Int[Tensor, " n"]
    """How many keys each program has."""
    layers: tuple[Layer, ...]
    """Press by press."""
    exhaustive: int
    """Every program up to this number of keys was searched."""

    def keys_of(self, row: int) -> Int[Tensor, " k"]:
        """The keys of one program, without the padding."""
        return self.keys[row, : self.length[row]]

    def with_answers(self, names: Int[Tensor, " k"]) -> "Programs":
        """Those with some answers."""
        rows = torch.isin(self.answer, names).nonzero()[:, 0]
        answer, keys, length = (each[rows] for each in (self.answer, self.keys, self.length))
        answers = self.answers.only(rows)
        return replace(self, answer=answer, answers=answers, keys=keys, length=length)

    def distance(self, keys: Int[Tensor, " K"], wanted: Bool[Tensor, " n"]) -> int:
        """The fewest keys to insert, leave out or replace that make a program a wanted one.

        Exact over the programs that were followed, by dynamic programming over their states; at
        least one of them must be wanted.

        Args:
            keys: a program, without padding, ending in `ANS`.
            wanted: which of the programs will do.
        """
        most = max(int(layer.answers[1].max()) for layer in self.layers if layer.answers.numel())
        goal = torch.zeros(most + 1, dtype=torch.bool)
        goal[self.answer[wanted]] = True
        cost, found = torch.arange(len(keys) + 1)[None], []  # (states, keys read so far)
        for layer in self.layers:
            ends = layer.answers[0, goal[layer.answers[1]]].unique()
            found.append(_edit(cost[ends], keys, keys[-1:])[:, -1])
            before, key, after = layer.edges[:, layer.edges[2] >= 0]
            places = after[:, None].expand(-1, len(keys) + 1)
            least = torch.full((len(layer.first), len(keys) + 1), 1 << 30)
            cost = least.scatter_reduce(0, places, _edit(cost[before], keys, key), "amin")
        return int(torch.cat(found).min())


def explore(
    machine: Machine,
    start: State,
    names: ValueNumbers,
    *,
    limit: int,
    allowed: Bool[Tensor, " V"],
    given: Int[Tensor, "g K"],
    budget: int,
    generator: torch.Generator,
) -> Programs:
    """Follow all programs, key after key; not those that need a call which the names refuse.

    Args:
        machine: one whose tools take names.
        start: its state before the first key; one episode.
        names: of the values.
        limit: how many keys may be pressed.
        allowed: the keys that may be pressed, where they are legal.
        given: programs that are followed in any case.
        budget: presses that are followed; once it is spent, some of each length are drawn.
        generator: draws them.
    """
    state, layers, exhaustive = start, [], limit
    path, least = torch.zeros(len(given), dtype=torch.long), max(LEAST, budget // NARROW)
    given = pad(given, (0, limit))
    for press in range(limit):
        before, key = (machine.members(state.legal) & allowed).nonzero(as_tuple=True)
        # `path` is the state that each given program has reached.
        code, wanted = before * len(allowed) + key, path * len(allowed) + given[:, press]
        if len(code) > max(least, budget):
            exhaustive = min(exhaustive, press)
            drawn = torch.randperm(len(code), generator=generator)[: max(least, budget)]
            kept = torch.cat([drawn, torch.isin(code, wanted).nonzero()[:, 0]]).unique()
            before, key, code = before[kept], key[kept], code[kept]
        if not len(code):
            break
        budget -= len(code)
        before_it = take(state, before)
        _call_first(machine, before_it, key, torch.isin(code, wanted), names, generator)
        state, layer = _follow(machine, before_it, before, key)
        exhaustive = min(exhaustive, press) if names.refused else exhaustive
        layers.append(layer)
        place = torch.searchsorted(code, wanted).clamp(max=len(code) - 1)
        path = torch.where(code[place] == wanted, layer.edges[2, place], -1)
    answer, keys, length = _programs(layers, machine)
    return Programs(
        answer=answer,
        answers=names.formulas(answer),
        keys=keys,
        length=length,
        layers=tuple(layers),
        exhaustive=exhaustive,
    )


def _call_first(
    machine: Machine,
    state: State,
    key: Int[Tensor, " E"],
    wanted: Bool[Tensor, " E"],
    names: ValueNumbers,
    generator: torch.Generator,
) -> None:
    """Where not all calls can be made, make those that are wanted, then others in random order."""
    names.refused = False
    if not names.counts or len(key) * names.probes <= names.allowance.calls:
        return
    rows = wanted.nonzero()[:, 0]
    with names.unlimited():
        machine.press(take(state, rows), key[rows])
    for some in torch.randperm(len(key), generator=generator).split(SOME):
        if names.allowance.spent:
            return
        machine.press(take(state, some), key[some])


def _follow(
    machine: Machine, state: State, before: Int[Tensor, " E"], key: Int[Tensor, " E"]
) -> tuple[State, Layer]:
    """Press each key, and join the states that agree; those without a result go no further."""
    state = machine.press(state, key)
    answer = state.frame.accumulator
    goes = (~state.answered & (answer != REFUSED)).nonzero()[:, 0]
    given = state.answered & ~answer.isnan() & machine.accepts(state)
    first, place = distinct(_mark(take(state, goes)))
    after = torch.full_like(before, -1)
    after[goes] = place
    layer = Layer(
        edges=torch.stack([before, key, after]),
        first=goes[first],
        answers=torch.stack([before[given], answer[given].long()]),
    )
    return take(state, goes[first]), layer


def _mark(state: State) -> Int[Tensor, " B"]:
    """A number that states share from which the same programs give the same answers."""
    memory = state.memory
    free = torch.arange(memory.mode.shape[1]) >= state.depth[:, None]
    parts = [
        state.frame.values,
        state.frame.mode[:, None],
        memory.values.masked_fill(free[..., None], torch.nan).flatten(1),
        memory.mode.masked_fill(free, -1),
        state.depth[:, None],
        state.available,
        state.cursor[:, None],
        state.held,
    ]
    # Not all as float64: a set of keys may have more bits than that holds.
    return fingerprint(torch.cat([part.nan_to_num(nan=-1.0).long() for part in parts], 1))


def _programs(
    layers: Sequence[Layer], machine: Machine
) -> tuple[Int[Tensor, " n"], Int[Tensor, "n K"], Int[Tensor, " n"]]:
    """A shortest program for each answer, read from its end to its beginning."""
    padding, end = (machine.vocabulary[name] for name in (PADDING, ANSWER))
    rows = [pad(layer.answers, (0, 0, 0, 1), value=n) for n, layer in enumerate(layers)]
    found = torch.cat([torch.empty(3, 0, dtype=torch.long), *rows], 1)
    first, _ = distinct(found[1])
    state, answer, length = found[:, first]
    keys = torch.full((len(answer), len(layers)), padding)
    for place in reversed(range(len(layers))):
        keys[length == place, place] = end
        inside, layer = length > place, layers[place]
        edge = layer.first[state[inside]]
        keys[inside, place], state[inside] = layer.edges[1, edge], layer.edges[0, edge]
    return answer, keys, length + 1


def _edit(
    cost: Int[Tensor, "n L"], keys: Int[Tensor, " K"], pressed: Int[Tensor, " m"]
) -> Int[Tensor, "n L"]:
    """Levenshtein's step: what it costs, having read some of the keys, to have pressed one more."""
    replaced = cost[:, :-1] + (keys != pressed[:, None])
    inserted = cost + 1
    inserted[:, 1:] = torch.minimum(inserted[:, 1:], replaced)
    places = torch.arange(cost.shape[1])
    return (inserted - places).cummin(1).values + places  # leaving keys out
