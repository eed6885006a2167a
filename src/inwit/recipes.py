"""The named recipes, whose options can be changed, and recipes as run folders hold them."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from inwit.curriculum import Gated, Uniform
from inwit.errors import MissingPart, MissingTask, UnknownName
from inwit.learners import PPO, Adam, Replay
from inwit.parts import Part, checked, parts_in, read_part
from inwit.policies import GRU, Ensemble, FeedForward, Learned, Masks, Pointer
from inwit.recipe import Recipe
from inwit.tasks import (
    Countdown,
    Expressions,
    ExpressionsPrompt,
    FunctionTask,
    ReasoningGymTask,
    Stages,
    Task,
    Tutorial,
    WordProblems,
    is_borrowed,
    is_built_in,
    is_file,
    read_task,
)

SEARCH = 8000
"""Budget of the search for programs, in thousands of presses."""


def stages() -> Recipe:
    """The tutorial's three stages without help: nobody says which keys mean something."""
    return Recipe(
        task=Stages(),
        masks=Learned(),
        curriculum=Uniform(),
        replay=Replay(steps=4),
        optimiser=Adam(anneal=0.5),
        updates=150,
        batch=128,
        search=SEARCH,
        early_stopping=True,
    )


def expressions(task: Expressions | None = None) -> Recipe:
    """Streamed expressions of at most four operations; afterwards exact on 1,000."""
    return Recipe(
        task=task or Expressions(),
        curriculum=Gated(),
        replay=None,
        epsilon=0.0,
    )


def expressions_prompt() -> Recipe:
    """Expressions read once, then solved blind: the whole plan is in the network's state."""
    return Recipe(
        task=ExpressionsPrompt(largest=6),
        policy=Pointer(width=128),
        learner=None,
        curriculum=Uniform(),
        replay=Replay(hindsight=512),
        optimiser=Adam(learning_rate=2e-3, anneal=0.5),
        updates=600,
        batch=64,
        epsilon=0.05,
    )


def word_problems() -> Recipe:
    """Word problems from answers only: a search by random presses, then replay of what it found."""
    return Recipe(
        task=WordProblems(),
        policy=Ensemble(width=256),
        learner=None,
        replay=Replay(size=48, steps=10),
        optimiser=Adam(learning_rate=1e-3, anneal=0.5),
        updates=50,
        batch=8,
        search=400,
        search_by="random",
        epsilon=0.1,
    )


def countdown() -> Recipe:
    """Countdown with three and four numbers, learnt by hindsight from random episodes."""
    return Recipe(
        task=Countdown(),
        policy=FeedForward(by_rank=True, bfloat16=True),
        learner=None,
        curriculum=Uniform(),
        replay=Replay(size=192, hindsight=196608, steps=8),
        optimiser=Adam(learning_rate=1e-3, anneal=0.6),
        updates=700,
        batch=16,
        epsilon=0.0,
    )


def own_task(task: Task, source: str = "", *, looks: bool | None = None) -> Recipe:
    """A user's task, read as a prompt by a network that is sensitive to word order.

    A search finds programs first. If the agent sees results or operands, it learns from its own
    episodes, and a search comes first only if these would rarely be right: in a program that solved
    one problem, a lucky guess cannot be distinguished from a choice made after looking.

    Args:
        task: the task.
        source: its file.
        looks: whether its keys depend on what is seen; by default wherever anything is.
    """
    recipe = Recipe(
        task=task,
        source=source,
        policy=GRU(reader="recurrent"),
        curriculum=Uniform(),
        search=SEARCH,
        early_stopping=True,
        race=isinstance(task, FunctionTask),
    )
    if task.reveals_operands if looks is None else looks:
        return recipe.but(
            learner=PPO(discount=0.97),
            replay=Replay(until=0.1),
            optimiser=Adam(anneal=0.5),
            epsilon=0.0,
        )
    return recipe.but(replay=Replay(steps=4), optimiser=Adam(anneal=0.5), updates=150, batch=128)


