"""Tasks: `Task`, `Problems`, and the built-in tasks."""

from inwit.tasks.base import Task
from inwit.tasks.countdown import Countdown
from inwit.tasks.decorator import task
from inwit.tasks.digest import digest_of, facts_of
from inwit.tasks.drawing import draw_problems
from inwit.tasks.expressions import Expressions
from inwit.tasks.expressions_prompt import ExpressionsPrompt
from inwit.tasks.files import is_file, read_task
from inwit.tasks.function_task import FunctionTask
from inwit.tasks.observations import see_number, see_waves
from inwit.tasks.pool import Pool, split
from inwit.tasks.problem_file import FileProblem, read_problems
from inwit.tasks.problems import Problems, by_turns, join_problems, oracles
from inwit.tasks.prompts import Problem
from inwit.tasks.reasoning_gym import ReasoningGymTask, borrow, is_borrowed, is_built_in
from inwit.tasks.stages import Stages
from inwit.tasks.tutorial import Tutorial
from inwit.tasks.word_problems import WordProblems

__all__ = [
    "Countdown",
    "Expressions",
    "ExpressionsPrompt",
    "FileProblem",
    "FunctionTask",
    "Pool",
    "Problem",
    "Problems",
    "ReasoningGymTask",
    "Stages",
    "Task",
    "Tutorial",
    "WordProblems",
    "borrow",
    "by_turns",
    "digest_of",
    "draw_problems",
    "facts_of",
    "is_borrowed",
    "is_built_in",
    "is_file",
    "join_problems",
    "oracles",
    "read_problems",
    "read_task",
    "see_number",
    "see_waves",
    "split",
    "task",
]
