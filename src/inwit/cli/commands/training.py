"""`inwit train` and `inwit resume`: train an agent and show what it has learnt."""

import signal
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from os.path import exists
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import tyro

from inwit.cli.commands.arguments import (
    PROBLEMS,
    TRACES,
    OrNone,
    Run,
    TaskFile,
    Text,
    parse,
    parse_known,
)
from inwit.cli.terminal import terminal
from inwit.cli.waiting import waiting
from inwit.errors import Interrupted, InvalidOption

if TYPE_CHECKING:
    from inwit.agent import Agent
    from inwit.games.player import Player
    from inwit.llm.recipe import ModelRecipe
    from inwit.recipe import RunRecipe
    from inwit.training.metrics import Report

PROGRAM, DEFAULT = "inwit train [TASK]", "stages"
TASKS = (
    "A task, FILE.py, reasoning-gym:NAME or gymnasium:ID; also accepted as the first argument. "
    "With `--agent llm:MODEL`, a language model is trained on it."
)
"""Help of `--task`."""


@dataclass(frozen=True, kw_only=True)
class Beside:
    """Options beside a training; they do not affect its result."""

    watch: bool = False
    """Show the training live on a page in the browser."""
    track: OrNone[Literal["tensorboard", "trackio", "wandb"]] = None
    """Also log metrics to this tracker; install it with `pip install 'inwit[tensorboard]'`."""


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Several machines."""

    ray: Text = ""
    """With --seeds: train on a Ray cluster, `auto` or its address."""


@dataclass(frozen=True, kw_only=True)
class BesideTraining(Beside):
    """The same for a new training."""

    task: Annotated[str, tyro.conf.arg(metavar="TASK", help=TASKS)] = DEFAULT
    """What is trained on."""
    seeds: OrNone[str] = None
    """Train several seeds, such as `0-7` or `0,3,5`, and print one table."""
    jobs: OrNone[int] = None
    """With --seeds: number of runs at a time; by default one per usable core."""
    cluster: Annotated[Cluster, tyro.conf.OmitArgPrefixes] = field(default_factory=Cluster)


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts chosen by name, and what they must agree with; they decide which options exist."""

    task: str | None = None
    policy: str | None = None
    learner: str | None = None
    curriculum: str | None = None
    replay: str | None = None
    masks: str | None = None
    search: str | None = None
    """Only read with `--replay`: without replay there can be no search."""


def train(arguments: Sequence[str]) -> None:
    """Train an agent, score it and show some of its episodes."""
    if any(each.partition("=")[0] == "--agent" for each in arguments):
        from inwit.cli.commands.teaching import teach

        teach(arguments)
        return
    with waiting("reading the recipe"):
        recipe, beside = read(arguments)
    if beside.seeds is not None:
        _train_seeds(recipe, beside)
        return
    if beside.jobs is not None or beside.cluster.ray:
        raise InvalidOption("--jobs and --ray go with --seeds: --seeds 0-7 --jobs 2")
    from inwit.agent import train as train_agent
    from inwit.recipe import Recipe
    from inwit.training.distributed import is_first
    from inwit.training.placing import reserved

    with ExitStack() as stack:
        if (beside.watch or beside.track) and recipe.out is None and is_first():
            recipe = recipe.but(out=stack.enter_context(reserved(recipe)))
        run = partial(train_agent, recipe)
        asked = isinstance(recipe, Recipe) and recipe.early_stopping
        _follow(recipe.out, recipe.updates, beside, lambda report: run(report=report), greedy=asked)


def read_model_recipe(arguments: Sequence[str]) -> "ModelRecipe":
    """Read the recipe of a language model from arguments; the first one may be the task."""
    from inwit.llm.recipe import ModelRecipe

    given = list(arguments)
    if given and not given[0].startswith("-"):
        again = [each for each in given if each.partition("=")[0] == "--task"]
        if again:
            raise InvalidOption(f"{given[0]} and --task: give one of them")
        given.insert(0, "--task")
    recipe = parse(ModelRecipe, given, f"{PROGRAM} --agent llm:MODEL")
    name = Path(recipe.task.partition(".py")[0]).name.replace(":", "-")
    place = Path("runs") / f"llm-{name}-{recipe.seed}"
    return recipe if recipe.out != Path() else replace(recipe, out=place)


def read(arguments: Sequence[str]) -> "tuple[RunRecipe, BesideTraining]":
    """Read a recipe and the options beside its training from arguments.

    The parts are read first, since they decide which options exist; then everything is read.
    """
    from inwit.cli.commands.options import check_owners, chosen, options_class
    from inwit.games.recipe import any_recipe_for

    rest, first = list(arguments), ""
    if rest and not rest[0].startswith("-"):
        first = rest.pop(0)
    parts = parse_known(Parts, rest, PROGRAM)
    if first and parts.task:
        raise InvalidOption(f"{first} and --task {parts.task}: give one of them")
    names = {name: value for name, value in vars(parts).items() if value is not None}
    if parts.replay is None:
        names.pop("search", None)
    name = names.pop("task", first or DEFAULT)
    recipe = any_recipe_for(name).but(**names)
    check_owners(recipe, rest)
    kind = options_class(recipe, BesideTraining)
    parsed: Any = parse(kind, rest, PROGRAM)
    beside: BesideTraining = parsed.beside
    changes, typed = chosen(recipe, parsed), {word.partition("=")[0] for word in rest}
    if "--race" in typed:  # also beside options of a policy, which otherwise end it
        changes["race"] = True
    if "--window" in typed:  # also one that is usual, and would be fitted to the environment
        changes["window"] = parsed.own.window
    return recipe.but(**changes), beside


