"""Worlds: environments to train on besides tasks, in several copies side by side.

A world is a part of a recipe. A seed and the actions determine an episode, so a run is repeatable
and can be resumed.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float, Int

from inwit.parts import Part
from inwit.texts import to_json


@dataclass(frozen=True, kw_only=True)
class WorldSpec:
    """The sizes of a world's observations and actions."""

    fields: tuple[int, ...]
    """The number of values of each of the K categorical fields."""
    values: int
    """M: the number of real-valued observations."""
    actions: tuple[str, ...]
    """The names of the actions."""
    firsts: tuple[int, ...] = ()
    """The smallest value of each field, as the world itself shows it; empty if all are 0."""

    @property
    def told(self) -> str:
        """In a line, by which a run folder knows its world again."""
        whole = to_json([self.fields, self.values, self.actions, self.firsts])
        digest = hashlib.sha256(whole.encode()).hexdigest()[:8]
        fields = f"{len(self.fields)} categories of {sum(self.fields):,} values in all"
        return f"{fields}, {self.values:,} numbers, {len(self.actions):,} actions ({digest})"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Observations of several copies."""

    fields: Int[np.ndarray, "B K"]
    """The categorical fields, from 0."""
    values: Float[np.ndarray, "B M"]
    """The numbers."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of one action in every copy."""

    reward: Float[np.ndarray, " B"]
    """The reward."""
    terminated: Bool[np.ndarray, " B"]
    """The episode is over by the rules."""
    truncated: Bool[np.ndarray, " B"]
    """The episode is over for another reason, such as a limit of time."""


class Copies(ABC):
    """B copies of a world, each in its own episode."""

    spec: WorldSpec
    """Its sizes."""
    count: int
    """B."""
    cpu: float = 0.0
    """CPU seconds that other processes have spent on them."""

    @abstractmethod
    def reset(self, rows: Sequence[int], seeds: Sequence[int]) -> None:
        """Begin an episode in some copies, each from its seed."""

    @abstractmethod
    def step(self, actions: Int[np.ndarray, " B"], active: Bool[np.ndarray, " B"]) -> Outcome:
        """Act in the active copies; the others stay unchanged, without reward or end."""

    def advance(
        self,
        actions: Int[np.ndarray, " B"],
        active: Bool[np.ndarray, " B"],
        rows: Sequence[int],
        seeds: Sequence[int],
    ) -> Outcome:
        """`step` the active copies and `reset` some of the others, which may be done at once."""
        outcome = self.step(actions, active)
        if rows:
            self.reset(rows, seeds)
        return outcome

    @abstractmethod
    def see(self) -> Seen:
        """The current observations of all copies; later steps do not change them."""

    def close(self) -> None:  # noqa: B027, most hold nothing
        """Free the resources of the copies."""


class World(Part, ABC):
    """The environment of a recipe; its options have bare names."""

    noun: ClassVar[str] = ""
    registered: ClassVar[dict[str, type[Part]]] = {}
    resumable: ClassVar[bool] = True
    """Episodes begin from seeds, so that a run can be resumed."""

    @property
    def label(self) -> str:
        """Its name on the command line."""
        return self.name

    @property
    def rows(self) -> int | None:
        """The rows of an episode, if all are as long: a window of as many holds a whole one."""
        return None

    @abstractmethod
    def open(self, count: int) -> Copies:
        """Open `count` copies; none has begun an episode.

        Raises:
            InvalidOption: it does not exist, or its spaces are not supported.
        """

    def opener(self) -> Callable[[int], Copies]:
        """`open` for another process: what is returned can be pickled."""
        return self.open

    def look(self) -> WorldSpec:
        """What a copy shows and takes; raises as `open` does."""
        copies = self.open(1)
        copies.close()
        return copies.spec
