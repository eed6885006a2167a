"""From a training run to a checkpoint, and back to a run that continues bit for bit."""

from collections.abc import Mapping
from pathlib import Path

import torch

from inwit.errors import DamagedRun, InvalidOption
from inwit.recipe import Recipe
from inwit.records import flatten, map_tensors, unflatten
from inwit.tasks import Task
from inwit.training.checkpoint import Checkpoint, tensors_of
from inwit.training.loop import Training
from inwit.training.run_folder import RunFolder
from inwit.trajectory import Trajectory


def own_recipe(folder: RunFolder, task: Task | None) -> Recipe:
    """The recipe with which a run goes on, on the problems that it was trained on.

    Args:
        folder: the run.
        task: its task; needed where that is not built in.

    Raises:
        InvalidOption: it is another task, or its problems were changed.
    """
    part = folder.plain().get("task")
    name = part.get("type") if isinstance(part, Mapping) else None
    if task is not None and name is not None and task.name != name:
        raise other_task(folder.path, str(name), task)
    recipe = folder.recipe(task)
    check_same(folder, recipe)
    return recipe


def check_same(folder: RunFolder, recipe: Recipe) -> None:
    """Check that a task is as it was when a run began.

    Raises:
        InvalidOption: its problems, keys, words or tools were changed.
    """
    before, now = folder.made(), recipe.facts
    _check_keys(folder, recipe, before, now)
    for name in ("problems", "tools"):
        if name in before and before[name] != now.get(name):
            raise other_now(folder.path, recipe.task.name, name)


def check_keys(folder: RunFolder, recipe: Recipe) -> None:
    """Check that keys and words have the numbers by which a network knows them.

    Raises:
        InvalidOption: they are others, or in another order.
    """
    _check_keys(folder, recipe, folder.made(), recipe.facts)


def _check_keys(
    folder: RunFolder, recipe: Recipe, before: Mapping[str, object], now: Mapping[str, object]
) -> None:
    for name in ("keys", "words"):
        if name in before and before[name] != now.get(name):
            given = f": {now.get(name)}, and then {before[name]}" if name == "keys" else ""
            plain = folder.plain()
            trained = plain["source"] or plain["task"].get("type")
            raise InvalidOption(
                f"{folder.path} was trained with other {name} than '{recipe.task.name}' has, or "
                f"in another order{given}; the run was trained on '{trained}': is that the task "
                "you gave, as it was then?"
            )


def other_task(path: Path, name: str, given: Task) -> InvalidOption:
    """A run on the task of a name that is to go on with another one."""
    trained = f"{path} was trained on '{name}', not on '{given.name}'"
    return InvalidOption(f"{trained}: a run goes on with its own task alone")


def other_now(path: Path, task: str, what: str = "problems") -> InvalidOption:
    """A run whose task has changed."""
    return InvalidOption(
        f"{path}: '{task}' has other {what} than when the run began: its file was "
        "edited, or draws others in each process; restore it, or train again"
    )


def checkpoint_of(training: Training) -> Checkpoint:
    """All that changes in a training, as it is now."""
    tensors = tensors_of(training.policy, training.optimiser)
    tensors["generator"] = training.generator.get_state()
    if training.replayed:
        buffer = training.replayed.buffer
        tensors["capacity"] = torch.tensor(buffer.capacity)
        if buffer.solved is not None:
            tensors |= flatten(buffer.solved, "found")
    tensors["discovered"] = training.discoveries.forms
    seen = training.watch.seen
    return Checkpoint(
        update=training.update,
        episodes=training.episodes,
        seconds=training.seconds,
        level=int(seen.get("level", training.task.levels[0])),
        accuracy=seen.get("accuracy", 0.0),
        curriculum=dict(training.course.state),
        health=dict(seen),
        found=dict(training.discoveries.found),
        tensors={name: part.detach().cpu().clone() for name, part in tensors.items()},
    )


def restore(training: Training, checkpoint: Checkpoint) -> None:
    """Go on from a checkpoint of the same recipe.

    Raises:
        DamagedRun: it is of another recipe.
    """
    tensors, device = checkpoint.tensors, training.environment.device
    try:
        checkpoint.fill(training.policy)
        checkpoint.fill_optimiser(training.optimiser)
        training.generator.set_state(tensors["generator"])
        if training.replayed:
            buffer = training.replayed.buffer
            buffer.capacity = int(tensors["capacity"])
            if "found.problem" in tensors:
                found = unflatten(Trajectory, tensors, "found")
                buffer.solved = map_tensors(lambda tensor: tensor.to(device), found)
        if training.course.state.keys() - checkpoint.curriculum.keys():
            raise KeyError("curriculum")
        training.course.state = dict(checkpoint.curriculum)
    except (LookupError, ValueError, RuntimeError, TypeError) as error:
        raise DamagedRun(f"the checkpoint is of another recipe: {error}") from error
    training.discoveries.restore(checkpoint.found, tensors.get("discovered"))
    training.update, training.episodes = checkpoint.update, checkpoint.episodes
    training.seconds, training.watch.seen = checkpoint.seconds, dict(checkpoint.health)
