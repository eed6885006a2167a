"""A short race of two networks: one presses by what it sees now, the other one remembers.

Where keys depend on what is seen, a network without memory has less to learn and nothing to learn
by heart, provided that what it sees at a press says all that matters. Programs do not tell whether
it does: several are right, so two of them may press different keys after the same observation.
Therefore both networks are trained for some updates, and then answer training problems.
"""

import logging
from dataclasses import dataclass, replace

from inwit.policies import Architecture, FeedForward
from inwit.recipe import Recipe
from inwit.training.health import LOOK, greedy
from inwit.training.loop import Training
from inwit.training.program_search import ProgramSearch

LOG = logging.getLogger("inwit")
WITHOUT_MEMORY = FeedForward(width=64)
"""The network that presses by what it sees now."""
PART = 5
"""One in this many updates of a run is what each network is trained for."""
LEARNT, POOR = 0.95, 0.5
"""Shares of training problems from which a network without memory has won, and below which it has
lost, so that nothing is compared."""
LEAD = 0.05
"""In between it must be ahead by this much: where both have learnt little, they are even because
what they have learnt needs no memory, and the rest may."""
SEED = 0
"""Seed of a race, whatever that of the run: a task has the same network in all of its runs."""


@dataclass(frozen=True, kw_only=True)
class Race:
    """Which network learnt more in the same number of updates."""

    winner: Architecture
    """The network without memory, or the one that the recipe comes with."""
    without_memory: float
    """Its largest share of right greedy answers to 512 training problems, of all looks at it."""
    with_memory: float | None = None
    """The same of the other network; None where there was nothing to compare."""

    def __str__(self) -> str:
        text = f"a network without memory soon solves {100 * self.without_memory:.1f} %"
        if self.with_memory is not None:
            text = f"{text}, one with memory {100 * self.with_memory:.1f} %"
        return f"{text}: {self.winner.name} is chosen"


def race(recipe: Recipe, search: ProgramSearch | None) -> Race | None:
    """Train a network without memory on what was found so far, and the other one if in doubt.

    Args:
        recipe: of the run; its network remembers.
        search: what was found; None if nothing was searched.

    Returns:
        None if the run is too short to learn anything in its part of it.
    """
    updates = recipe.updates // PART
    if updates < LOOK:
        return None
    LOG.info("race: %d updates of a network without memory, to see if it suffices", updates)
    without, remembers = _learnt(replace(recipe, policy=WITHOUT_MEMORY), search, updates), None
    if POOR <= without < LEARNT:
        remembers = _learnt(recipe, search, updates)
    wins = without >= (LEARNT if remembers is None else min(LEARNT, remembers + LEAD))
    winner = WITHOUT_MEMORY if wins else recipe.policy
    return Race(winner=winner, without_memory=without, with_memory=remembers)


def _learnt(recipe: Recipe, search: ProgramSearch | None, updates: int) -> float:
    """The largest share of training problems that a network answers within so many updates."""
    training = Training(recipe.but(seed=SEED, early_stopping=False, race=False, compile=False))
    training.replay(search.episodes(training.environment) if search else None)
    best = 0.0
    for report in training.reports():
        if report.update % LOOK == 0:
            best = max(best, greedy(training.policy, training.environment, SEED, report.update))
        if best >= LEARNT or report.update >= updates:
            break
    return best
