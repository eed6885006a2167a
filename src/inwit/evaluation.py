"""Held-out scores with intervals, beside the oracle and random play.

Accuracy is the share of right answers of greedy attempts at problems that training never draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.environment import Environment
from inwit.policies import Even, Policy
from inwit.rollout import rollout
from inwit.tasks import Problems

CONFIDENCE = 1.959963984540054
"""Standard normal quantile of a 95 % interval."""


def wilson(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), which is sound at 0 and at 1, too."""
    share, square = right / count, CONFIDENCE**2 / count
    middle = (share + square / 2) / (1 + square)
    half = CONFIDENCE * sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, kw_only=True)
class Score:
    """How many of some problems were answered rightly."""

    right: int
    """Right answers."""
    count: int
    """Problems."""

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return self.right / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % Wilson interval."""
        return wilson(self.right, self.count)


@dataclass(frozen=True, kw_only=True)
class LevelScore:
    """The scores at one level."""

    level: int
    """The level."""
    form: str
    """What its problems look like."""
    agent: Score
    """The agent, greedy."""
    oracle: Score
    """The programs that the problems come with."""
    chance: Score
    """Even over the legal keys."""


def evaluate_levels(
    policy: Policy, environment: Environment, levels: Sequence[int], *, count: int, seed: int
) -> list[LevelScore]:
    """Score a policy on `count` held-out problems of each level."""
    scores = []
    for level in levels:
        generator = torch.Generator().manual_seed(seed * 1_000_003 + level)
        levels_drawn = torch.full((count,), level)
        problems = environment.task.sample(levels_drawn, generator, held_out=True)
        scores.append(
            LevelScore(
                level=level,
                form=environment.task.form(level),
                agent=score_policy(policy, environment, problems),
                oracle=score_keys(environment, problems, problems.oracle),
                chance=score_policy(Even(), environment, problems, generator),
            )
        )
    return scores


@torch.no_grad()
def score_policy(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    generator: torch.Generator | None = None,
) -> Score:
    """One attempt at every problem, greedy unless a generator is given."""
    rollout(policy, environment, problems, generator)
    return Score(right=int(environment.right.sum()), count=len(problems))


def score_keys(environment: Environment, problems: Problems, keys: Int[Tensor, "P K"]) -> Score:
    """Press given keys."""
    environment.reset(problems)
    for key in keys.T.to(environment.device):
        environment.step(key)
    return Score(right=int(environment.right.sum()), count=len(problems))