def _train_seeds(recipe: "RunRecipe", beside: BesideTraining) -> None:
    from inwit.cli.commands.seeding import SeveralSeeds
    from inwit.runs.seeds import read_seeds
    from inwit.training.distributed import started_together

    if started_together() > 1:
        started = f"{started_together()} processes were started (WORLD_SIZE)"
        raise InvalidOption(
            f"{started}: --seeds starts its own; leave out torchrun, and give --jobs"
        )
    given = {"--watch": beside.watch, "--track": beside.track, "--seed": recipe.seed}
    for name, value in given.items():
        if value:
            raise InvalidOption(f"--seeds does not go with {name}: give one of them")
    seeds = read_seeds(beside.seeds or "")
    SeveralSeeds(seeds=seeds, jobs=beside.jobs, ray=beside.cluster.ray).train(recipe)


def _follow(
    out: Path | None,
    updates: int,
    beside: Beside,
    run: "Callable[[Callable[[Report], None]], Agent | Player]",
    *,
    greedy: bool,
) -> None:
    """Show a run while it trains, then its results."""
    from inwit.cli.commands.playing import nobody_waits, watch
    from inwit.training.distributed import is_first

    if not is_first():
        # Ctrl-C reaches all processes: the first one finishes the update and saves the run. A
        # process that is stopped alone exits at once, and the first one notices.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        run(lambda report: None)
        return
    with ExitStack() as stack:
        if beside.watch and out:
            server = watch(out)
            stack.enter_context(nobody_waits(server))
            stack.enter_context(server)
        show(_trained(out, updates, beside, run, greedy=greedy))


def _trained(
    out: Path | None,
    updates: int,
    beside: Beside,
    run: "Callable[[Callable[[Report], None]], Agent | Player]",
    *,
    greedy: bool,
) -> "Agent | Player":
    """Train while the run is shown, logged and, on a signal, stopped."""

    from inwit.cli.console import Progress, printed
    from inwit.interruption import Interruptible
    from inwit.tracking import Tracker

    console = terminal()
    with ExitStack() as stack:
        callbacks: list[Callable[[Report], None]] = []
        if beside.track and out:
            callbacks.append(stack.enter_context(Tracker(beside.track, out)))
        preparing = stack.enter_context(ExitStack())
        callbacks.append(lambda report: preparing.close())
        callbacks.append(stack.enter_context(Progress(console, updates, greedy=greedy)))
        stack.enter_context(printed(console))
        interruptible = stack.enter_context(Interruptible(_all(callbacks)))
        preparing.enter_context(waiting("before the first update"))
        try:
            return run(interruptible)
        except InvalidOption as error:  # for example a compiler that the same signal ended
            if not interruptible.asked:
                raise
            raise Interrupted(interruptible.asked, "stopped before its first update") from error


def show(agent: "Agent | Player") -> None:
    """Print some episodes of an agent, its scores and its run folder."""

    from inwit.cli.console import print_advice, print_scores, print_trace
    from inwit.cli.games import show_player
    from inwit.games.player import Player

    if isinstance(agent, Player):
        show_player(terminal(), agent)
        return
    console, task = terminal(), agent.environment.task
    for level in task.levels:
        console.print(f"\nlevel {level}: {task.form(level)}", highlight=False)
        for trace in agent.trace(level, TRACES):
            print_trace(console, trace)
    console.print(f"\ngreedy, on {PROBLEMS:,} held-out problems per level:", highlight=False)
    with waiting("scoring"):
        scores = agent.evaluate(PROBLEMS)
    print_scores(console, scores)
    print_advice(console, agent, scores)
    console.print(f"\nrun folder: {agent.recipe.out}", highlight=False, soft_wrap=True)


def _all(callbacks: "Sequence[Callable[[Report], None]]") -> "Callable[[Report], None]":
    def report(done: "Report") -> None:
        for callback in callbacks:
            callback(done)

    return report


@dataclass(frozen=True, kw_only=True)
class Resume:
    """Resume an interrupted run; the result is the same, bit for bit."""

    run: Run
    """Run folder."""
    task: TaskFile = ""
    """File of the run's task, unless built in; its code is run."""
    beside: Annotated[Beside, tyro.conf.arg(name="", help="")] = field(default_factory=Beside)

    def __call__(self) -> None:
        """Train to the end, score the agent and show some of its episodes."""
        from inwit.agent import resume
        from inwit.games.player import is_game
        from inwit.recipes import task_for
        from inwit.training.configuration import LANGUAGE_MODEL
        from inwit.training.run_folder import RunFolder

        if exists(self.run / LANGUAGE_MODEL):  # false where no path can be, in every Python
            self._teach_on()
            return
        folder = RunFolder(self.run)
        plain, task = folder.plain(), task_for(self.task) if self.task else None
        updates, asked = plain["updates"], bool(plain.get("early_stopping"))
        if is_game(folder) and self.task:
            raise InvalidOption("--task is for tasks: this run is in an environment")
        go_on = partial(resume, self.run, task=task)
        _follow(self.run, updates, self.beside, lambda report: go_on(report=report), greedy=asked)

    def _teach_on(self) -> None:
        """Go on with the training of a language model."""
        beside = self.beside
        given = {"--watch": beside.watch, "--track": beside.track}
        for name, value in given.items():
            if value:
                reason = f"{self.run} is the training of a language model, which has no such option"
                raise InvalidOption(f"{name}: {reason}")
        from inwit.cli.commands.teaching import teach_on

        teach_on(self.run, self.task)
