"""What can be trained on besides tasks: a world, and several copies of it side by side.

A world is a part of a recipe. A seed and the actions that are taken fix every episode of it: this
makes a run repeatable, and lets a run that was cut off go on.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from inwit.parts import Part


@dataclass(frozen=True, kw_only=True)
class WorldSpec:
    """The sizes of what a world shows and of what can be done in it."""

    fields: tuple[int, ...]
    """How many values each of the K categorical things that are seen can have."""
    values: int
    """M: how many numbers are seen."""
    actions: tuple[str, ...]
    """The names of the actions."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What several copies show."""

    fields: Int[NDArray[np.int64], "B K"]
    """One number per categorical thing, from 0."""
    values: Float[NDArray[np.float32], "B M"]
    """The numbers."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one action did in every copy."""

    reward: Float[NDArray[np.float64], " B"]
    """What it earned."""
    terminated: Bool[NDArray[np.bool_], " B"]
    """The episode is over by the rules."""
    truncated: Bool[NDArray[np.bool_], " B"]
    """The episode is over for another reason, such as a limit of time."""


class Copies(ABC):
    """B copies of a world, each in an episode of its own."""

    spec: WorldSpec
    """Its sizes."""
    count: int
    """B."""

    @abstractmethod
    def reset(self, rows: Sequence[int], seeds: Sequence[int]) -> None:
        """Begin an episode in some copies, each from its seed."""

    @abstractmethod
    def step(
        self, actions: Int[NDArray[np.int64], " B"], active: Bool[NDArray[np.bool_], " B"]
    ) -> Outcome:
        """Act in the copies that are active; the others stay as they are, earn and end nothing."""

    @abstractmethod
    def see(self) -> Seen:
        """What all copies show now; later steps do not change it."""

    def close(self) -> None:  # noqa: B027, most hold nothing
        """Free what the copies hold."""


class World(Part, ABC):
    """The part of a recipe that is trained on; its options have bare names."""

    noun: ClassVar[str] = ""
    registered: ClassVar[dict[str, type[Part]]] = {}
    resumable: ClassVar[bool] = True
    """Whether episodes begin from seeds, so that a run that was cut off can go on."""

    @property
    def label(self) -> str:
        """How the command line names it."""
        return self.name

    @abstractmethod
    def open(self, count: int) -> Copies:
        """Open `count` copies; none has begun an episode.

        Raises:
            InvalidOption: it is not there, or its spaces are not supported.
        """
