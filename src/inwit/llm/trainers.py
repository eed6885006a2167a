"""Tasks for trainers of language models: TRL's `environment_factory`, or its `tools`.

TRL calls tools in the trainer's process, without a timeout. Here users' functions run in their own
processes, and one that takes too long is a fault.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from inwit.answers import Outcome
from inwit.errors import InvalidOption
from inwit.llm.chats import text_of
from inwit.llm.episode import Episode
from inwit.llm.functions import Function
from inwit.llm.prompts import draw
from inwit.llm.toolbox import Toolbox, toolbox_for
from inwit.llm.values import Fault, Plain, Values
from inwit.parts import is_whole
from inwit.tasks import Task


class LanguageEnvironment:
    """One episode after another; the public methods of a derived class are the functions."""

    _toolbox: Toolbox
    _calls: int

    def __init__(self) -> None:
        """No problem yet."""
        self.episode: Episode | None = None
        self.failure = ""

    def reset(self, level: int, seed: int, held_out: bool = False, **row: object) -> str:
        """Begin an episode at the problem of a row of `prompt_rows`.

        Args:
            level: of the problem.
            seed: which problem.
            held_out: draw a held-out problem, which training never sees.
            row: other columns, which are ignored.

        Returns:
            The question.
        """
        problem = draw(self._toolbox.task, level, seed, held_out=held_out)
        self.episode = Episode(toolbox=self._toolbox.at(level), problem=problem, limit=self._calls)
        self.failure = ""
        return self.episode.question

    def get_reward(self) -> float | None:
        """1 for the right answer, 0 otherwise; None, which TRL masks, if a call broke down.

        What breaks down is ours: a process that cannot be started. A mistake of the model, or of a
        tool, is a fault, and earns 0.
        """
        if self.failure:
            return None
        return float(self.episode is not None and self.episode.right)


def environment_factory(
    task: str | Task | Toolbox, *, calls: int = 0, **limits: Any
) -> type[LanguageEnvironment]:
    """A class for `GRPOTrainer(environment_factory=...)`.

    Args:
        task: a task, the name of a built-in one, or a file (its code is run).
        calls: maximum calls of an episode; 0: as many as the machine allows presses.
        limits: `seconds`, `megabytes` and `memory`, as of `Toolbox`; none beside a toolbox.

    Raises:
        InvalidOption: `calls` is below 0, limits stand beside a toolbox, or as `Toolbox`.
    """
    if not is_whole(calls) or calls < 0:
        raise InvalidOption(
            f"calls {calls!r:.60}: give a whole number, or 0 for as many as the machine allows"
        )
    toolbox = toolbox_for(task, **limits)
    methods: dict[str, Any] = {each.name: _method(each) for each in toolbox.functions}
    name = toolbox.task.name.title().replace("-", "").replace("_", "") + "Environment"
    about = {"__doc__": f"The task {toolbox.task.name}.", "_toolbox": toolbox, "_calls": calls}
    return type(name, (LanguageEnvironment,), methods | about)


def _method(function: Function) -> Callable[..., Plain]:
    signature = function.signature
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)

    def method(self: LanguageEnvironment, *given: object, **named: object) -> Plain:
        if self.episode is None:
            raise Fault("there is no problem yet: call reset first")
        names = [parameter.name for parameter in function.parameters]
        try:
            return self.episode.call(function.name, dict(zip(names, given, strict=False)) | named)
        except Fault:
            raise
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"
            raise

    _dress(method, function)
    method.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[own, *signature.parameters.values()]
    )
    return method


def _dress(made: Callable[..., Any], function: Function) -> None:
    """Name, signature, types and documentation."""
    made.__name__ = made.__qualname__ = function.name
    made.__doc__ = function.docstring
    signature = function.signature
    made.__signature__ = signature  # type: ignore[attr-defined]
    kinds = {name: each.annotation for name, each in signature.parameters.items()}
    made.__annotations__ = {**kinds, "return": signature.return_annotation}


def tool_functions(task: str | Task | Toolbox, **limits: Any) -> list[Callable[..., Plain]]:
    """Plain functions for `tools=`: the task's tools, without a memory and an answer.

    They do not know the problem: the answer is in the last message (`right_answers`).

    Raises:
        InvalidOption: limits stand beside a toolbox, or as `Toolbox`.
    """
    toolbox = toolbox_for(task, **limits)
    return [_plain(each) for each in toolbox.functions if each.tool is not None]


def _plain(function: Function) -> Callable[..., Plain]:
    values, kinds = Values(), {each.name: each.kind for each in function.parameters}

    def call(*given: object, **named: object) -> Plain:
        bound = function.signature.bind(*given, **named).arguments
        read = {name: values.read(value, kinds[name]) for name, value in bound.items()}
        return values.write(function.run(read), function.result)

    _dress(call, function)
    return call


def right_answers(task: str | Task | Toolbox) -> Callable[..., list[float]]:
    """A reward function for `tools=`: 1 if the last message gives the right answer.

    A message that cannot be read unambiguously earns 0; the share of these is logged as
    `unread`. The dataset is `dataset(task, ..., asked=True)`.

    Raises:
        InvalidOption: the problems of the task state their answers.
    """
    toolbox = toolbox_for(task)
    if toolbox.task.states_answer:
        raise InvalidOption(
            f"the problems of '{toolbox.task.name}' state their answers: repeating one would be "
            "paid; take `environment_factory`, which pays only for results of calls"
        )

    def right_answer(
        completions: Sequence[Any],
        level: Sequence[int],
        seed: Sequence[int],
        held_out: Sequence[bool],
        **columns: object,
    ) -> list[float]:
        rewards, unread = [], 0
        for place, completion in enumerate(completions):
            problem = draw(toolbox.task, level[place], seed[place], held_out=held_out[place])
            episode = Episode(toolbox=toolbox.at(level[place]), problem=problem)
            last = completion[-1] if completion else {}
            if last.get("role") == "assistant" and not last.get("tool_calls"):
                episode.say(text_of(last.get("content")))
            unread += episode.outcome is Outcome.UNREAD
            rewards.append(float(episode.right))
        if callable(log := columns.get("log_metric")):
            log("unread", unread / max(1, len(rewards)))
        return rewards

    return right_answer
