"""What is played: a task, the levels that are asked, and a supply of problems for every episode.

Episodes side by side must not depend on one another: each place has a generator of its own, and
draws its problems a block ahead, so that drawing costs little an episode.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from math import inf
from typing import Any
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.recipes import task_for
from inwit.tasks import Problems, Task, join_problems
from inwit.tokens import PADDING
from inwit.tools import described
from inwit.tools.numbers import is_whole, scalar

BLOCK = 32
"""Problems that a place draws at once."""
PROBE = 512
"""Problems of each part that are looked at for their greatest length."""


@dataclass(frozen=True, kw_only=True)
class Game:
    """A task, and which of its problems are asked."""

    task: Task
    """What is asked."""
    levels: tuple[int, ...]
    """The levels that problems are drawn from, all alike."""
    held_out: bool = False
    """Problems that training never draws, instead of those to train on."""

    @cached_property
    def _probe(self) -> Problems:
        levels = tuple(sorted({*self.task.levels, *self.levels}))
        try:
            known = _LOOKS.setdefault(self.task, {})
        except TypeError:  # a task of one's own may have parts that cannot be hashed
            known = {}
        if levels not in known:
            known[levels] = _look(self.task, levels)
        return known[levels]

    @cached_property
    def limit(self) -> int:
        """How many presses an episode may take."""
        return self.task.max_presses(self._probe)

    @cached_property
    def depth(self) -> int:
        """How many frames the memory holds."""
        return self.task.max_depth(self._probe)

    @cached_property
    def length(self) -> int:
        """How many symbols a problem may have."""
        return self._probe.symbols.shape[1]

    def blank(self, count: int) -> Problems:
        """So many problems, of the width that all have."""
        return self._probe.select(torch.zeros(count, dtype=torch.long))

    def draw(self, generator: torch.Generator) -> Problems:
        """A block of problems, of the width that all have.

        The rare one that is longer than any that was looked at gives way to another of the block.
        """
        levels = torch.tensor(self.levels)
        level = levels[torch.randint(len(levels), (BLOCK,), generator=generator)]
        drawn = self.task.sample(level, generator, held_out=self.held_out)
        short = ((drawn.symbols >= 0).sum(1) <= self.length).nonzero()[:, 0]
        if not len(short):
            return self.draw(generator)
        drawn = drawn.select(short[torch.arange(BLOCK) % len(short)])
        padding = self.task.rules.vocabulary[PADDING]
        joined = join_problems([self.blank(1), _without_programs(drawn)], padding)
        width = self.blank(1).operands.shape[1]
        cut = replace(
            joined, symbols=joined.symbols[:, : self.length], operands=joined.operands[:, :width]
        )
        return cut.select(torch.arange(1, BLOCK + 1))


def game(
    task: Task | str,
    *,
    levels: Sequence[int] | None = None,
    held_out: bool = False,
    **options: object,
) -> Game:
    """What is played.

    Args:
        task: a task, the name of a built-in one, or the file of one: `my_task.py`.
        levels: the levels that problems are drawn from; by default all that the task trains on.
        held_out: draw problems that training never draws.
        options: of the task: `largest=6`.

    Raises:
        InvalidOption: a level or option that the task does not have.
        UnknownName: there is no such task or option.
    """
    task = task_for(task)
    task = task.but(**options) if options else task  # a copy has objects of its own
    asked = task.chosen_levels(levels)
    return Game(task=task.at_length(max(asked)), levels=asked, held_out=held_out)


def whole(name: str, given: object, last: float = inf) -> int:
    """A whole number from 0, of whatever type.

    Args:
        name: what it is, for the message.
        given: the number.
        last: the largest that is allowed.

    Raises:
        InvalidOption: it is none.
    """
    value: Any = scalar(given)
    if not is_whole(value) or not 0 <= value <= last:
        end = "" if last == inf else f" to {last}"
        raise InvalidOption(f"{name} is {described(given)}: a whole number from 0{end} is due")
    return int(value)


class Supply:
    """Problems for some places, each from a seed of its own."""

    def __init__(self, game: Game, places: int) -> None:
        """Draw nothing yet."""
        self.game = game
        self._sources: list[torch.Generator | None] = [None] * places
        self._problems = game.blank(places * BLOCK)
        self._next = torch.full((places,), BLOCK)

    def seed(self, place: int, seed: int) -> None:
        """Fix all problems of a place, from the next one on."""
        self._sources[place] = torch.Generator().manual_seed(seed)
        self._next[place] = BLOCK

    def draw(self, places: Int[Tensor, " S"]) -> Problems:
        """The next problem of each of these places."""
        for place in places[self._next[places] == BLOCK].tolist():
            self._refill(place)
        chosen = self._problems.select(places * BLOCK + self._next[places])
        self._next[places] += 1
        return chosen

    def _refill(self, place: int) -> None:
        source = self._sources[place]
        if source is None:
            source = torch.Generator().manual_seed(secrets.randbits(62))
            self._sources[place] = source
        block = self.game.draw(source)
        for field in fields(block):
            kept = getattr(self._problems, field.name)
            kept[place * BLOCK : (place + 1) * BLOCK] = getattr(block, field.name)
        self._next[place] = 0


_LOOKS: WeakKeyDictionary[Task, dict[tuple[int, ...], Problems]] = WeakKeyDictionary()
"""What was looked at, by task and levels; it goes with the task."""


def _look(task: Task, levels: tuple[int, ...]) -> Problems:
    """Problems of all levels and both parts: an agent meets the same widths everywhere."""
    generator, padding = torch.Generator().manual_seed(0), task.rules.vocabulary[PADDING]
    asked = torch.tensor(levels)[torch.arange(PROBE) % len(levels)]
    parts = [task.sample(asked, generator, held_out=part) for part in (False, True)]
    return join_problems([_without_programs(part) for part in parts], padding)


def _without_programs(problems: Problems) -> Problems:
    """An oracle's programs are never asked for in play."""
    return replace(problems, oracle=problems.oracle[:, :0])
