"""What a training is at one moment."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from inwit.training.weights import fill

POLICY, OPTIMISER = "policy.", "optimiser."
"""How the names of weights and of moments begin."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Everything that a run needs to continue, bit for bit."""

    update: int
    """Updates made."""
    episodes: int
    """Episodes made."""
    seconds: float
    """Time spent."""
    level: int
    """The hardest level that was attempted."""
    accuracy: float
    """The smoothed accuracy of episodes at it: with the level, how good the network is."""
    curriculum: dict[str, float]
    """The curriculum's state."""
    health: dict[str, float]
    """What the watch over failures has seen."""
    found: dict[str, list[int]] = field(default_factory=dict)
    """Who found what (`Discoveries.found`)."""
    tensors: dict[str, Tensor]
    """Weights, moments of the optimiser, found programs, random state; on the CPU."""

    def fill(self, network: torch.nn.Module) -> None:
        """Put the weights into a network.

        Raises:
            DamagedRun: they are of another one, or are not finite.
        """
        policy = {name: part for name, part in self.tensors.items() if name.startswith(POLICY)}
        fill(network, {name.removeprefix(POLICY): part for name, part in policy.items()})

    def fill_optimiser(self, optimiser: torch.optim.Optimizer) -> None:
        """Put the moments into an optimiser, each laid out in memory as its parameter is.

        Raises:
            ValueError: they are of other parameters.
        """
        state: dict[int, dict[str, Tensor]] = {}
        groups = optimiser.state_dict()["param_groups"]
        parameters: Sequence[Tensor] = [
            each for group in optimiser.param_groups for each in group["params"]
        ]
        for name in (name for name in self.tensors if name.startswith(OPTIMISER)):
            number, moment = name.removeprefix(OPTIMISER).split(".")
            parameter, given = parameters[int(number)], self.tensors[name]
            if given.shape == parameter.shape:  # a fused step walks through both side by side
                given = torch.empty_like(parameter, dtype=given.dtype).copy_(given)
            state.setdefault(int(number), {})[moment] = given
        optimiser.load_state_dict({"state": state, "param_groups": groups})


def tensors_of(network: torch.nn.Module, optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The weights and the moments of a training, by their names in a checkpoint."""
    tensors = {f"{POLICY}{name}": part for name, part in network.state_dict().items()}
    for number, moments in optimiser.state_dict()["state"].items():
        tensors |= {f"{OPTIMISER}{number}.{name}": part for name, part in moments.items()}
    return tensors
