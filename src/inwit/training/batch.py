"""A batch before its first press: its problems, and everything that is drawn for it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.learners import Learner
from inwit.parts import is_count
from inwit.tasks import Problems
from inwit.training.rollout import exploration

Selection = Int[Tensor, " S"] | None
"""Some of the episodes of a batch, by number, on the CPU; None stands for all of them."""


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
    limit: object = environment.task.max_presses(problems)
    if not is_count(limit):
        raise InvalidOption(
            f"max_presses of task '{environment.task.name}' gave {limit!r:.60}: it must give a "
            "whole number of at least 1"
        )
    return Batch(
        problems=problems,
        limit=limit,
        depth=environment.task.max_depth(problems),
        noise=torch.rand(limit, len(problems), generator=generator),
        explore=exploration(explore, len(problems)),
    )


def steps_on(learner: Learner, episodes: int, generator: torch.Generator) -> Iterator[Selection]:
    """The episodes of each gradient step on a batch.

    Episodes at one problem (`group_size` neighbours) stay together.

    Args:
        learner: says how often a batch is gone through, and in how many parts.
        episodes: how many there are.
        generator: draws the parts, if there are several.
    """
    for _ in range(learner.epochs):
        if learner.minibatches == 1:
            yield None
            continue
        group = learner.group_size
        order = torch.randperm(episodes // group, generator=generator)
        members = group * order[:, None] + torch.arange(group)
        yield from (part.flatten() for part in members.chunk(learner.minibatches))