RECIPES: dict[str, Callable[[], Recipe]] = {
    "stages": stages,
    "expressions": expressions,
    "expressions-prompt": expressions_prompt,
    "word-problems": word_problems,
    "countdown": countdown,
}


def task_for(name: str | Task) -> Task:
    """The task of a recipe; `tutorial` is the published environment with its faults.

    Raises:
        UnknownName: there is none.
        InvalidOption: the file has no task.
    """
    if isinstance(name, Task):
        return name
    return Tutorial() if name == Tutorial.name else recipe_for(name).task


def recipe_for(task: str | Task) -> Recipe:
    """The recipe of a task.

    Args:
        task: the name of a recipe or of a task that was registered, a Python file with a task
            (its code is run), a generator of reasoning-gym (`reasoning-gym:chain_sum`), or a task.

    Raises:
        UnknownName: there is none.
        InvalidOption: the file has no task.
    """
    if isinstance(task, Task):
        return own_task(task)
    if is_file(task):
        return own_task(read_task(task), source=task)
    if is_borrowed(task):
        return expressions(ReasoningGymTask(name=task))
    if task in RECIPES:
        return RECIPES[task]()
    own = [
        name for name, kind in Task.registered.items() if not kind.__module__.startswith("inwit.")
    ]
    if task in own:
        made = Task.registered[task]()
        assert isinstance(made, Task)
        return own_task(made)
    raise UnknownName("task", task, [*RECIPES, *own, "FILE.py", "reasoning-gym:NAME"])


def read_recipe(plain: Mapping[str, Any], task: Task | None = None) -> Recipe:
    """Read a recipe that `Recipe.dump` wrote.

    Args:
        plain: the plain values.
        task: replaces the named task; required if that is not built in.

    Raises:
        UnknownName: there is no such part or option.
        InvalidOption: a value is of the wrong type or out of range.
        MissingTask, MissingPart: the task is not built in, and none is given; nor is a part.
    """
    values = dict(plain)
    unknown = [name for name in values if name not in {each.name for each in fields(Recipe)}]
    if unknown:
        raise UnknownName("option", unknown[0], [each.name for each in fields(Recipe)])
    source, parts = str(values.pop("source")), dict[str, Part | None]()
    for name, kind in Recipe.kinds.items():
        part = values.pop(name)
        if name == "task":
            parts[name] = _task(part, task, source)
        elif part is None and Recipe.optional(name):
            parts[name] = None
        elif name == "masks" and isinstance(part, bool):  # in folders of earlier versions
            parts[name] = Masks.registered["given" if part else "none"]()
        else:
            parts[name] = part_of(kind, part)
    return Recipe(source=source, **parts, **checked(Recipe, values))  # type: ignore[arg-type]


def part_of(kind: type[Part], plain: Mapping[str, Any], remedy: str = "") -> Part:
    """A part of a recipe as `Part.dump` wrote it.

    Raises:
        UnknownName: it has no such option.
        InvalidOption: a value is of the wrong type or out of range.
        MissingPart: it is not registered; the message says what to do, by default for a task.
    """
    if kind.registered:
        name = parts_in(plain)[0]
        if name not in kind.registered:
            raise MissingPart(kind.noun or "environment", name, remedy)
        return read_part(kind, plain)
    name, options = parts_in(plain)
    if name != kind.name:
        raise MissingPart(kind.noun, name, remedy)
    return kind(**checked(kind, options))


def _task(plain: Mapping[str, Any], given: Task | None, source: str) -> Task:
    name, options = parts_in(plain)
    if given is not None:
        # Where its files are now, a task that is given knows better.
        options = {
            key: value
            for key, value in options.items()
            if not isinstance(getattr(given, key, None), Path)
        }
        own = given.name != name or options.items() <= given.dump().items()
        return given if own else given.but(**options)  # a copy has its own objects
    if is_borrowed(name):
        return ReasoningGymTask(name=name, **options)
    if name not in Task.registered or (is_file(source) and is_built_in(name)):
        raise MissingTask(source or name)
    return read_part(Task, plain)  # type: ignore[return-value]
