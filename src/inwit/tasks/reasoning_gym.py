"""Tasks from reasoning-gym: generators whose questions are arithmetic.

`reasoning-gym:chain_sum` names a task, and a set of test problems. A question is readable if
it contains exactly one expression. Answers are those that reasoning-gym states. A fifth of the
problems, by a hash of the expression, is held out.

The task leaves out problems whose expression does not have the stated value, since their authors
meant something else. A test set keeps all.
"""

import random
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from importlib import import_module
from math import isclose, nan

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.errors import InvalidOption, InvalidProblem, UnknownName
from inwit.tasks import infix
from inwit.tasks.base import Task
from inwit.tasks.expressions import TOOLS, Expressions, table_of
from inwit.tasks.pool import POOL, Pool, split
from inwit.tasks.problem_file import FileProblem, stated_number
from inwit.tasks.problems import Problems, padded
from inwit.tools import to_float

PREFIX = "reasoning-gym:"
LEAST = 20
"""Minimum problems of a level in each part; levels with fewer are left out."""
TRIED = 200
"""The first questions drawn; at least one must be an expression."""
START = re.compile(r"^[\s.]*\s")
"""Punctuation before an expression; `.5` is a number."""
Stated = tuple[infix.Expression, float]
"""An expression and its stated answer."""
RUN = re.compile(r"[0-9.()+*/\u00d7\u00b7\u00f7\u2212\u2013\s-]+")
"""A run of characters that may be an expression."""
BESIDE = set(":;,\"'`$=?!")
"""Characters that may touch an expression."""
PART = re.compile(r"[+*/\u00d7\u00b7\u00f7]|[-\u2212\u2013]\s")
"""A run that continues something before it: `x - 3 + 4`."""


def is_built_in(name: str) -> bool:
    """Whether a task of this name comes with inwit, so that no file of a user's is needed."""
    kind = Task.registered.get(name)
    return is_borrowed(name) or (kind is not None and kind.__module__.startswith("inwit."))


def is_borrowed(name: str) -> bool:
    """Whether a task name is a generator of reasoning-gym."""
    return name.startswith(PREFIX)


def expression_in(question: str) -> str:
    """The only expression in a question; empty if there is none or several."""
    found = []
    for run in RUN.finditer(question):
        text = START.sub("", run[0]).rstrip(". \n\t") if _is_whole(run) else ""
        try:
            if not PART.match(text) and len(infix.read(text).numbers) > 1:
                found.append(text)
        except InvalidProblem:
            continue
    return found[0] if len(found) == 1 else ""


def _is_whole(run: "re.Match[str]") -> bool:
    """Whether a run stands alone; not in `1,234+5`, `10^3+2` or `3+4x`."""
    text, (start, end) = run.string, run.span()
    before, after = text[:start][-2:], text[end:][:2]
    begins = START.match(run[0]) or not before or before[-1] in BESIDE
    ends = run[0][-1].isspace() or not after or after[0] in BESIDE
    within = re.match("[0-9],", before) or re.match(",[0-9]", after)
    return bool(begins) and ends and not within


def borrow(name: str, count: int, seed: int) -> list[FileProblem]:
    """Problems of a generator, for any agent; a question without an expression stays unchanged.

    Args:
        name: for example `reasoning-gym:chain_sum`.
        count: number of problems.
        seed: seed of the generator.

    Raises:
        UnknownName: there is no such generator.
        InvalidOption: reasoning-gym is not installed, or the answers are not numbers.
    """
    problems = [
        FileProblem(
            line=line,
            question=expression_in(question) or question,
            answer=stated_number(stated),
            stated=stated,
        )
        for line, (question, stated) in enumerate(_entries(name, count, seed), 1)
    ]
    if all(problem.answer != problem.answer for problem in problems):
        raise InvalidOption(f"{name}: its answers are not numbers")
    return problems


