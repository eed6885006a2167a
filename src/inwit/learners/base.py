"""What a learner is: it turns episodes into a loss. Its fields are its hyperparameters."""

from abc import ABC, abstractmethod
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from inwit.parts import Part
from inwit.trajectory import Outputs, Trajectory

Metrics = dict[str, Tensor]
"""Scalars by name, `area/name`, without gradient."""


class Learner(Part, ABC):
    """From episodes to a loss."""

    noun: ClassVar[str] = "learner"
    registered: ClassVar[dict[str, type[Part]]] = {}
    trains_value: ClassVar[bool] = False
    """Whether the network's value is trained, too."""
    epochs: int = 1
    """How many updates are made on one batch of episodes."""
    group_size: int = 1
    """How many episodes are made at each problem."""

    @abstractmethod
    def loss(self, trajectory: Trajectory, outputs: Outputs) -> tuple[Float[Tensor, ""], Metrics]:
        """The scalar to minimise, and what to log. Rows after an episode's end carry no gradient.

        Args:
            trajectory: the episodes as they were made.
            outputs: the policy's outputs on them as it is now, with gradient.
        """
