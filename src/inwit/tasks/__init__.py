"""What is asked: `Task`, `Problems`, and the built-in tasks by name."""

from inwit.tasks.base import Problems, Task
from inwit.tasks.stages import Stages

TASKS: dict[str, type[Task]] = {Stages.name: Stages}

__all__ = ["TASKS", "Problems", "Stages", "Task"]
