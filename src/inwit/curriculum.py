"""Scores -> which level next."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Bool, Int
from torch import Tensor

SMOOTHING = 0.3
"""How much the success at a level follows the latest update."""


class Curriculum(ABC):
    """Chooses the levels of the problems of an update, and learns how the attempts went."""

    @abstractmethod
    def choose(self, problems: int, generator: torch.Generator) -> Int[Tensor, " P"]:
        """The level of each of the next problems."""

    def record(self, level: Int[Tensor, " B"], right: Bool[Tensor, " B"]) -> None:  # noqa: B027
        """Take note of how the attempts of an update went; by default nothing is."""

    def state(self) -> dict[str, float]:
        """What has to be known to go on, beside what the curriculum was made with."""
        return {}

    def restore(self, state: Mapping[str, float]) -> None:  # noqa: B027
        """Go on from a state."""


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

    def state(self) -> dict[str, float]:
        """How many updates have been."""
        return {"update": self.update}

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on after so many updates."""
        self.update = int(state["update"])


class Gated(Curriculum):
    """The next level opens when the hardest open one succeeds often enough.

    Earlier levels are rehearsed: a curriculum that only moves on forgets (Zaremba and Sutskever
    2014, arXiv:1410.4615, found a mixture best).
    """

    def __init__(self, levels: range, *, gate: float, rehearse: float = 0.5) -> None:
        """Begin at the first level.

        Args:
            levels: all levels, in the order in which they open.
            gate: share of right attempts at the hardest open level that opens the next.
            rehearse: share of problems drawn evenly from all open levels.
        """
        self.levels, self.gate, self.rehearse = levels, gate, rehearse
        self.top, self.success = levels[0], 0.0

    def choose(self, problems: int, generator: torch.Generator) -> Int[Tensor, " P"]:
        """Mostly the hardest open level."""
        even = torch.randint(self.levels[0], self.top + 1, (problems,), generator=generator)
        rehearsed = torch.rand(problems, generator=generator) < self.rehearse
        return torch.where(rehearsed, even, self.top)

    def record(self, level: Int[Tensor, " B"], right: Bool[Tensor, " B"]) -> None:
        """Follow the success at the hardest open level; past the gate, open the next."""
        at_top = level == self.top
        if not bool(at_top.any()):
            return
        share = float(right[at_top].float().mean())
        self.success += SMOOTHING * (share - self.success)
        if self.success >= self.gate and self.top < self.levels[-1]:
            self.top, self.success = self.top + 1, 0.0

    def state(self) -> dict[str, float]:
        """The hardest open level and the success there."""
        return {"top": self.top, "success": self.success}

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on with this level open."""
        self.top, self.success = int(state["top"]), state["success"]


class Uniform(Curriculum):
    """All levels alike, from the first update to the last."""

    def __init__(self, levels: range) -> None:
        """Choose among these levels."""
        self.levels = levels

    def choose(self, problems: int, generator: torch.Generator) -> Int[Tensor, " P"]:
        """Levels drawn evenly."""
        first, end = self.levels[0], self.levels[-1] + 1
        return torch.randint(first, end, (problems,), generator=generator)
