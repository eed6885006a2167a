"""A training to its end, with a run folder that is whole at every moment."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from signal import SIGTERM
from typing import Protocol

from inwit.errors import (
    Diverged,
    FailedCode,
    Interrupted,
    InvalidOption,
    InwitError,
    explained,
    own_code,
)
from inwit.extras import back_in
from inwit.learners import Adam
from inwit.policies import Policy
from inwit.recipe import RunRecipe
from inwit.records import flatten
from inwit.training.checkpoint import Checkpoint
from inwit.training.distributed import lost_others
from inwit.training.metrics import Report
from inwit.training.run_folder import RunFolder
from inwit.trajectory import Trajectory

logger = logging.getLogger("inwit")
PAUSE, QUICK = 10.0, 0.5
"""Seconds between two checkpoints; seconds of writing one from which the pause grows with them."""
CHECKS = {"network": "check_policy", "learner": "check_learner", "task": "check_task"}
"""What checks a part of a user's own, in `inwit.testing`."""
SNAPSHOTS = 10
"""How often the weights are kept on the way, to be looked at; and once before the first update."""


@contextmanager
def fresh_folder(recipe: RunRecipe, here: Path | None, **facts: str) -> Iterator[RunFolder]:
    """The folder of a new run, held; what cannot begin leaves nothing behind.

    Args:
        recipe: of the run.
        here: where a relative path begins: a user's code may have gone elsewhere since.
        facts: what it records besides (see `RunFolder.made`).
    """
    for name, part in recipe.parts.items():
        if part is not None and not (name == recipe.subject and recipe.source):
            part.check_name(recipe.kinds[name])
    with ExitStack() as stack:
        with back_in(here):
            folder = stack.enter_context(RunFolder.fresh(recipe, **facts))
        try:
            yield folder
        except InvalidOption:
            if not folder.trained:
                folder.discard()
            raise


def go_back(folder: RunFolder, restore: Callable[[Checkpoint], None]) -> None:
    """Restore a training from the latest checkpoint, and drop what the folder has beyond it."""
    checkpoint = folder.latest()
    restore(checkpoint)
    told = max((int(line["update"]) for line in folder.metrics()), default=0)
    if told < checkpoint.update:
        lost = f"{told + 1} to {checkpoint.update}"
        logger.warning("%s: the metrics of updates %s are lost", folder.path, lost)
    folder.rewind(checkpoint.update)
    folder.resumed(checkpoint.update)


class Trained(Protocol):
    """What is asked of a training, on tasks or in an environment."""

    batch: dict[str, Trajectory]
    """What the latest loss was made from."""
    update: int
    """Updates made."""

    @property
    def recipe(self) -> RunRecipe:
        """What it was set up from."""

    @property
    def policy(self) -> Policy:
        """The network."""

    def reports(self) -> Iterator[Report]:
        """Train, one update at a time."""


