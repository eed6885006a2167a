"""This library as a contender: the loop of `Training` with problems, metrics and warnings."""

from dataclasses import dataclass

import torch

from inwit.bench.contenders import PRESSES, STEP_SIZE, WIDTH, Update
from inwit.learners import Adam
from inwit.policies import GRU
from inwit.recipe import Recipe
from inwit.tasks import Problems, Stages
from inwit.training.loop import Training


@dataclass(frozen=True, kw_only=True)
class FirstStage(Stages):
    """Only the first stage, with the same number of presses as all contenders."""

    @property
    def schedule(self) -> tuple[int, ...]:
        """The first stage, always."""
        return (0,)

    def max_presses(self, problems: Problems) -> int:
        """As many as the oracle needs."""
        return PRESSES


def build(episodes: int, threads: int, **options: object) -> Update:
    """An update of A2C on the reward alone, without replay and exploration, which others lack.

    Args:
        episodes: per update.
        threads: maximum number of threads.
        options: changes to the recipe.
    """
    torch.set_num_threads(threads)
    recipe = Recipe(
        task=FirstStage(),
        policy=GRU(width=WIDTH),
        optimiser=Adam(learning_rate=STEP_SIZE),
        replay=None,
        epsilon=0.0,
        batch=episodes,
        updates=10**9,
    )
    reports = Training(recipe.but(**options)).reports()
    return lambda: next(reports)


def build_compiled(episodes: int, threads: int) -> Update:
    """The same with the whole update compiled."""
    return build(episodes, threads, compile=True)
