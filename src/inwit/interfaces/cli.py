"""The command line: audit, train, resume, evaluate, certify, trace, solve.

What a user gets wrong is told in one line on the error output, with exit code 2.
"""

import io
import json
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext, redirect_stderr
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import tyro
from rich.console import Console
from tyro.conf import Positional

from inwit.agent import HELD_OUT_SEED, Agent, load, named, resume, task_of, train_recipe
from inwit.audit import audit_task
from inwit.checkpoint import RunFolder, made_with
from inwit.errors import Interrupted, InvalidOption, InvalidProblem, InwitError, UnknownName
from inwit.interfaces.agents import SHIPPED
from inwit.interfaces.audit import print_audit
from inwit.interfaces.certificate import print_certificate
from inwit.interfaces.console import (
    Progress,
    print_answers,
    print_presses,
    print_scores,
    print_tools,
    print_trace,
)
from inwit.interfaces.interruption import Interruptible
from inwit.interfaces.playground.commands import Export, Play, watch
from inwit.interfaces.report import certificate_page
from inwit.learners import POLICY_GRADIENTS
from inwit.recipe import RECIPES, Recipe
from inwit.tasks import Tutorial, is_file, read_problems
from inwit.tools import ARITHMETIC
from inwit.training import Report

TRACES, PROBLEMS, LONGEST_LINE = 5, 1000, 400
EXPRESSION = re.compile(r"[\d\s.()+*/\u00d7\u00b7\u00f7\u2212\u2013-]*\d[\d\s.()+*/-]*")
"""What is a problem and no name of a run."""
Parsed = TypeVar("Parsed")

HELP = """usage: inwit COMMAND [OPTIONS]

  audit TASK            is a task worth training on? its ceilings, before any training
  train [TASK]          train an agent; TASK is stages if none is given, or a file: my_task.py;
                        with --watch, on a page that shows how it learns
  resume RUN            go on with a run that was cut off
  evaluate RUN          accuracy on held-out problems, with intervals
  certify RUN           what the network knows: lesions, causal tests, probes; pass or fail
  trace RUN             greedy attempts at held-out problems
  solve [RUN] PROBLEM   solve a problem press by press: inwit solve "3*7+2-4*5"
  play [RUN ...]        a page on which to watch agents press keys, break and compare them
  export RUN --web DIR  a folder for any static host: the agent runs in the browser
  tools [TASK]          what can be called: names, arguments and types

inwit COMMAND --help lists the options of a command; inwit --version prints the version."""


def train(arguments: Sequence[str]) -> None:
    """Train an agent, then score it and show some of its attempts."""
    default, own = named(_task(arguments))
    rest = arguments[1:] if arguments and not arguments[0].startswith("-") else arguments
    watched = "--watch" in rest
    rest = [argument for argument in rest if argument != "--watch"]
    recipe = _parse(Recipe, rest, "inwit train [TASK]", default=default)
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


@dataclass(frozen=True, kw_only=True)
class Resume:
    """Go on with a run that was cut off; what it becomes is the same, bit for bit."""

    run: Positional[Path]
    """The run's folder."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""

    def __call__(self) -> None:
        """Train to the end, then score the agent and show some of its attempts."""
        recipe = RunFolder(self.run).recipe()
        _follow(recipe, lambda report: resume(self.run, task=self.task, report=report))


@dataclass(frozen=True, kw_only=True)
class Evaluate:
    """Accuracy on held-out problems, beside the oracle and chance."""

    run: Positional[Path]
    """The run's folder."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""
    count: int = PROBLEMS
    """How many problems of each level."""
    lengths: str = ""
    """Levels far from those trained on: `6,25,100,1000` operations."""
    problems: Path | None = None
    """Score a file instead: JSON lines with the fields `question` and `answer`."""
    seed: int = HELD_OUT_SEED
    """Which problems."""
    device: str = "cpu"
    """Where the arithmetic is done."""
    best: bool = False
    """The weights of the best checkpoint instead of the last ones."""
    json: Path | None = None
    """Write the scores to this file, too, with what they depend on: versions, threads, device."""

    def __call__(self) -> None:
        """Print the table."""
        _positive("count", self.count)
        lengths = [_whole("lengths", part) for part in self.lengths.split(",") if part.strip()]
        agent = load(self.run, task=self.task, device=self.device, best=self.best)
        if self.problems is not None:
            print_answers(Console(), agent.answer(read_problems(self.problems)), each=False)
        else:
            scores = agent.evaluate(self.count, lengths=lengths or None, seed=self.seed)
            print_scores(Console(), scores)
            if self.json is not None:
                told = {"seed": self.seed, "levels": [asdict(score) for score in scores]}
                told |= {"trained": RunFolder(self.run).made(), "scored": made_with(agent.recipe)}
                _write(self.json, json.dumps(told, indent=2))


