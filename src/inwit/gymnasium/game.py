"""A task, the levels to draw from, and a supply of problems for every episode.

Parallel episodes must not depend on one another: each row has its own generator, and draws its
problems in blocks, which is cheaper.
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
from inwit.tasks import Problems, Task, by_turns, join_problems
from inwit.tokens import PADDING
from inwit.tools import described
from inwit.tools.numbers import is_whole, scalar
from inwit.training.limits import with_limits

BLOCK = 32
"""Problems per block."""
PROBE = 512
"""Problems of each part that are sampled for the maximum length."""


@dataclass(frozen=True, kw_only=True)
class Game:
    """A task and the problems to draw from it."""

    task: Task
    """The task."""
    levels: tuple[int, ...]
    """The levels to draw from, uniformly."""
    held_out: bool = False
    """Draw held-out problems instead of training problems."""

    @cached_property
    def _probe(self) -> Problems:
        levels = tuple(sorted({*self.task.levels, *self.levels}))
        try:
            known = _LOOKS.setdefault(self.task, {})
        except TypeError:  # a user's task may have unhashable parts
            known = {}
        if levels not in known:
            known[levels] = _look(self.task, levels)
        return known[levels]

    @cached_property
    def limit(self) -> int:
        """Maximum presses of an episode."""
        return self.task.max_presses(self._probe)

    @cached_property
    def depth(self) -> int:
        """Memory depth in frames."""
        return self.task.max_depth(self._probe)

    @cached_property
    def length(self) -> int:
        """Maximum symbols of a problem."""
        return self._probe.symbols.shape[1]

    def blank(self, count: int) -> Problems:
        """Draw problems, padded to the common width."""
        return self._probe.select(torch.zeros(count, dtype=torch.long))

    def draw(self, generator: torch.Generator) -> Problems:
        """Draw a block of problems, padded to the common width.

        A rare problem longer than all sampled ones is replaced by another of the block.
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
    """Make a game.

    Args:
        task: a task, the name of a built-in one, or a file: `my_task.py`.
        levels: the levels to draw from; by default all training levels.
        held_out: draw held-out problems.
        options: options of the task: `largest=6`.

    Raises:
        InvalidOption: a level or option that the task does not have.
        UnknownName: there is no such task or option.
    """
    task = task_for(task)
    task = task.but(**options) if options else task  # a copy has its own objects
    task = with_limits(task)
    asked = task.chosen_levels(levels)
    return Game(task=task.at_length(max(asked)), levels=asked, held_out=held_out)


def whole(name: str, given: object, last: float = inf) -> int:
    """Convert a whole number from 0, of any integer type.

    Args:
        name: its name in messages.
        given: the number.
        last: the maximum.

    Raises:
        InvalidOption: it is not such a number.
    """
    value: Any = scalar(given)
    if not is_whole(value) or not 0 <= value <= last:
        end = "" if last == inf else f" to {last}"
        raise InvalidOption(f"{name} is {described(given)}: it must be a whole number from 0{end}")
    return int(value)


class Supply:
    """Problems for parallel rows, each row with its own seed."""

    def __init__(self, game: Game, places: int) -> None:
        """Prepare; nothing is drawn yet."""
        self.game = game
        self._sources: list[torch.Generator | None] = [None] * places
        self._problems = game.blank(places * BLOCK)
        self._next = torch.full((places,), BLOCK)

    def seed(self, place: int, seed: int) -> None:
        """Seed a row: all its problems from the next one on."""
        self._sources[place] = torch.Generator().manual_seed(seed)
        self._next[place] = BLOCK

    def draw(self, places: Int[Tensor, " S"]) -> Problems:
        """The next problem of each of these rows."""
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
"""Sampled maximum lengths, by task and levels; freed with the task."""


def _look(task: Task, levels: tuple[int, ...]) -> Problems:
    """Problems of all levels and both parts, so widths are the same everywhere."""
    generator, padding = torch.Generator().manual_seed(0), task.rules.vocabulary[PADDING]
    asked = by_turns(levels, PROBE)
    parts = [task.sample(asked, generator, held_out=part) for part in (False, True)]
    return join_problems([_without_programs(part) for part in parts], padding)


def _without_programs(problems: Problems) -> Problems:
    """Drop the oracle programs, which play never needs."""
    return replace(problems, oracle=problems.oracle[:, :0])
