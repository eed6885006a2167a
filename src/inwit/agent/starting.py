"""Train, resume or load, in a task or in an environment."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from signal import SIGTERM
from typing import Any

from inwit.agent.agent import Agent, folder_of, given_task, load_agent
from inwit.errors import Interrupted, InvalidOption, own_code
from inwit.extras import working_folder
from inwit.games.player import is_game, load_game, resume_game, train_game
from inwit.games.recipe import any_recipe_for, game_recipe_for
from inwit.recipe import Recipe
from inwit.recipes import recipe_for
from inwit.tasks import Task
from inwit.training.choosing import settled
from inwit.training.distributed import lost_others
from inwit.training.keeping import fresh_folder, go_back, train_and_keep
from inwit.training.loop import Training
from inwit.training.metrics import Report
from inwit.training.resuming import checkpoint_of, own_recipe, restore
from inwit.training.run_folder import RunFolder


def train(
    task: object = "stages",
    *,
    report: Callable[[Report], None] | None = None,
    **options: object,
) -> Agent | Any:
    """Train an agent and write its run folder.

    Args:
        task: the name of a recipe, a Python file with a task (its code is run), a generator of
            reasoning-gym (`reasoning-gym:chain_sum`), a task, or a whole recipe; or an environment:
            `gymnasium:ID`, `memory-length`, a live vector environment of Gymnasium.
        report: called after every update.
        options: changes to the recipe, by the names of the command line: `seed=3`,
            `learner="ppo"`, `largest=6`, `**{"learner.clip": 0.1}`; or whole parts,
            `learner=PPO(clip=0.1)`.

    Returns:
        An `Agent`; in an environment a `Player` (see `inwit.games.player`).

    Raises:
        InvalidOption: an option is unknown or out of range.
        DamagedRun: the folder cannot be written.
        Diverged: a loss or its gradient is not finite.
        Interrupted: `report` stopped it; the run is saved.
    """
    _check_report(report)
    task = any_recipe_for(task) if isinstance(task, str) else task
    game = game_recipe_for(task)
    if game is not None:
        return train_game(game.but(**options), report=report)
    if not isinstance(task, Task | Recipe):
        wanted = "give a task, a recipe, an environment, or the name of one"
        if hasattr(task, "reset") and hasattr(task, "step"):
            wanted = "one environment alone is not trained: give gymnasium:ID or gymnasium.make_vec"
        raise InvalidOption(f"{task!r:.60}: {wanted}")
    recipe, here = task if isinstance(task, Recipe) else recipe_for(task), working_folder()
    with own_code():
        training = Training(settled(recipe.but(**options)))
    if not training.ranks.first:
        return _run_beside(training)
    for remark in training.task.remarks:
        logging.getLogger("inwit").info("note: %s", remark)
    with fresh_folder(training.recipe, here) as folder:
        return _run(training, folder, report)


def resume(
    path: str | Path,
    *,
    task: str | Task | None = None,
    report: Callable[[Report], None] | None = None,
) -> Agent | Any:
    """Resume a run that was stopped; the result is the same, bit for bit, as without the stop.

    Args:
        path: the run folder.
        task: its task or the file of it, unless that is built in.
        report: called after every update; where it raises `Interrupted`, the run is saved.

    Raises:
        DamagedRun: it is not a run folder, has no whole checkpoint, or cannot be written.
        InvalidOption: another process trains in it, or the task or its problems are others.
        Diverged: a loss or its gradient is not finite.
        Interrupted: it was stopped again.
    """
    _check_report(report)
    folder = folder_of(path)
    if is_game(folder):
        _no_task(path, task)
        return resume_game(folder, report=report)
    with own_code():
        training = Training(own_recipe(folder, given_task(task)))
    if not training.ranks.first:
        restore(training, folder.latest())
        return _run_beside(training)
    with folder.held():
        go_back(folder, partial(restore, training))
        return _run(training, folder, report)


def load(
    path: str | Path,
    *,
    task: str | Task | None = None,
    device: str = "cpu",
    snapshot: int | None = None,
    best: bool = False,
) -> Agent | Any:
    """The agent of a run folder; of a run in an environment the `Player`.

    Args:
        path: the run folder.
        task: its task or the file of it, unless that is built in.
        device: of the network.
        snapshot: the update of a snapshot; by default the final weights.
        best: take the weights of the best checkpoint.

    Raises:
        DamagedRun: it is not a run folder, or a damaged one.
    """
    folder = folder_of(path)
    if is_game(folder):
        _no_task(path, task)
        return load_game(folder, device=device, snapshot=snapshot, best=best)
    return load_agent(path, task=task, device=device, snapshot=snapshot, best=best)


def _run_beside(training: Training) -> Agent:
    """Train as one of several processes; the first keeps the run folder.

    Raises:
        Interrupted: the first has stopped.
    """
    try:
        for _ in training.reports():
            pass
    except RuntimeError as error:
        if not lost_others(error):
            raise
        raise Interrupted(SIGTERM, "the first process of the run has stopped") from error
    return Agent(training.recipe, training.policy, training.environment)


def _run(training: Training, folder: RunFolder, report: Callable[[Report], None] | None) -> Agent:
    """Train to the end, and keep the run folder."""
    train_and_keep(
        training,
        folder,
        report,
        checkpoint=partial(checkpoint_of, training),
        updates=training.recipe.updates,
        optimiser=training.recipe.optimiser,
        several=training.ranks.size > 1,
    )
    return Agent(training.recipe.but(out=folder.path), training.policy, training.environment)


def _no_task(path: str | Path, task: str | Task | None) -> None:
    if task:
        raise InvalidOption(f"task={task!r:.60}: {path} was trained in an environment, not a task")


def _check_report(report: object) -> None:
    if report is not None and not callable(report):
        raise InvalidOption(f"report {report!r:.60}: give a function that is called with a Report")