@dataclass(frozen=True, kw_only=True)
class Certify:
    """What the network knows: every claim beside what would have refuted it, pass or fail."""

    run: Positional[Path]
    """The run's folder."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""
    count: int = PROBLEMS
    """How many problems of each level."""
    seed: int = HELD_OUT_SEED
    """Fixes all that is drawn: the same seed gives the same figures, to the digit."""
    json: Path | None = None
    """Write all of it to this file, too."""
    html: Path | None = None
    """Write a page with plots to this file, too; it needs no network."""

    def __call__(self) -> None:
        """Print the card."""
        _positive("count", self.count)
        certificate = load(self.run, task=self.task).certify(self.count, seed=self.seed)
        print_certificate(Console(), certificate)
        if self.json is not None:
            _write(self.json, json.dumps(certificate.to_json(), indent=2))
        if self.html is not None:
            _write(self.html, certificate_page(certificate))


@dataclass(frozen=True, kw_only=True)
class TraceAttempts:
    """Greedy attempts at held-out problems, one line each."""

    run: Positional[Path]
    """The run's folder."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""
    stage: int = 0
    """The level of the problems."""
    count: int = TRACES
    """How many attempts."""
    seed: int = HELD_OUT_SEED
    """Which problems."""

    def __call__(self) -> None:
        """Print the attempts."""
        _positive("count", self.count)
        console = Console()
        for attempt in load(self.run, task=self.task).trace(self.stage, self.count, seed=self.seed):
            print_trace(console, attempt)


@dataclass(frozen=True, kw_only=True)
class Solve:
    """Solve a problem press by press: the key, its probability, the machine, the value."""

    run: Positional[str]
    """The run's folder; may be left out before an expression: then the agent that comes along."""
    task: str = ""
    """The file of its task, FILE.py, where that is not built in: its code is run."""
    problem: Positional[str] = ""
    """Such as `3*7+2-4*5`."""
    problems: Path | None = None
    """Solve a file instead: JSON lines with the fields `question` and `answer`."""

    def __call__(self) -> None:
        """Print the presses, or the answers to a file."""
        alone = not self.problem and EXPRESSION.fullmatch(self.run) and not Path(self.run).exists()
        agent = load(SHIPPED if alone else self.run, task=self.task)
        if self.problems is not None:
            print_answers(Console(), agent.answer(read_problems(self.problems)), each=True)
        else:
            learner = POLICY_GRADIENTS.get(agent.recipe.learner)
            valued = learner is not None and learner.trains_value
            problem = self.run if alone else self.problem
            print_presses(Console(), agent.solve(problem), valued=valued)


