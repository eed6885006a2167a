"""Memory length in one number: a bit is shown once and asked for `length` steps later.

After the environment `memory_len` of bsuite (Osband et al. 2020, arXiv:1908.03568): the first
observation has the bit, each has the share of the time left, and the last one a sign that the bit
is asked for. Only the last action counts: 1 for the bit, -1 for the other one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Bool, Int
from pydantic import Field

from inwit.games.base import Copies, Outcome, Seen, World, WorldSpec
from inwit.parts import register

NOTHING, ASKED = 2, 1
"""Shown in place of the bit; shown when it is asked for."""


@register
@dataclass(frozen=True, kw_only=True)
class MemoryLength(World):
    """Remember one bit for a number of steps."""

    length: Annotated[int, Field(ge=1, le=100_000)] = 10
    """Steps from seeing the bit to being asked for it."""

    name = "memory-length"

    @property
    def rows(self) -> int:
        """What is seen before each action, and the end."""
        return self.length + 2

    def open(self, count: int) -> Copies:
        """Open `count` chains."""
        return Chains(count, self.length)


class Chains(Copies):
    """Chains as arrays."""

    def __init__(self, count: int, length: int) -> None:
        """Make chains of a length."""
        self.count, self.length = count, length
        self.spec = WorldSpec(fields=(3, 2), values=1, actions=("0", "1"))
        self.bit, self.place = np.zeros(count, np.int64), np.zeros(count, np.int64)

    def reset(self, rows: Sequence[int], seeds: Sequence[int]) -> None:
        """Draw the bits of some chains from their seeds."""
        for row, seed in zip(rows, seeds, strict=True):
            self.bit[row] = np.random.default_rng(seed).integers(2)
        self.place[list(rows)] = 0

    def step(self, actions: Int[np.ndarray, " B"], active: Bool[np.ndarray, " B"]) -> Outcome:
        """Advance by one step; the last action is the answer."""
        answered = active & (self.place == self.length)
        self.place = self.place + active
        right = np.where(actions == self.bit, 1.0, -1.0)
        return Outcome(
            reward=answered * right,
            terminated=answered,
            truncated=np.zeros(self.count, np.bool_),
        )

    def see(self) -> Seen:
        """The bit at the first step, the time left, and whether the bit is asked for."""
        shown = np.where(self.place == 0, self.bit, NOTHING)
        asked = np.where(self.place == self.length, ASKED, 0)
        left = 1 - self.place / self.length
        return Seen(fields=np.stack([shown, asked], 1), values=left[:, None].astype(np.float32))
