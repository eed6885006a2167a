"""A digest of the problems that a task has listed or drawn once: a run that goes on needs the same.

A task that makes its problems anew has none: what it draws is decided by its options and the
version of this package, which a run folder records.
"""

import hashlib
from collections.abc import Iterator

from inwit.tasks.base import Task
from inwit.tasks.canonical import canonical
from inwit.tasks.function_task import FunctionTask
from inwit.tasks.pool import POOL
from inwit.tasks.reasoning_gym import ReasoningGymTask, readable
from inwit.tasks.word_problems import WordProblems


def digest_of(task: Task) -> str:
    """A hash of a task's problems, the same in every process; empty if it lists none."""
    texts = "\n".join(_texts(task)).encode(errors="surrogatepass")
    return hashlib.sha256(texts).hexdigest()[:16] if texts else ""


def _texts(task: Task) -> Iterator[str]:
    """Each problem in the order in which the task has it."""
    if isinstance(task, WordProblems):
        for question in task.known:
            yield repr((question.words, question.numbers, question.answer))
    elif isinstance(task, FunctionTask):
        for problem in task.pool:
            values = [canonical(value) for value in (*problem.operands, problem.answer)]
            yield repr((int(problem.level), problem.symbols, values))
    elif isinstance(task, ReasoningGymTask):
        for expression, answer in readable(task.name, POOL):
            yield repr((expression.symbols, expression.numbers, answer))
