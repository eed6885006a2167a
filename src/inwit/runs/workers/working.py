"""The work of a process: train or resume a run, send messages, score it."""

import shutil
import signal
import time
import traceback
from collections.abc import Mapping, Sequence
from math import inf, nan
from multiprocessing.reduction import ForkingPickler
from typing import Any, Protocol

import torch

from inwit.agent import Agent, load, resume, train
from inwit.devices import keep_freed_memory
from inwit.errors import Interrupted, InwitError
from inwit.evaluation.history import RETURN
from inwit.evaluation.scores import LevelScore
from inwit.games.player import Player
from inwit.games.recipe import read_game_recipe
from inwit.games.scores import GameScore
from inwit.interruption import Interruptible
from inwit.recipe import Recipe, RunRecipe
from inwit.recipes import read_recipe
from inwit.runs.workers.jobs import Ended, Finished, Job, Progressed, holds, measured
from inwit.tasks import read_task
from inwit.training.keeping import SNAPSHOTS
from inwit.training.metrics import Report
from inwit.training.run_folder import RunFolder

TICK = 0.2
"""Seconds between messages about updates without a snapshot."""
SMOOTHING = 0.3
"""Weight of the latest update in the moving average of a level's accuracy, as in the curriculum;
of a return, too."""


def begin() -> None:
    """Prepare a process before its call."""
    # Ctrl-C is for the parent, which asks by the pipe; SIGTERM may be for this run alone.
    signal.pthread_sigmask(signal.SIG_SETMASK, {signal.SIGINT})
    torch.set_num_threads(1)
    keep_freed_memory()


class Pipe(Protocol):
    """What a run needs of the pipe to its parent."""

    def send(self, message: Progressed) -> None:
        """Report; an `OSError` means that the parent is gone."""

    def poll(self) -> bool:
        """The parent asks to stop, or is gone."""


def work(order: bytes) -> Finished | Ended:
    """Carry out a job in a process of this machine.

    Args:
        order: the job and the pipe to the parent, as the parent has serialised them.
    """
    job, pipe = ForkingPickler.loads(order)
    with pipe:
        return carry_out(job, pipe)


def carry_out(job: Job, pipe: Pipe) -> Finished | Ended:
    """Train or resume a run and score it. A user's mistake is a result; other errors are raised."""
    try:
        recipe = _recipe(job).but(out=job.out)
        reporter = Reporter(job, recipe, pipe)
        with Interruptible(reporter) as report:
            agent = _train(recipe, report)
        scores = _scores(agent, job.problems)
        reporter.remember()
        return Finished(
            cpu=reporter.cpu,
            scores=scores,
            reached=_reached(job, recipe),
            snapshots=reporter.snapshots,
        )
    except Interrupted as stop:
        return Ended(reason=str(stop), stopped=True)
    except InwitError as error:
        return Ended(reason=str(error), stopped=False)
    except Exception:
        traceback.print_exc()
        raise


def _recipe(job: Job) -> RunRecipe:
    """The recipe of a job, on tasks or in an environment."""
    if "environment" in job.recipe:
        return read_game_recipe(job.recipe)
    source = str(job.recipe["source"])
    return read_recipe(job.recipe, read_task(source) if source else None)


def _train(recipe: RunRecipe, report: Interruptible) -> Agent | Any:
    held = holds(recipe)
    if recipe.out is not None and held != "nothing":
        task = recipe.task if isinstance(recipe, Recipe) else None
        return resume(recipe.out, task=task, report=report)
    if recipe.out is not None and recipe.out.exists():
        shutil.rmtree(recipe.out)  # killed before the first update: there is nothing to lose
    return train(recipe, report=report)


def _reached(job: Job, recipe: RunRecipe) -> int | None:
    """The first snapshot at which the threshold was reached, at every level."""
    if job.threshold is None:
        return None
    task = recipe.task if isinstance(recipe, Recipe) else None
    for snapshot in RunFolder(job.out).snapshots():
        scores = _scores(load(job.out, task=task, snapshot=snapshot), job.problems)
        if all(measured(score) >= job.threshold for score in scores):
            return snapshot
    return None


def _scores(agent: Agent | Player, problems: int) -> Sequence[LevelScore | GameScore]:
    """On held-out problems of each level, or of fresh episodes."""
    return [agent.evaluate(problems)] if isinstance(agent, Player) else agent.evaluate(problems)


class Reporter:
    """Reports updates to the parent: each snapshot, and others at most every `TICK`."""

    def __init__(self, job: Job, recipe: RunRecipe, pipe: Pipe) -> None:
        """Follow a run from its beginning or from where it is resumed."""
        self.job, self.pipe = job, pipe
        self.levels = len(recipe.task.levels) if isinstance(recipe, Recipe) else 0
        self.every = max(1, job.updates // SNAPSHOTS)
        self.cpu = job.spent
        self.began = time.process_time() - job.spent
        self.sent_at = 0.0
        self.early: dict[str, float] = {}
        self.snapshots: dict[int, float] = {}
        self.last = 0

    def __call__(self, report: Report) -> None:
        """Report an update.

        Raises:
            Interrupted: the parent asks to stop or has died.
        """
        self.cpu = time.process_time() - self.began + report.elsewhere
        self.remember(before=report.update)
        self._follow(report.update, report.metrics)
        if self.pipe.poll():
            raise Interrupted(signal.SIGTERM)
        last = report.update == self.job.updates
        is_snapshot = report.update in self.snapshots
        if not (is_snapshot or last or time.monotonic() - self.sent_at > TICK):
            return
        self.sent_at = time.monotonic()
        try:
            self.pipe.send(Progressed(report=report, cpu=self.cpu, snapshots=dict(self.snapshots)))
        except OSError:
            raise Interrupted(signal.SIGTERM) from None

    def remember(self, before: float = inf) -> None:
        """Follow the updates of earlier processes, from the run folder."""
        if not self.last:
            for line in RunFolder(self.job.out).metrics():
                if line["update"] < before:
                    self._follow(int(line["update"]), line)

    def _follow(self, update: int, metrics: Mapping[str, float]) -> None:
        self.last = update
        for name, value in metrics.items():
            if name.startswith("episodes/accuracy@"):
                past = self.early.get(name, 0.0)
                self.early[name] = past + SMOOTHING * (value - past)
            elif name == RETURN and not self.levels:
                past = self.early.get(name, value)
                self.early[name] = past + SMOOTHING * (value - past)
        if update % self.every == 0:
            several = self.levels or len(self.early)
            self.snapshots[update] = sum(self.early.values()) / several if several else nan
