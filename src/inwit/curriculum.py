"""Scores -> which level next."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Int
from torch import Tensor


class Curriculum(ABC):
    """Chooses the levels of the problems of an update, and learns how the attempts went."""

    @abstractmethod
    def choose(self, problems: int, generator: torch.Generator) -> Int[Tensor, " P"]:
        """The level of each of the next problems."""

    def record(self, level: Int[Tensor, " B"], right: Bool[Tensor, " B"]) -> None:  # noqa: B027
        """Take note of how the attempts of an update went; by default nothing is."""


class Fixed(Curriculum):
    """A schedule that does not look: equal parts of the updates, one level each."""

    def __init__(self, schedule: Sequence[int], updates: int) -> None:
        """Spread a schedule such as the tutorial's 0, 0, 0, 1, 1, 2 over the updates."""
        self.schedule, self.updates, self.update = tuple(schedule), updates, 0

    def choose(self, problems: int, generator: torch.Generator) -> Int[Tensor, " P"]:
        """The level of this part of the schedule, for every problem."""
        part = self.update * len(self.schedule) // self.updates
        self.update += 1
        return torch.full((problems,), self.schedule[min(part, len(self.schedule) - 1)])


class Uniform(Curriculum):
    """All levels alike, from the first update to the last."""

    def __init__(self, levels: range) -> None:
        """Choose among these levels."""
        self.levels = levels

    def choose(self, problems: int, generator: torch.Generator) -> Int[Tensor, " P"]:
        """Levels drawn evenly."""
        first, end = self.levels[0], self.levels[-1] + 1
        return torch.randint(first, end, (problems,), generator=generator)
