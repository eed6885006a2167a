"""Curricula: scores -> the next levels."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import ClassVar

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.parts import Part, Share, register


@dataclass(kw_only=True)
class Course:
    """The levels of one training and the state of its curriculum."""

    levels: range
    """All levels, in the order in which they open."""
    schedule: tuple[int, ...]
    """The task's schedule: one level per equal part of the updates."""
    updates: int
    """Number of updates."""
    state: dict[str, float] = field(default_factory=dict)
    """The remaining state, saved in checkpoints: finite numbers."""

    def check_state(self) -> None:
        """Check that the state can be kept.

        Raises:
            InvalidOption: a curriculum of the user's own has put something else there.
        """
        for name, value in self.state.items():
            if not (isinstance(value, int | float) and isfinite(value)):
                what = f"the curriculum's state has {name} = {value!r:.60}"
                raise InvalidOption(f"{what}: it must be a finite number, such as float(...) gives")


class Curriculum(Part, ABC):
    """Chooses the levels of an update's problems, and records their results."""

    noun: ClassVar[str] = "curriculum"
    registered: ClassVar[dict[str, type[Part]]] = {}

    def begin(self, levels: range, schedule: Sequence[int], updates: int) -> Course:
        """The initial course."""
        return Course(levels=levels, schedule=tuple(schedule), updates=updates)

    @abstractmethod
    def choose(
        self, course: Course, problems: int, generator: torch.Generator
    ) -> Int[Tensor, " P"]:
        """The levels (P,) of the next problems."""

    def record(self, course: Course, level: Int[Tensor, " B"], right: Bool[Tensor, " B"]) -> None:
        """Record the results of an update's episodes; the default ignores them."""


@register
@dataclass(frozen=True, kw_only=True)
class Fixed(Curriculum):
    """The task's schedule, whatever the scores: one level per equal part of the updates."""

    name = "fixed"

    def choose(
        self, course: Course, problems: int, generator: torch.Generator
    ) -> Int[Tensor, " P"]:
        """The level of this part of the schedule, for every problem (P,)."""
        update, parts = int(course.state.get("update", 0)), len(course.schedule)
        course.state["update"] = update + 1
        return torch.full(
            (problems,), course.schedule[min(update * parts // course.updates, parts - 1)]
        )


@register
@dataclass(frozen=True, kw_only=True)
class Gated(Curriculum):
    """The next level opens once the hardest open one is solved often enough.

    Earlier levels are rehearsed: a curriculum that only moves on forgets (Zaremba and Sutskever
    2014, arXiv:1410.4615, found a mixture best).
    """

    gate: Share = 0.9
    """Success rate at the hardest open level at which the next one opens."""
    rehearse: Share = 0.5
    """Share of problems drawn uniformly from all open levels."""
    smoothing: Share = 0.3
    """Weight of the latest update in the moving average of a level's success rate."""

    name = "gated"

    def begin(self, levels: range, schedule: Sequence[int], updates: int) -> Course:
        """Open the first level."""
        course = super().begin(levels, schedule, updates)
        course.state |= {"top": levels[0], "success": 0.0}
        return course

    def choose(
        self, course: Course, problems: int, generator: torch.Generator
    ) -> Int[Tensor, " P"]:
        """Mostly the hardest open level."""
        top = int(course.state["top"])
        uniform = torch.randint(course.levels[0], top + 1, (problems,), generator=generator)
        rehearsed = torch.rand(problems, generator=generator) < self.rehearse
        return torch.where(rehearsed, uniform, top)

    def record(self, course: Course, level: Int[Tensor, " B"], right: Bool[Tensor, " B"]) -> None:
        """Track the success at the hardest open level; past the gate, open the next."""
        top, success = int(course.state["top"]), course.state["success"]
        at_top = level == top
        if not bool(at_top.any()):
            return
        share = float(right[at_top].float().mean())
        success += self.smoothing * (share - success)
        if success >= self.gate and top < course.levels[-1]:
            top, success = top + 1, 0.0
        course.state |= {"top": top, "success": success}


@register
@dataclass(frozen=True, kw_only=True)
class Uniform(Curriculum):
    """Every level is equally likely in every update."""

    name = "uniform"

    def choose(
        self, course: Course, problems: int, generator: torch.Generator
    ) -> Int[Tensor, " P"]:
        """Levels (P,) drawn uniformly."""
        first, end = course.levels[0], course.levels[-1] + 1
        return torch.randint(first, end, (problems,), generator=generator)
