"""`inwit train` and `inwit resume`: train an agent, then show what it has learnt."""

import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from tyro.conf import Positional

from inwit.agent import Agent, named, read_own, resume, train_recipe
from inwit.checkpoint import RunFolder
from inwit.interfaces.commands.arguments import PROBLEMS, TRACES, parse
from inwit.interfaces.commands.playing import watch
from inwit.interfaces.commands.seeding import take_seeds
from inwit.interfaces.console import Progress, print_scores, print_trace
from inwit.interfaces.interruption import SIGNALS, Interruptible
from inwit.interfaces.tracking import Tracker, TrackerName
from inwit.parallel import is_first
from inwit.recipe import Recipe
from inwit.training import Report


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """What is done beside a training; its result does not depend on it."""

    watch: bool = False
    """Show on a page how it learns."""
    track: TrackerName | None = None
    """Send the metrics to a tracker, too; each is an extra: `pip install 'inwit[tensorboard]'`."""


@dataclass(frozen=True, kw_only=True)
class Training:
    """Train an agent, then score it and show some of its attempts."""

    recipe: Annotated[Recipe, tyro.conf.arg(name="")] = field(default_factory=Recipe)
    beside: Annotated[RunOptions, tyro.conf.arg(name="")] = field(default_factory=RunOptions)


def train(arguments: Sequence[str]) -> None:
    """Train an agent, then score it and show some of its attempts."""
    task = _task(arguments)
    default, own = named(task)
    rest = arguments[1:] if arguments and not arguments[0].startswith("-") else arguments
    several, rest = take_seeds(rest)
    given = parse(Training, rest, "inwit train [TASK]", default=Training(recipe=default))
    recipe, beside = given.recipe, given.beside
    if several:
        several.train(recipe, task)
        return
    if beside.watch or beside.track:
        recipe = recipe.but(out=recipe.out or RunFolder.place(recipe))
    _follow(recipe, beside, lambda report: train_recipe(recipe, report, own))


def _follow(
    recipe: Recipe, beside: RunOptions, run: Callable[[Callable[[Report], None]], Agent]
) -> None:
    """Show a run while it trains, then what it has learnt."""
    if not is_first():
        for number in SIGNALS:  # they are for the first process, which saves the run
            signal.signal(number, signal.SIG_IGN)
        run(lambda report: None)
        return
    console = Console()
    with ExitStack() as stack:
        told: list[Callable[[Report], None]] = []
        if beside.track and recipe.out:
            told.append(stack.enter_context(Tracker(beside.track, recipe.out)))
        stack.enter_context(watch(recipe.out) if beside.watch and recipe.out else nullcontext())
        told.append(stack.enter_context(Progress(console, recipe)))
        agent = run(stack.enter_context(Interruptible(_all(told))))
    for level in agent.environment.task.levels:
        console.print(f"\nlevel {level}: {agent.environment.task.form(level)}", highlight=False)
        for trace in agent.trace(level, TRACES):
            print_trace(console, trace)
    console.print(f"\ngreedy, on {PROBLEMS:,} held-out problems a level:", highlight=False)
    print_scores(console, agent.evaluate(PROBLEMS))
    console.print(f"\nrun folder: {agent.recipe.out}", highlight=False, soft_wrap=True)


def _all(callbacks: Sequence[Callable[[Report], None]]) -> Callable[[Report], None]:
    def report(done: Report) -> None:
        for callback in callbacks:
            callback(done)

    return report


def _task(arguments: Sequence[str]) -> str:
    """The task that is named first, or by `--task`: its recipe gives the defaults."""
    if arguments and not arguments[0].startswith("-"):
        return arguments[0]
    for option, value in zip(arguments, [*arguments[1:], ""], strict=True):
        if option == "--task":
            return value
        if option.startswith("--task="):
            return option.removeprefix("--task=")
    return Recipe().task


@dataclass(frozen=True, kw_only=True)
class Resume:
    """Go on with a run that was cut off; what it becomes is the same, bit for bit."""

    run: Positional[Path]
    """The run's folder."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""
    beside: Annotated[RunOptions, tyro.conf.arg(name="")] = field(default_factory=RunOptions)

    def __call__(self) -> None:
        """Train to the end, then score the agent and show some of its attempts."""
        task = read_own(self.task)
        recipe = RunFolder(self.run).recipe().but(out=self.run)
        go_on = partial(resume, self.run, task=task)
        _follow(recipe, self.beside, lambda report: go_on(report=report))
