"""Keys by what is seen: a table is found by following all of them at once.

Where a result decides which key comes next, no sequence of keys is right for all problems. A table
has a key for each situation: what the display shows, and if that is not enough, the last key, too.
Tables grow from an empty one. They are followed on a few problems until they meet a situation
without a key, and go on there with each key, those first that are right most often. A table falls
out once it answers wrongly, presses a key that means nothing or overwrites a value, or does not
come to an end.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.environment import Environment
from inwit.machine.machine import State
from inwit.machine.rules import Kind
from inwit.machine.tables import span_of
from inwit.tasks import Problems
from inwit.tokens import CONTEXT
from inwit.training.walk import Program

STEPS = (16, 64, 256)
"""Presses after which a table that has not answered falls out, at first and later."""
FEW, MANY = 24, 256
"""Problems that tables are followed on, and on which one has to be right."""
MOST = 256
"""Tables that are extended at once: those that are right on the most problems."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """How tables have done."""

    ended: Bool[Tensor, " n"]
    """Right on all problems."""
    open: Int[Tensor, " n"]
    """The first situation without a key; -1 for none."""
    right: Int[Tensor, " n"]
    """On how many problems it was right."""
    keys: Int[Tensor, "T n P"]
    """What was pressed; padding after the end."""
    presses: int
    """How many presses that were."""


class TableSearch:
    """Tables for problems of one form."""

    def __init__(self, environment: Environment, problems: Problems, *, frames: int) -> None:
        """Begin.

        Args:
            environment: where; its state is overwritten. Its task has displays.
            problems: those of the form.
            frames: how many may be set aside.
        """
        self.environment, self.machine = environment, environment.machine
        self.problems, self.frames, self.presses = problems.part(slice(MANY)), frames, 0
        self.displays, self.vocabulary = len(environment.task.displays), self.machine.vocabulary
        kind = self.machine.keys.kind
        there = ~problems.operands[0, : self.machine.rules.operands].isnan()
        possible = kind != Kind.NEVER
        possible[: len(there)] &= there.to(possible.device)
        if not frames:
            possible &= (kind != Kind.STORE) & (kind != Kind.RECALL)
        self.keys, self.operand = possible.nonzero()[:, 0], kind == Kind.OPERAND

    def programs(self, presses: int) -> list[Program]:
        """A program for each of many problems, as one table has it; none if none was found.

        Args:
            presses: how many presses may be made.
        """
        table = self.find(presses)
        if table is None:
            return []
        rows = self.follow(table[None], self.problems).keys[:, 0].T.tolist()
        return [tuple(key for key in row if key != self.environment.padding) for row in rows]

    def find(self, presses: int) -> Int[Tensor, " S"] | None:
        """The first table that is right on all problems.

        Args:
            presses: how many presses may be made.
        """
        for steps in STEPS:
            for last_keys in (1, len(self.vocabulary)):
                found = self._grow(self.displays * last_keys, steps, presses)
                if found is not None:
                    return found
        return None

    def _grow(self, situations: int, steps: int, presses: int) -> Int[Tensor, " S"] | None:
        tables = torch.full((1, situations), -1, device=self.machine.device)
        count = FEW
        while len(tables) and self.presses < presses:
            followed = self.follow(tables, self.problems.part(slice(count)), steps)
            self.presses += followed.presses
            if bool(followed.ended.any()):
                if count >= len(self.problems):
                    return tables[followed.ended][0]
                count, tables = len(self.problems), tables[followed.ended]
                continue
            going = (followed.open >= 0).nonzero()[:, 0]
            best = followed.right[going].argsort(descending=True, stable=True)[:MOST]
            tables = self._continued(tables[going[best]], followed.open[going[best]])
        return None

    def _continued(
        self, tables: Int[Tensor, "n S"], situation: Int[Tensor, " n"]
    ) -> Int[Tensor, "m S"]:
        """Each table with each key in its open situation."""
        more = tables.repeat_interleave(len(self.keys), 0)
        place = situation.repeat_interleave(len(self.keys))
        more[torch.arange(len(more)), place] = self.keys.repeat(len(tables))
        return more

    def follow(
        self, tables: Int[Tensor, "n S"], problems: Problems, steps: int = STEPS[-1]
    ) -> Followed:
        """Press what the tables say, each on all problems, until they end, fail or have no key."""
        n, count, padding = len(tables), len(problems), self.environment.padding
        self.environment.reset(problems.select(torch.arange(count).repeat(n)), depth=self.frames)
        problems, state = self.environment.problems, self.environment.state
        table = torch.arange(n, device=tables.device).repeat_interleave(count)
        failed = torch.zeros(n, dtype=torch.bool, device=tables.device)
        lacks = torch.full((n,), -1, device=tables.device)
        last = torch.full_like(table, self.vocabulary[CONTEXT])
        stuck = torch.zeros_like(table, dtype=torch.bool)
        pressed, presses = list[Tensor](), 0
        for _ in range(steps):
            running = ~state.answered & ~stuck & ~failed[table]
            situation = self._situation(state.frame.accumulator, last, tables.shape[1])
            key = tables[table, situation]
            unknown = (running & (key < 0)).view(n, count)
            first = situation.view(n, count).gather(1, unknown.int().argmax(1)[:, None])[:, 0]
            lacks = first.where(unknown.any(1) & (lacks < 0), lacks)
            stuck |= unknown.flatten()
            running &= ~stuck
            key = key.where(running, padding)
            means = self.machine.members(state.legal).gather(1, key[:, None])[:, 0]
            means &= ~(self.operand[key] & self._complete(state))
            failed |= (running & ~means).view(n, count).any(1)
            running &= ~failed[table]
            if not bool(running.any()):
                break
            before = state.answered
            key = key.where(running, padding)
            state = self.machine.press(state, key)
            presses += int(running.sum())
            pressed.append(key.view(n, count))
            last = key.where(running, last)
            new = (state.answered & ~before).nonzero()[:, 0]
            answer = state.frame.accumulator[new]
            right = self.environment.task.score(answer, problems.select(new))
            wrong = ~(right & self.machine.accepts(state)[new])
            failed[table[new[wrong]]] = True
        failed |= (~state.answered & ~stuck).view(n, count).any(1)
        return Followed(
            ended=~failed & (lacks < 0),
            open=lacks.masked_fill(failed, -1),
            right=(state.answered.view(n, count).sum(1)).masked_fill(failed, 0),
            keys=torch.stack(pressed) if pressed else tables.new_empty(0, n, count),
            presses=presses,
        )

    def _complete(self, state: State) -> Bool[Tensor, " B"]:
        """Where a value is there that waits for nothing: an operand would overwrite it."""
        missing = state.frame.mode % span_of(self.machine.rules.longest) // 2
        return (missing == 1) & state.frame.accumulator.isfinite()

    def _situation(
        self, value: Float[Tensor, " B"], last: Int[Tensor, " B"], situations: int
    ) -> Int[Tensor, " B"]:
        """The number of each situation; displays are asked for once for each value."""
        there, shown = ~value.isnan(), torch.zeros_like(last)
        distinct, place = value[there].unique(return_inverse=True)
        shown[there] = self.environment.task.observe(distinct)[place]
        return shown + self.displays * last if situations > self.displays else shown