@dataclass(frozen=True, kw_only=True)
class AuditTask:
    """Is a task worth training on? Its ceilings, traps and faults, before any training."""

    task: Positional[str]
    """The task; `tutorial` is the published environment with its faults."""
    levels: str = ""
    """The levels to be looked at, `1,2`; all if none are given."""
    problems: int = 1000
    """How many problems of each level are drawn."""
    budget: int = 300_000
    """Presses that a search for programs follows, before some are left out."""
    seed: int = 0
    """Which problems."""
    json: Path | None = None
    """Write all of it to this file, too."""

    def __call__(self) -> None:
        """Print the tables."""
        _positive("budget", self.budget)
        levels = [_whole("levels", part) for part in self.levels.split(",") if part.strip()]
        if self.task not in (*RECIPES, Tutorial.name) and not is_file(self.task):
            raise UnknownName("task", self.task, [*RECIPES, Tutorial.name, "FILE.py"])
        task = Tutorial() if self.task == Tutorial.name else task_of(Recipe(), self.task)
        audit = audit_task(
            task,
            levels=levels or None,
            problems=self.problems,
            budget=self.budget,
            seed=self.seed,
        )
        audit = replace(audit, task=self.task)
        print_audit(Console(), audit)
        if self.json is not None:
            _write(self.json, json.dumps(audit.to_json(), indent=2))


@dataclass(frozen=True, kw_only=True)
class ListTools:
    """The tools of a task: names, arguments and types."""

    task: Positional[str] = ""
    """A task, or FILE.py; the tools that are built in if none is given."""

    def __call__(self) -> None:
        """Print the table."""
        task = task_of(Recipe(), self.task) if self.task else None
        print_tools(Console(), task.rules.tools if task else ARITHMETIC)


COMMANDS: dict[str, type[Callable[[], None]]] = {
    "audit": AuditTask,
    "resume": Resume,
    "evaluate": Evaluate,
    "certify": Certify,
    "trace": TraceAttempts,
    "solve": Solve,
    "play": Play,
    "export": Export,
    "tools": ListTools,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help"):
        print(HELP)
    elif given[0] == "--version":
        print(f"inwit {version('inwit')}")
    else:
        _run(given[0], given[1:])


def _run(command: str, rest: Sequence[str]) -> None:
    try:
        if command == "train":
            train(rest)
        elif command in COMMANDS:
            _parse(COMMANDS[command], rest, f"inwit {command}")()
        else:
            raise UnknownName("command", command, ["train", *COMMANDS])
    except InwitError as error:
        print(f"inwit: {_plain(error)}", file=sys.stderr)
        sys.exit(128 + error.signal if isinstance(error, Interrupted) else 2)
    except KeyboardInterrupt:
        print("inwit: stopped at once; the last checkpoint is whole", file=sys.stderr)
        sys.exit(130)


def _plain(error: InwitError) -> str:
    """A message that may quote a stranger's file: short, in one line, nothing a terminal obeys."""
    lines = str(error).splitlines()
    if not isinstance(error, InvalidProblem):  # it points at a character in lines of its own
        lines = [" ".join(lines)]
    shown = ["".join(each if each.isprintable() else "?" for each in line) for line in lines[:3]]
    most = LONGEST_LINE // 2
    return "\n".join(
        line if len(line) <= 2 * most else f"{line[:most]} ... {line[-most:]}" for line in shown
    )


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


def _parse(
    kind: type[Parsed], arguments: Sequence[str], program: str, default: Parsed | None = None
) -> Parsed:
    """Let tyro read the arguments; its box of explanations becomes one line."""
    told = io.StringIO()
    try:
        with redirect_stderr(told):
            if default is None:
                return tyro.cli(kind, args=list(arguments), prog=program)
            return tyro.cli(kind, args=list(arguments), prog=program, default=default)
    except SystemExit as stop:
        if not stop.code:
            raise
        raise InvalidOption(_one_line(told.getvalue())) from stop


def _one_line(box: str) -> str:
    text = " ".join(
        line.strip("\u2502\u2500\u256d\u256e\u2570\u256f ") for line in box.splitlines()[1:]
    )
    text = re.split(r"Argument helptext:|For full helptext", text)[0]
    return re.sub(r"\s+", " ", text).replace("Error parsing Recipe: ", "").strip()


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n")
    except OSError as error:
        raise InvalidOption(f"{path} cannot be written: {error.strerror}") from error


def _positive(name: str, value: int) -> None:
    if value < 1:
        raise InvalidOption(f"--{name} {value}: it must be at least 1")


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidOption(f"--{name} {text}: whole numbers such as 6,25,100 are due") from None
