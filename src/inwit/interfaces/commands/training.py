"""`inwit train` and `inwit resume`: train an agent, then show what it has learnt."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from tyro.conf import Positional

from inwit.agent import Agent, named, read_own, resume, train_recipe
from inwit.checkpoint import RunFolder
from inwit.interfaces.commands.arguments import PROBLEMS, TRACES, parse
from inwit.interfaces.commands.playing import watch
from inwit.interfaces.commands.seeding import take_seeds
from inwit.interfaces.console import Progress, print_scores, print_trace
from inwit.interfaces.interruption import Interruptible
from inwit.recipe import Recipe
from inwit.training import Report


def train(arguments: Sequence[str]) -> None:
    """Train an agent, then score it and show some of its attempts."""
    task = _task(arguments)
    default, own = named(task)
    rest = arguments[1:] if arguments and not arguments[0].startswith("-") else arguments
    several, rest = take_seeds(rest)
    watched = "--watch" in rest
    rest = [argument for argument in rest if argument != "--watch"]
    recipe = parse(Recipe, rest, "inwit train [TASK]", default=default)
    if several:
        several.train(recipe, task)
        return
    if watched:
        recipe = recipe.but(out=recipe.out or RunFolder.place(recipe))
    with watch(recipe.out) if watched and recipe.out else nullcontext():
        _follow(recipe, lambda report: train_recipe(recipe, report, own))


def _follow(recipe: Recipe, run: Callable[[Callable[[Report], None]], Agent]) -> None:
    """Show a run while it trains, then what it has learnt."""
    console = Console()
    with Progress(console, recipe) as progress, Interruptible(progress) as report:
        agent = run(report)
    for level in agent.environment.task.levels:
        console.print(f"\nlevel {level}: {agent.environment.task.form(level)}", highlight=False)
        for trace in agent.trace(level, TRACES):
            print_trace(console, trace)
    console.print(f"\ngreedy, on {PROBLEMS:,} held-out problems a level:", highlight=False)
    print_scores(console, agent.evaluate(PROBLEMS))
    console.print(f"\nrun folder: {agent.recipe.out}", highlight=False, soft_wrap=True)


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

    def __call__(self) -> None:
        """Train to the end, then score the agent and show some of its attempts."""
        task = read_own(self.task)
        recipe = RunFolder(self.run).recipe()
        _follow(recipe, lambda report: resume(self.run, task=task, report=report))
