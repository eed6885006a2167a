"""What a run records of a task that may change: a run that goes on needs the same.

Problems that a task has listed or drawn once are all in it. Of a class of a user's own, whose code
may change between two runs, some are drawn. A task of this package that makes its problems anew has
none: what it draws is decided by its options and the version, which a run folder records.
"""

import functools
import hashlib
import inspect
import linecache
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import torch

from inwit.tasks.base import Task
from inwit.tasks.canonical import canonical
from inwit.tasks.function_task import FunctionTask
from inwit.tasks.pool import POOL
from inwit.tasks.problems import by_turns
from inwit.tasks.reasoning_gym import ReasoningGymTask, readable
from inwit.tasks.word_problems import WordProblems

SHOWN = 200
"""Characters up to which keys are recorded as they are."""
LEVELS, DRAWN = 8, 16
"""Of a class of a user's own: how many of its levels count, and how many problems are drawn of
each part, which takes milliseconds."""


def facts_of(task: Task) -> dict[str, str]:
    """A task's problems, keys, words and tools; empty if the version decides them.

    An agent presses keys and reads words by their numbers: with others, or in another order, it
    does something else.
    """
    problems = digest_of(task)
    if not problems:
        return {}
    keys, words = " ".join(task.rules.vocabulary.names), "\n".join(task.symbols)
    return {
        "problems": problems,
        "keys": keys if len(keys) <= SHOWN else _hashed(keys),
        "words": _hashed(words),
        "tools": _hashed("\n".join(_sources(task))),
    }


def _sources(task: Task) -> Iterator[str]:
    """The source of a user's functions, as far as Python can find it."""
    linecache.checkcache()  # a file may have been edited since it was read
    for function in (*(each.plain for each in task.rules.tools), getattr(task, "verify", None)):
        bare = function.func if isinstance(function, functools.partial) else function
        called = bare if inspect.isroutine(bare) or inspect.isclass(bare) else type(bare)
        if bare is not None and not called.__module__.startswith("inwit."):
            with suppress(OSError, TypeError):
                yield inspect.getsource(inspect.unwrap(called))


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def digest_of(task: Task) -> str:
    """A hash of a task's problems, the same in every process; empty if it has none."""
    texts = "\n".join(_texts(task))
    return _hashed(texts) if texts else ""


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
    elif not type(task).__module__.startswith("inwit."):
        yield from _drawn(task)


def _drawn(task: Task) -> list[str]:
    """Some problems of a user's class; none where a second draw from the same seed differs.

    A class that fails says so where it is trained on.
    """
    try:
        with _random_state_kept():
            once, again = list(_described(task)), list(_described(task))
    except Exception:
        return []
    return once if once == again else []


def _described(task: Task) -> Iterator[str]:
    """Problems of both parts, with what they are made of."""
    levels, generator = by_turns(task.levels[:LEVELS], DRAWN), torch.Generator().manual_seed(0)
    for held_out in (False, True):
        problems = task.sample(levels, generator, held_out=held_out)
        for row, answer in enumerate(problems.answer.tolist()):
            symbols = [task.symbols[each] for each in problems.symbols[row].tolist() if each >= 0]
            held = [value for value in problems.operands[row].tolist() if value == value]
            values = [canonical(task.objects.meaning(each)) for each in (*held, answer)]
            yield repr((int(problems.level[row]), symbols, values))


@contextmanager
def _random_state_kept() -> Iterator[None]:
    """What a class draws from the states that all share is drawn again afterwards."""
    before = random.getstate()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(before)
