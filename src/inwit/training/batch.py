"""A batch before its first press: its problems, and everything that is drawn for it."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.environment import Environment
from inwit.tasks import Problems
from inwit.training.rollout import exploration


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Everything that is known of a batch of episodes before the first press; on the CPU."""

    problems: Problems
    """The problems."""
    limit: int
    """T: how many presses an episode may take."""
    depth: int
    """How many frames the memory holds."""
    noise: Float[Tensor, "T B"]
    """Draws the keys, from 0 to 1."""
    explore: Float[Tensor, " B"] | None
    """Epsilon of each episode: the share of uniformly random presses."""

    def part(self, rows: slice) -> "Batch":
        """Some of the episodes; what the whole batch may take holds for them, too."""
        return replace(
            self,
            problems=self.problems.part(rows),
            noise=self.noise[:, rows],
            explore=None if self.explore is None else self.explore[rows],
        )


def draw_batch(
    environment: Environment, problems: Problems, generator: torch.Generator, explore: float
) -> Batch:
    """Draw all that an update draws once its problems are known.

    Args:
        environment: where the episodes will be.
        problems: the problems, on the CPU.
        generator: draws the noise, on the CPU.
        explore: share of uniformly random presses (see `exploration`).
    """
    limit = environment.task.max_presses(problems)
    return Batch(
        problems=problems,
        limit=limit,
        depth=environment.task.max_depth(problems),
        noise=torch.rand(limit, len(problems), generator=generator),
        explore=exploration(explore, len(problems)),
    )
