"""A short race of two networks: one presses by what it sees now, the other one remembers.

Where keys depend on what is seen, a network without memory has less to learn and nothing to learn
by heart, provided that what it sees at a press says all that matters. Programs do not tell whether
it does: several are right, so two of them may press different keys after the same observation.
Therefore both networks are trained for some updates, and then answer training problems.
"""

import logging
from dataclasses import dataclass

from inwit.policies import Architecture, FeedForward
from inwit.recipe import Recipe
from inwit.recipes import own_task
from inwit.training.health import LOOK, greedy
from inwit.training.loop import Training
from inwit.training.program_search import ProgramSearch

LOG = logging.getLogger("inwit")
WITHOUT_MEMORY = {
    "policy": FeedForward(width=64),
    "learner.normalise": True,
    "optimiser.learning_rate": 1e-3,
}
"""The network that presses by what it sees now, and how it learns. Its advantages are
normalised: a key that does nothing costs 3 % of a return that is already discounted, less than the
entropy bonus pays, so that the most probable key might be one."""
PART = 5
"""One in this many updates of a run is what a network is trained for, and as long again if it is
then between these two shares."""
LEARNT, POOR = 0.95, 0.5
"""Shares of training problems from which a network without memory has won, and below which it has
lost, so that nothing is compared."""
LEAD = 0.25
"""In between it must make fewer mistakes by this share: where both have learnt little, they are
even because what they have learnt needs no memory, and the rest may."""
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
    contender = without_memory(recipe)
    without, remembers = _learnt(contender, search, updates), None
    wins = without >= LEARNT
    if POOR <= without < LEARNT:
        remembers = _learnt(recipe, search, updates)
        wins = 1 - without <= (1 - LEAD) * (1 - remembers)
    winner = contender if wins else recipe
    return Race(winner=winner.policy, without_memory=without, with_memory=remembers)


def without_memory(recipe: Recipe) -> Recipe:
    """A recipe with the network that has no memory; what its user has changed stands."""
    plain = own_task(recipe.task, recipe.source)
    parts = {option: option.partition(".")[0] for option in WITHOUT_MEMORY}
    free = [name for name, part in parts.items() if getattr(recipe, part) == getattr(plain, part)]
    return recipe.but(**{name: WITHOUT_MEMORY[name] for name in free})


def _learnt(recipe: Recipe, search: ProgramSearch | None, updates: int) -> float:
    """The largest share of training problems that a network answers within so many updates.

    One that is neither poor nor has learnt by then gets as many again.
    """
    training = Training(recipe.but(seed=SEED, early_stopping=False, race=False, compile=False))
    training.replay(search.episodes(training.environment) if search else None)
    best = 0.0
    for report in training.reports():
        if report.update % LOOK == 0:
            best = max(best, greedy(training.policy, training.environment, SEED, report.update))
        if best >= LEARNT or report.update >= (updates if best < POOR else 2 * updates):
            break
    return best
