"""How rarely uniformly random presses are right."""

import torch

from inwit.environment import Environment
from inwit.policies import UniformRandom
from inwit.training.discoveries import RANDOM as RANDOM_PLAY
from inwit.training.discoveries import Discoveries
from inwit.training.rollout import play

RANDOM = 2048
"""Random episodes of each level that show how rare a right answer is."""


def solved_at_random(
    environment: Environment, generator: torch.Generator, found: Discoveries | None = None
) -> tuple[float, int]:
    """The share of uniformly random episodes that are right, at the hardest level.

    Args:
        environment: where; its state is overwritten.
        generator: draws problems and keys, on the CPU.
        found: takes note of what is right.

    Returns:
        The share, and how many episodes were played.
    """
    shares = []
    for level in environment.task.levels:
        problems = environment.task.sample(torch.full((RANDOM,), level), generator)
        right = play(UniformRandom(), environment, problems, generator)
        shares.append(float(right.float().mean()))
        solved = problems.select(right.nonzero()[:, 0].cpu())
        if found is not None:
            found.add(RANDOM_PLAY, solved.level, solved.identity, RANDOM * len(shares))
    return min(shares), RANDOM * len(shares)