@lru_cache(maxsize=8)
def _entries(name: str, count: int, seed: int) -> tuple[tuple[str, str], ...]:
    """Questions and answers."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gym = import_module("reasoning_gym")
            known = import_module("reasoning_gym.factory").DATASETS
    except ImportError as error:
        message = "reasoning_gym is not installed: pip install 'inwit[reasoning-gym]'"
        raise InvalidOption(message) from error
    generator = name.removeprefix(PREFIX)
    if generator not in known:
        raise UnknownName("generator of reasoning-gym", generator, known)
    before = random.getstate()  # some generators use the global source
    try:
        drawn = gym.create_dataset(generator, size=count, seed=seed % 2**32)
        return tuple((entry["question"], str(entry["answer"])) for entry in drawn)
    except Exception as error:  # third-party code may fail in any way
        raise InvalidOption(f"{name} drew no problems: {error!r:.200}") from error
    finally:
        random.setstate(before)


@lru_cache(maxsize=8)
def readable(name: str, count: int, seed: int = 0) -> tuple[Stated, ...]:
    """Expressions of a generator whose value is the stated answer, with that answer."""
    return tuple(_readable(name, count, seed))


def _readable(name: str, count: int, seed: int) -> Iterator[Stated]:
    for question, stated in _entries(name, count, seed):
        text, answer = expression_in(question), stated_number(stated)
        if not text:
            continue
        expression = infix.read(text)
        try:
            value = to_float(expression.value())
        except (ZeroDivisionError, OverflowError, InvalidOption):
            continue
        if isclose(value, answer, rel_tol=Expressions.tolerance, abs_tol=Expressions.tolerance):
            yield expression, answer


@dataclass(frozen=True, kw_only=True)
class ReasoningGymTask(Expressions):
    """Expressions from a generator, read symbol by symbol; a level is a number of operations."""

    name: str
    """Such as `reasoning-gym:chain_sum`."""
    operators: str = ""
    """Operators for which the agent has tools; by default those in the problems."""

    fixed = frozenset({each.name for each in fields(Expressions)} | {"name"}) - {"operators"}

    def __post_init__(self) -> None:
        """Check that the generator is usable.

        Raises:
            UnknownName: there is no such generator.
            InvalidOption: none of its questions is an expression.
        """
        if not readable(self.name, TRIED):
            raise InvalidOption(
                f"{self.name}: none of {TRIED} questions is a single expression with + - * / and "
                f"its value; {PREFIX}chain_sum has such questions"
            )
        if not self.operators:
            met = {
                each for expression, _ in readable(self.name, POOL) for each in expression.symbols
            }
            operators = "".join(symbol for symbol in TOOLS if symbol in met)
            object.__setattr__(self, "operators", operators)
        super().__post_init__()

    def problems(self, given: Sequence[Stated]) -> Problems:
        """Problems as tensors."""
        table = table_of(self, [expression for expression, _ in given])
        level = torch.tensor([_level(each) for each in given])
        values = [list(map(float, expression.numbers)) for expression, _ in given]
        problems = self._with_values(table, level, padded(values, nan, torch.double))
        answers = torch.tensor([answer for _, answer in given], dtype=torch.double)
        return replace(problems, answer=answers)

    @property
    def levels(self) -> range:
        """The numbers of operations that occur often enough."""
        return _pools(self)[0].levels

    def check_level(self, level: int) -> None:
        """Refuse a level outside the generator's.

        Raises:
            InvalidOption: there is no such level.
        """
        Task.check_level(self, level)

    def at_length(self, operations: int) -> "ReasoningGymTask":
        """The task itself: reasoning-gym states the answers, so no modulus is possible."""
        return self

    def sample(
        self, level: Int[Tensor, " P"], generator: torch.Generator, *, held_out: bool = False
    ) -> Problems:
        """Problems of the pool, drawn uniformly."""
        return _pools(self)[held_out].draw(level, generator)


def _level(stated: Stated) -> int:
    """The number of operations."""
    return len(stated[0].numbers) - 1


@lru_cache(maxsize=8)
def _pools(task: ReasoningGymTask) -> tuple[Pool[Problems], ...]:
    """Training and held-out pools of the levels that have enough of both.

    Raises:
        InvalidOption: there is no such level.
    """
    known = [
        each for each in readable(task.name, POOL) if set(each[0].symbols) <= set(task.symbols)
    ]
    parts = split(known, lambda each: repr((each[0].symbols, each[0].numbers)))
    count = [Counter(map(_level, part)) for part in parts]
    enough = [level for level in count[0] if min(each[level] for each in count) >= LEAST]
    if not enough:
        raise InvalidOption(f"{task.name}: too few problems with the operators {task.operators}")
    last = first = min(enough)
    while last + 1 in enough:
        last += 1
    kept = ([each for each in part if first <= _level(each) <= last] for part in parts)
    return tuple(task.problems(part).pool for part in kept)
