"""Pools: precomputed problems, or parts of them, split by a hash and drawn by level."""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.records import map_tensors

POOL = 4096
"""Number of problems in a pool."""
HELD_OUT = 5
"""One in this many problems is held out."""
Item = TypeVar("Item")
Record = TypeVar("Record")


def is_held_out(text: str) -> bool:
    """Whether the problem with this canonical text is held out."""
    return zlib.crc32(text.encode(errors="surrogatepass")) % HELD_OUT == 0


def split(items: Iterable[Item], text: Callable[[Item], str]) -> tuple[list[Item], list[Item]]:
    """Split items into training and held-out ones.

    Args:
        items: problems, or what they are made from.
        text: the canonical text of an item, equal for equal items in every process.
    """
    parts: tuple[list[Item], list[Item]] = ([], [])
    for item in items:
        parts[is_held_out(text(item))].append(item)
    return parts


@dataclass(frozen=True, kw_only=True)
class Pool(Generic[Record]):
    """Rows to draw from."""

    rows: Record
    """A record of tensors, such as `Problems`, with the rows along the first axis."""
    level: Int[Tensor, " R"]
    """The level of each row, in any order."""

    @cached_property
    def _order(self) -> Int[Tensor, " R"]:
        return self.level.argsort(stable=True)

    @cached_property
    def _count(self) -> Int[Tensor, " levels"]:
        return torch.bincount(self.level)

    @property
    def levels(self) -> range:
        """From the lowest level to the highest."""
        return range(int(self.level.min()), int(self.level.max()) + 1)

    def draw(self, level: Int[Tensor, " P"], generator: torch.Generator) -> Record:
        """Draw one row per level given, uniformly and with replacement within each level."""
        first = self._count.cumsum(0) - self._count
        place = (torch.rand(len(level), generator=generator) * self._count[level]).long()
        return self._select(self._order[first[level] + place])

    def shuffled(self, count: int, generator: torch.Generator) -> Record:
        """Draw rows in random order; no row repeats before all have been drawn."""
        rounds, size = range(0, count, len(self.level)), len(self.level)
        order = torch.cat([torch.randperm(size, generator=generator) for _ in rounds])
        return self._select(order[:count])

    def _select(self, rows: Int[Tensor, " S"]) -> Record:
        return map_tensors(lambda tensor: tensor.index_select(0, rows), self.rows)
