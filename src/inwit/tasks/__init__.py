"""What is asked: `Task`, `Problems`, and the built-in tasks by name."""

from inwit.tasks.base import Problems, Task, join_problems
from inwit.tasks.expressions import Expressions
from inwit.tasks.stages import Stages
from inwit.tasks.tutorial import Tutorial
from inwit.tasks.written import Written, read_problems

TASKS: dict[str, type[Task]] = {
    "stages": Stages,
    "expressions": Expressions,
    "expressions-prompt": Expressions,
}

__all__ = [
    "TASKS",
    "Expressions",
    "Problems",
    "Stages",
    "Task",
    "Tutorial",
    "Written",
    "join_problems",
    "read_problems",
]
