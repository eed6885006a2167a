"""Draws problems of a task, and checks that it gave them."""

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.tasks.base import Task
from inwit.tasks.problems import Problems


def draw_problems(
    task: Task, level: Int[Tensor, " P"], generator: torch.Generator, *, held_out: bool = False
) -> Problems:
    """As `task.sample`, and checked.

    Raises:
        InvalidOption: `sample` gives something else than so many problems.
    """
    made: object = task.sample(level, generator, held_out=held_out)
    if isinstance(made, Problems) and len(made) == len(level):
        return made
    what = f"{len(made)} problems" if isinstance(made, Problems) else f"{made!r:.60}"
    wanted = f"it must give Problems, one for each of {len(level)} levels"
    raise InvalidOption(f"sample of task '{task.name}' gave {what}: {wanted}")
