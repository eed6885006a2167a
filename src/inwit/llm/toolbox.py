"""The functions of a task for a language model: its tools, `store`, `recall` and `answer`.

Names, signatures and docstrings come from the task's own `Tool`s, so a task defined for the small
network is also defined for a language model.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property
from math import inf
from numbers import Real
from typing import Any

import torch

from inwit.errors import InvalidOption
from inwit.llm.functions import Function, Parameter, function_of, numeric
from inwit.llm.known_programs import KnownPrograms
from inwit.parts import is_count
from inwit.recipes import task_for
from inwit.tasks import FunctionTask, Task
from inwit.tools import Tool, is_number, tool
from inwit.tools.functions import Batched, EachRow
from inwit.training.limits import with_limits

SECONDS = 5.0
"""Default timeout of one call of a user's function, in seconds."""
MEGABYTES = 512
"""Default limit of its memory, in MB."""
STORE, RECALL, ANSWER = "store", "recall", "answer"
RESERVED = {STORE, RECALL, ANSWER, "reset", "get_reward"}


class Toolbox:
    """The functions of a task; those of users have limits."""

    def __init__(
        self,
        task: str | Task,
        *,
        seconds: float | None = SECONDS,
        megabytes: int = MEGABYTES,
        memory: bool | None = None,
    ) -> None:
        """Make them from the task's tools.

        Args:
            task: a task, the name of a built-in one, or a file (its code is run).
            seconds: timeout of one call of a user's function, in its own process; None calls it in
                this process without a limit.
            megabytes: limit of its memory there.
            memory: offer `store` and `recall`; by default if the task has a memory.

        Raises:
            InvalidOption: the name of a tool is taken, a limit is out of range or of the wrong
                type, or the task has several tries.
        """
        _check_limits(seconds, megabytes, memory)
        self.task = with_limits(task_for(task))
        if self.task.rules.tries > 1:
            raise InvalidOption(
                f"tries {self.task.rules.tries}: a language model has no key to begin again; its "
                "calls may already be as many as it needs"
            )
        self.limits = {"seconds": seconds, "megabytes": megabytes, "memory": memory}
        tools = [_limited(each, seconds, megabytes) for each in self.task.rules.tools]
        self.functions = tuple(map(function_of, tools))
        self._check()
        kept = self._remembers if memory is None else memory
        self.functions += (*(self._memory() if kept else ()), self._answer())
        self._others: dict[int, Toolbox] = {}
        self.programs = KnownPrograms(self.task)

    def _check(self) -> None:
        names = [function.name for function in self.functions]
        for name in names:
            if name in RESERVED or name.startswith("_") or names.count(name) > 1:
                taken = ", ".join(sorted(RESERVED))
                raise InvalidOption(
                    f"tool '{name}': a language model needs names that differ in lower case, "
                    f"begin with a letter, and are not among {taken}"
                )

    @cached_property
    def named(self) -> dict[str, Function]:
        """The functions by name."""
        return {function.name: function for function in self.functions}

    @property
    def schemas(self) -> list[dict[str, object]]:
        """Their schemas in the form of chat protocols."""
        return [function.schema for function in self.functions]

    @cached_property
    def kinds(self) -> tuple[Any, ...]:
        """The possible types of answers."""
        if not isinstance(self.task, FunctionTask):
            return (float,)
        answers = [problem.answer for problem in self.task.pool]
        return tuple({float if is_number(each) else type(each): None for each in answers})

    @cached_property
    def cased(self) -> bool:
        """Some answers differ only in upper and lower case."""
        if not isinstance(self.task, FunctionTask):
            return False
        texts = {each.answer for each in self.task.pool if isinstance(each.answer, str)}
        return len({text.casefold() for text in texts}) < len(texts)

    @property
    def value(self) -> type:
        """The JSON type of values that may have any type of the task."""
        kinds = [kind for each in self.functions if each.tool for kind in each.kinds]
        return float if all(map(numeric, (*kinds, *self.kinds))) else str

    @property
    def _remembers(self) -> bool:
        if isinstance(self.task, FunctionTask):
            return bool(self.task.memory)
        level = torch.tensor([self.task.levels[-1]])
        drawn = self.task.sample(level, torch.Generator().manual_seed(0))
        return self.task.max_depth(drawn) > 0

    def _memory(self) -> tuple[Function, Function]:
        value = Parameter(name="value", kind=self.value, summary="The stored values.")
        return (
            Function(
                name=STORE,
                summary="Set a value aside, on top of those that were set aside before.",
                parameters=(value,),
            ),
            Function(
                name=RECALL,
                summary="Take back the value that was set aside last.",
                parameters=(),
                result=self.value,
            ),
        )

    def _answer(self) -> Function:
        kind = float if self.kinds == (float,) else str
        value = Parameter(name="value", kind=kind, summary="The answer to the problem.")
        return Function(
            name=ANSWER, summary="Give the answer. This ends the problem.", parameters=(value,)
        )

    def at(self, level: int) -> "Toolbox":
        """The functions at this level: those of long expressions compute modulo a prime."""
        task = self.task.at_length(level)
        if task is self.task or task == self.task:
            return self
        if level not in self._others:
            self._others[level] = Toolbox(task, **self.limits)  # type: ignore[arg-type]
        return self._others[level]

    def close(self) -> None:
        """End the processes of users' functions; the next call starts them again."""
        for function in self.functions:
            rows = function.tool.function if function.tool else None
            close = getattr(getattr(rows, "function", None), "close", None)
            if close is not None:
                close()
        for other in self._others.values():
            other.close()


