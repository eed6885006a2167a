"""What a learner is: it turns episodes into a loss. Its fields are its hyperparameters."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.parts import Part, is_count
from inwit.trajectory import Outputs, Trajectory

Metrics = dict[str, Tensor]
"""Scalars by name, `area/name`, without gradient."""
COUNTS = ("epochs", "minibatches", "group_size")
"""What a learner says in whole numbers of at least 1."""


class Learner(Part, ABC):
    """From episodes to a loss."""

    noun: ClassVar[str] = "learner"
    registered: ClassVar[dict[str, type[Part]]] = {}
    trains_value: ClassVar[bool] = False
    """Whether the network's value is trained, too."""
    epochs: int = 1
    """How often one batch of episodes is gone through."""
    minibatches: int = 1
    """In how many equal parts, each with a gradient step of its own."""
    group_size: int = 1
    """How many episodes are made at each problem."""

    def __post_init__(self) -> None:
        """Check all options, and what the class says in their place.

        Raises:
            InvalidOption: some are of the wrong type or out of range.
        """
        super().__post_init__()
        for name in COUNTS:
            if not is_count(getattr(self, name)):
                given = f"{self.flag(name)} {getattr(self, name)!r:.60}"
                raise InvalidOption(f"{given}: give a whole number of at least 1")

    def check_batch(self, episodes: int) -> None:
        """Check that a batch is made of whole groups, and its parts are equal.

        Raises:
            InvalidOption: so many episodes cannot be divided into the groups, or the minibatches.
        """
        group = self.group_size
        if episodes % group:
            near = max(group, episodes // group * group)
            raise InvalidOption(
                f"--batch {episodes}: learner {self.name} makes {group} episodes at each problem; "
                f"give a multiple of {group}, such as {near}"
            )
        problems = episodes // group
        if problems % self.minibatches:
            what = "episodes" if group == 1 else f"groups of {group}"
            allowed = [n for n in range(1, problems + 1) if not problems % n]
            closest = min(allowed, key=lambda n: abs(n - self.minibatches))
            given = f"{self.flag('minibatches')} {self.minibatches}"
            raise InvalidOption(
                f"{given}: {problems} {what} (--batch {episodes}) do not make so many equal parts; "
                f"give a divisor of {problems}, such as {closest}"
            )

    @abstractmethod
    def loss(self, trajectory: Trajectory, outputs: Outputs) -> tuple[Float[Tensor, ""], Metrics]:
        """The scalar to minimise, and what to log. Rows after an episode's end carry no gradient.

        Args:
            trajectory: the episodes as they were made.
            outputs: the policy's outputs on them as it is now, with gradient.
        """


def check_loss(learner: Part, made: object) -> None:
    """Check what `loss` has returned; nothing here waits for the device.

    Raises:
        InvalidOption: it is not a loss with a gradient and its metrics.
    """
    for contract, seen in broken_by(made):
        what = f"{learner.noun} '{learner.name}'"
        raise InvalidOption(f"{what} breaks the contract '{contract}': {seen}")


def broken_by(made: object) -> list[tuple[str, str]]:
    """The contracts that a result of `loss` breaks, each with what is seen instead."""
    if not (isinstance(made, tuple | list) and len(made) == 2):
        return [("loss gives a pair, the loss and its metrics", f"it gives {_shown(made)}")]
    loss, metrics = made
    if not (isinstance(loss, Tensor) and loss.is_floating_point() and not loss.dim()):
        return [("the loss is a scalar tensor", f"it is {_shown(loss)}")]
    if not loss.requires_grad:
        return [("the loss has a gradient", "it has none")]
    contract = "metrics are scalars without gradient, named area/name"
    if not isinstance(metrics, Mapping):
        return [(contract, f"they are {_shown(metrics)}")]
    return [
        (contract, f"{name!r:.60} is {_shown(value)}")
        for name, value in metrics.items()
        if not (isinstance(name, str) and _is_metric(value))
    ]


def _is_metric(value: object) -> bool:
    return isinstance(value, Tensor) and not value.dim() and not value.requires_grad


def _shown(given: object) -> str:
    if not isinstance(given, Tensor):
        return f"{given!r:.60}, a {type(given).__name__}"
    gradient = " and a gradient" if given.requires_grad else ""
    return f"a tensor of {str(given.dtype)[6:]} with shape {tuple(given.shape)}{gradient}"
