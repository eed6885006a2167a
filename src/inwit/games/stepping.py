"""Where the copies of an environment are stepped: in this process, or in several others.

Unless `--processes` says so, it is measured. The first update of a training loads things, so the
second one is timed. If stepping takes most of it and there are cores to step on, the copies move to
other processes, in the middle of their episodes; if updates are not faster there, since the cores
are busy, they move back. What is learnt is the same, bit for bit.
"""

import logging
from dataclasses import dataclass

from inwit.devices import usable_cores
from inwit.errors import InvalidOption, InwitError
from inwit.games.base import Copies
from inwit.games.game import SeededGame
from inwit.games.processes import AVAILABLE, Processes
from inwit.games.recipe import GameRecipe

LOG = logging.getLogger("inwit")
LOADED, TRIED = 1, 2
"""Updates that are not timed; those after a move, the faster of which is compared."""
MOST = 0.5
"""Share of stepping in an update above which processes are considered."""
START, MESSAGE, WORTH = 3.0, 1e-4, 10.0
"""Seconds of starting processes, of a message to one of them, and that must be saved in all."""


def opened(recipe: GameRecipe) -> Copies:
    """The copies of a training.

    Raises:
        InvalidOption: the environment does not exist, or its spaces are not supported.
    """
    world, processes = recipe.environment, recipe.processes or 1
    return world.open(recipe.batch) if processes == 1 else Processes(world, recipe.batch, processes)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """An update whose copies were stepped in this process."""

    seconds: float
    """It took."""
    stepping: float
    """Seconds of it in which environments were stepped."""
    rows: int
    """Steps of each copy."""
    copies: int
    """B."""
    longest: int
    """The most actions of an episode so far: all are played again after a move."""

    @property
    def share(self) -> float:
        """How much of the update stepping took."""
        return self.stepping / self.seconds

    def saved(self, processes: int, updates: int) -> float:
        """Seconds that so many processes would save in so many updates, estimated."""
        row = self.stepping / self.rows
        faster = row - row / processes - processes * MESSAGE
        return faster * self.rows * updates - START - row / processes * self.longest

    def __str__(self) -> str:
        step = 1e3 * self.stepping / self.rows / self.copies
        return f"stepping took {self.share:.0%} of an update, {step:.2g} ms a step"


class Choice:
    """Moves the copies of one training to other processes, if that makes the rest faster."""

    def __init__(self, recipe: GameRecipe) -> None:
        """Nothing is measured yet."""
        self.recipe, self.seen, self.stepped = recipe, 0, 0.0
        self.here: Measured | None = None
        self.there: list[float] = []
        self.open = recipe.processes is None

    def after(self, game: SeededGame, seconds: float, left: int) -> None:
        """Measure an update, and choose.

        Args:
            game: of the training; its copies may become others.
            seconds: that the update took.
            left: updates that are left.
        """
        if not self.open:
            return
        self.seen, stepping = self.seen + 1, game.stepping - self.stepped
        self.stepped = game.stepping
        if self.seen <= LOADED or not left:
            return
        if self.here is not None:
            self._compare(game, self.here, seconds)
            return
        self.here = Measured(
            seconds=seconds,
            stepping=stepping,
            rows=self.recipe.window,
            copies=game.count,
            longest=max(map(len, game.actions)),
        )
        processes = min(usable_cores(), game.count)
        against = _against(self.here, processes, left)
        self.open = not against
        self._say(against or self._move(game, processes, str(self.here)))

    def _move(self, game: SeededGame, processes: int, why: str) -> str:
        """Where the copies are stepped from now on, and why."""
        try:
            copies = Processes(self.recipe.environment, game.count, processes)
        except InvalidOption as error:
            self.open = False
            return f"stepped in this process, since others cannot: {error}"
        wrong = _moved(game, copies)
        self.open = not wrong
        if wrong:
            return f"stepped in this process, since another one does not come to the same: {wrong}"
        return f"stepped in {processes} processes: {why}"

    def _compare(self, game: SeededGame, here: Measured, seconds: float) -> None:
        """Move back if updates are not faster in other processes."""
        self.there.append(seconds)
        if len(self.there) < TRIED:
            return
        self.open, there = False, min(self.there)
        if there >= here.seconds and not _moved(game, self.recipe.environment.open(game.count)):
            took = f"an update took {there:.2g} s in the others, {here.seconds:.2g} s here"
            self._say(f"stepped in this process again: {took}")

    def _say(self, text: str) -> None:
        LOG.info("environments: %s", text)


def _moved(game: SeededGame, copies: Copies) -> str:
    """Go on in other copies; what is wrong with them, and then the game stays where it was."""
    try:
        game.move(copies)
    except InwitError as error:
        copies.close()
        return str(error)
    return ""


def _against(measured: Measured, processes: int, left: int) -> str:
    """Why the copies stay in this process; empty if they had better move."""
    saved, here = measured.saved(processes, left), f"stepped in this process: {measured}"
    if measured.share <= MOST:
        return here
    if processes == 1 or not AVAILABLE:
        return f"{here}, and there is one core or one episode"
    if saved < WORTH:
        return f"{here}, but {processes} processes would save {max(saved, 0):.0f} s of the rest"
    return ""