def toolbox_for(task: str | Task | Toolbox, **limits: Any) -> Toolbox:
    """The toolbox of a task, or the one that is given.

    Raises:
        InvalidOption: limits stand beside a toolbox, which has its own; or as `Toolbox`.
    """
    if not isinstance(task, Toolbox):
        return Toolbox(task, **limits)
    if limits:
        given = ", ".join(limits)
        raise InvalidOption(f"{given}: a Toolbox has its own limits; give them where it is made")
    return task


def _check_limits(seconds: object, megabytes: object, memory: object) -> None:
    number = isinstance(seconds, Real) and not isinstance(seconds, bool)
    if seconds is not None and not (number and 0 < float(seconds) < inf):  # type: ignore[arg-type]
        raise InvalidOption(f"seconds {seconds!r:.60}: give a number above 0, or None for no limit")
    if not is_count(megabytes):
        raise InvalidOption(f"megabytes {megabytes!r:.60}: give a whole number of at least 1")
    if memory is not None and not isinstance(memory, bool):
        raise InvalidOption(
            f"memory {memory!r:.60}: give True, False, or None for whether the task has one"
        )


def _limited(given: Tool, seconds: float | None, megabytes: int) -> Tool:
    """The tool with its function in its own process, unless it already is."""
    rows = given.function
    if given.plain is None or seconds is None or not isinstance(rows, (EachRow, Batched)):
        return given
    if isinstance(rows, EachRow) and rows.function is not given.plain:
        return given  # it has its own limits
    cached = rows.cached if isinstance(rows, EachRow) else True
    function = _one_row(given) if isinstance(rows, Batched) else given.plain
    make = tool(name=given.name, isolated=True, seconds=seconds, megabytes=megabytes, cached=cached)
    made = make(function)
    return replace(given, function=made.bound(rows.objects).function, everywhere=False)


def _one_row(given: Tool) -> Callable[..., float]:
    """A function of tensors as one of numbers."""
    batched = given.plain
    assert batched is not None
    names: Sequence[str] = list(inspect.signature(batched).parameters)[: given.arity]

    def function(*values: float) -> float:
        columns = [torch.tensor([float(value)], dtype=torch.double) for value in values]
        return float(batched(*columns)[0])

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    function.__name__ = batched.__name__
    function.__annotations__ = dict.fromkeys((*names, "return"), float)
    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter(name, kind, annotation=float) for name in names],
        return_annotation=float,
    )
    return function