def train_and_keep(
    training: Trained,
    folder: RunFolder,
    report: Callable[[Report], None] | None,
    *,
    checkpoint: Callable[[], Checkpoint],
    updates: int,
    optimiser: Adam,
    several: bool = False,
    resumable: bool = True,
) -> None:
    """Train to the end, and keep checkpoints on the way: the first one before the first update.

    Args:
        training: what is trained.
        folder: its run folder.
        report: called after every update.
        checkpoint: all that changes in it, as it is now.
        updates: how many there are in all.
        optimiser: its options, for advice.
        several: several processes train together.
        resumable: the run can be continued; otherwise its weights alone are kept.

    Raises:
        Diverged: a loss or its gradient is not finite.
        Interrupted: `report` stopped it, or another process is gone; the run is saved.
        InvalidOption: what is trained on fails on the way; the line says how to go on.
    """
    keeper = _Keeper(training, folder, checkpoint, several)
    every = max(1, updates // SNAPSHOTS)
    keeper.begin()
    try:
        for done in _reports(training):
            folder.append({"update": done.update, "episodes": done.episodes} | done.metrics)
            if done.update % every == 0 or done.learnt:
                folder.save(training.policy, done.update)
            keeper.remember()
            if report is not None:
                report(done)
            keeper.keep_now_and_then()
    except Interrupted as stop:
        keeper.keep()
        how = f"stopped after update {training.update}"
        raise Interrupted(stop.signal, f"{how}; {_how_to_go_on(folder, resumable)}") from None
    except RuntimeError as error:
        if not several or not lost_others(error):
            raise
        raise keeper.left_alone() from error
    except Diverged as error:
        raise _diverged(training, folder, optimiser, error) from error
    except InvalidOption as error:
        if not folder.trained:
            raise
        whole = f"the checkpoint of update {folder.latest().update} is whole"
        kind = FailedCode if isinstance(error, FailedCode) else InvalidOption
        raise kind(f"{error}; {whole}; {_how_to_go_on(folder, resumable)}") from error
    keeper.keep()


def _reports(training: Trained) -> Iterator[Report]:
    """The updates of a training; what fails in a user's code, or with its results, is told so."""
    try:
        with own_code():
            yield from training.reports()
    except InwitError:
        raise
    except Exception as error:
        own = _own_parts(training)
        if not own or lost_others(error):
            raise
        names = " and ".join(f"a {noun} of your own, {name}," for noun, name in own.items())
        checks = " and ".join(f"inwit.testing.{CHECKS[noun]}" for noun in own)
        raise FailedCode(
            f"training with {names} failed: {explained(error)}; to see what is wrong: {checks}"
        ) from error


def _own_parts(training: Trained) -> dict[str, str]:
    """The parts that are not ours and can be checked: kind, and name of the class."""
    parts: dict[str, object] = {"network": training.policy.unwrapped, **training.recipe.parts}
    kinds = {name: type(part) for name, part in parts.items() if name in CHECKS and part}
    return {
        name: kind.__name__
        for name, kind in kinds.items()
        if kind.__module__.partition(".")[0] != "inwit"
    }


def _how_to_go_on(folder: RunFolder, resumable: bool) -> str:
    if resumable:
        return f"continue with: {folder.resume_command()}"
    return f"{folder.path} has its weights; a live environment is gone, and no run in it continues"


class _Keeper:
    """Writes checkpoints and weights."""

    def __init__(
        self,
        training: Trained,
        folder: RunFolder,
        checkpoint: Callable[[], Checkpoint],
        several: bool,
    ) -> None:
        self.training, self.folder, self.checkpoint = training, folder, checkpoint
        self.several, self.kept, self.pause = several, time.monotonic(), 1.0
        self.latest: Checkpoint | None = None

    def begin(self) -> None:
        """The weights before the first update."""
        if not self.training.update:
            self.folder.save(self.training.policy, 0)
            self.keep()
        self.remember()

    def keep(self) -> None:
        self.folder.keep(self.checkpoint())
        self.folder.save(self.training.policy)

    def keep_now_and_then(self) -> None:
        start = time.monotonic()
        if start - self.kept > self.pause * PAUSE:
            self.keep()
            self.kept = time.monotonic()
            self.pause = max(1.0, (self.kept - start) / QUICK)

    def remember(self) -> None:
        """Have the state at hand to which several processes can go back."""
        self.latest = self.checkpoint() if self.several else None

    def left_alone(self) -> Interrupted:
        """Another process is gone: an update that was begun is made again."""
        assert self.latest is not None
        self.latest.fill(self.training.policy)
        self.folder.keep(self.latest)
        self.folder.save(self.training.policy)
        why = f"another process of the run is gone; stopped after update {self.latest.update}"
        return Interrupted(SIGTERM, f"{why}; continue with: {self.folder.resume_command()}")


def _diverged(training: Trained, folder: RunFolder, optimiser: Adam, error: Diverged) -> Diverged:
    """Write what the loss was made from, and say what to try."""
    tensors = {f"policy.{name}": part for name, part in training.policy.state_dict().items()}
    for name, episodes in training.batch.items():
        tensors |= flatten(episodes, name)
    path, last = folder.write_diverged(tensors), folder.latest().update
    advice = f"try --optimiser.learning-rate {optimiser.learning_rate / 3:.1g}"
    return Diverged(
        f"{error}; {path} has its episodes, the checkpoint of update {last} is whole; {advice}"
    )
