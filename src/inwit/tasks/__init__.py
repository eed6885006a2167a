"""What is asked: `Task`, `Problems`, and the built-in tasks by name."""

from inwit.tasks.base import Problems, Task, join_problems
from inwit.tasks.borrowed import Borrowed, borrow, borrowed_recipe, is_borrowed
from inwit.tasks.drawn import Drawn, task
from inwit.tasks.expressions import Expressions
from inwit.tasks.files import is_file, read_task
from inwit.tasks.prompts import Problem
from inwit.tasks.stages import Stages
from inwit.tasks.tutorial import Tutorial
from inwit.tasks.word_problems import WordProblems
from inwit.tasks.written import Written, read_problems

TASKS: dict[str, type[Task]] = {
    "stages": Stages,
    "expressions": Expressions,
    "expressions-prompt": Expressions,
    "word-problems": WordProblems,
}

__all__ = [
    "TASKS",
    "Borrowed",
    "Drawn",
    "Expressions",
    "Problem",
    "Problems",
    "Stages",
    "Task",
    "Tutorial",
    "WordProblems",
    "Written",
    "borrow",
    "borrowed_recipe",
    "is_borrowed",
    "is_file",
    "join_problems",
    "read_problems",
    "read_task",
    "task",
]
