"""A trained network with its task: train, load, solve, evaluate, trace."""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from signal import SIGTERM
from typing import Any

import torch

from inwit.environment import Environment
from inwit.errors import DamagedRun, Interrupted, InvalidOption, InvalidProblem, own_code
from inwit.evaluation.advice import Advice, advise
from inwit.evaluation.history import Trained
from inwit.evaluation.scores import Answered, Scores, answer_written, evaluate_levels, score
from inwit.evaluation.traces import Trace, trace, trace_typed
from inwit.games.player import is_game, load_game, resume_game, train_game
from inwit.games.recipe import any_recipe_for, game_recipe_for
from inwit.parts import check_count, check_seed
from inwit.policies import Policy
from inwit.probes import Certificate, certify
from inwit.recipe import Recipe
from inwit.recipes import RECIPES, recipe_for
from inwit.tasks import FileProblem, Task
from inwit.training.checkpoint import WEIGHTS, RunFolder
from inwit.training.choosing import settled
from inwit.training.configuration import CONFIG
from inwit.training.discoveries import in_words
from inwit.training.distributed import lost_others
from inwit.training.keeping import fresh_folder, go_back, train_and_keep
from inwit.training.limits import with_limits
from inwit.training.loop import Training
from inwit.training.metrics import Report
from inwit.training.resuming import checkpoint_of, own_recipe, restore

HELD_OUT_SEED = 2026
"""The seed of the held-out problems; training uses its own generator and other problems."""


class Agent(Trained):
    """One network and the task that it was trained on."""

    def __init__(self, recipe: Recipe, policy: Policy, environment: Environment) -> None:
        """Join the parts; `train` and `load` do this."""
        self.recipe: Recipe = recipe
        self.policy, self.environment = policy.eval(), environment

    @classmethod
    def from_pretrained(
        cls,
        name: str | Path,
        *,
        revision: str | None = None,
        task: str | Task | None = None,
        device: str = "cpu",
    ) -> "Agent":
        """The agent of a folder, or of a repository of the Hugging Face hub.

        Only a configuration (JSON) and weights (safetensors) are fetched: no code of theirs is run.

        Args:
            name: a run folder, an exported one, or `USER/NAME`.
            revision: a branch, a tag or a commit of the repository.
            task: its task or the file of it, unless that is built in.
            device: of the network.

        Raises:
            InvalidOption: huggingface_hub is not installed, or nothing can be fetched.
            DamagedRun: there is no agent there, or it is damaged.
        """
        path = Path(name) if os.path.isdir(name) else _fetched(str(name), revision)
        return load_agent(path, task=task, device=device)

    def solve(self, problem: str) -> Trace:
        """Solve a problem that a person typed, press by press.

        Raises:
            InvalidProblem: it cannot be read, or the agent was not trained on its form.
        """
        if not isinstance(problem, str):
            raise InvalidProblem(f"{problem!r:.60} is not a text: a problem is typed, as '3*7+2'")
        made = trace_typed(self.policy, self.environment, problem)
        return replace(made, valued=self.trains_value)

    def evaluate(
        self,
        problems: int = 1000,
        *,
        lengths: Sequence[int] | None = None,
        seed: int = HELD_OUT_SEED,
    ) -> Scores:
        """Accuracy on held-out problems, beside the oracle and chance.

        Args:
            problems: how many problems of each level.
            lengths: the levels; by default those of training. Expressions may have any number of
                operations, far beyond training.
            seed: which problems.

        Raises:
            InvalidOption: the task has no such level, or a number is out of range.
        """
        check_seed(seed)
        check_count("problems", problems)
        self._check_split()
        task = self.environment.task
        levels = task.chosen_levels(lengths, "lengths")
        scores = evaluate_levels(self.policy, self.environment, levels, count=problems, seed=seed)
        found = self._found()
        return Scores(replace(each, found=found.get(each.level, "")) for each in scores)

    def advice(self, scores: Scores | None = None) -> list[Advice]:
        """What to change if a level was not learnt; each advice follows from a measurement.

        Args:
            scores: of the agent; by default it is evaluated.

        Raises:
            InvalidOption: it has no run folder.
        """
        found, task = self.evaluate() if scores is None else scores, self.recipe.task
        plain = recipe_for(task.name if task.name in RECIPES else task)
        accuracy = {each.level: each.agent.accuracy for each in found}
        known = dict[int, float]()
        for each in found:
            generator = torch.Generator().manual_seed(self.recipe.seed)
            drawn = task.sample(torch.full((each.agent.count,), each.level), generator)
            known[each.level] = score(self.policy, self.environment, drawn).accuracy
        return advise(self.recipe, plain, self.history, accuracy, known)

    def answer(self, problems: Sequence[FileProblem]) -> list[Answered]:
        """Answer problems from a file (see `read_problems`), and compare with what it states."""
        return answer_written(self.policy, self.environment, problems)

    def trace(self, level: int, problems: int = 5, *, seed: int = HELD_OUT_SEED) -> list[Trace]:
        """Greedy episodes at held-out problems of one level, press by press.

        Raises:
            InvalidOption: there is no such level, or a number is out of range.
        """
        check_seed(seed)
        check_count("problems", problems)
        self._check_split()
        task = self.environment.task
        task.check_level(level)
        generator = torch.Generator().manual_seed(seed)
        drawn = task.sample(torch.full((problems,), level), generator, held_out=True)
        made = trace(self.policy, self.environment, drawn)
        return [replace(each, valued=self.trains_value) for each in made]

    @property
    def trains_value(self) -> bool:
        """Whether its learner trains the values that a trace shows."""
        return self.recipe.learner is not None and self.recipe.learner.trains_value

    def certify(self, problems: int = 1000, *, seed: int = HELD_OUT_SEED) -> Certificate:
        """What the network knows: every claim with what would refute it.

        Args:
            problems: how many problems of each level.
            seed: fixes all randomness: the same seed gives the same figures, to the digit.

        Raises:
            InvalidOption: the agent is not on the CPU, or a number is out of range.
        """
        check_seed(seed)
        check_count("problems", problems)
        if self.environment.device.type != "cpu":
            raise InvalidOption("a certificate is made on the CPU: load the agent there")
        self._check_split()
        made = RunFolder(self.recipe.out).made() if self.recipe.out else {}
        return certify(
            self.recipe, self.policy, self.environment, made=made, problems=problems, seed=seed
        )

    def _found(self) -> dict[int, str]:
        """By level: who found its first right programs; only a whole run folder tells."""
        try:
            return in_words(RunFolder(self.recipe.out).latest().found) if self.recipe.out else {}
        except DamagedRun:
            return {}

    def _check_split(self) -> None:
        """Refuse a score on problems that may have been trained on.

        Raises:
            InvalidOption: the run was trained by another version of the held-out split.
        """
        task = self.environment.task
        made = RunFolder(self.recipe.out).made() if self.recipe.out else {"split": task.split}
        version = made.get("split", 1)
        if version != task.split:
            raise InvalidOption(
                f"{self.recipe.out} was trained by version {version} of the held-out split of "
                f"'{task.name}', which is at {task.split}: it may have trained "
                "on problems that are held out now; train it again"
            )


def train(
    task: object = "stages",
    *,
    report: Callable[[Report], None] | None = None,
    **options: object,
) -> Agent | Any:
    """Train an agent and write its run folder.

    Args:
        task: the name of a recipe, a Python file with a task (its code is run), a generator of
            reasoning-gym (`reasoning-gym:chain_sum`), a task, or a whole recipe; or an environment:
            `gymnasium:ID`, `memory-length`, a live vector environment of Gymnasium.
        report: called after every update.
        options: changes to the recipe, by the names of the command line: `seed=3`,
            `learner="ppo"`, `largest=6`, `**{"learner.clip": 0.1}`; or whole parts,
            `learner=PPO(clip=0.1)`.

    Returns:
        An `Agent`; in an environment a `Player` (see `inwit.games.player`).

    Raises:
        InvalidOption: an option is unknown or out of range.
        DamagedRun: the folder cannot be written.
        Diverged: a loss or its gradient is not finite.
        Interrupted: `report` stopped it; the run is saved.
    """
    task = any_recipe_for(task) if isinstance(task, str) else task
    game = game_recipe_for(task)
    if game is not None:
        return train_game(game.but(**options), report=report)
    if not isinstance(task, Task | Recipe):
        wanted = "give a task, a recipe, an environment, or the name of one"
        if hasattr(task, "reset") and hasattr(task, "step"):
            wanted = "one environment alone is not trained: give gymnasium:ID or gymnasium.make_vec"
        raise InvalidOption(f"{task!r:.60}: {wanted}")
    recipe = task if isinstance(task, Recipe) else recipe_for(task)
    with own_code():
        training = Training(settled(recipe.but(**options)))
    if not training.ranks.first:
        return _run_beside(training)
    for remark in training.task.remarks:
        logging.getLogger("inwit").info("note: %s", remark)
    with fresh_folder(training.recipe) as folder:
        return _run(training, folder, report)


def resume(
    path: str | Path,
    *,
    task: str | Task | None = None,
    report: Callable[[Report], None] | None = None,
) -> Agent | Any:
    """Resume a run that was stopped; the result is the same, bit for bit, as without the stop.

    Args:
        path: the run folder.
        task: its task or the file of it, unless that is built in.
        report: called after every update; where it raises `Interrupted`, the run is saved.

    Raises:
        DamagedRun: it is not a run folder, has no whole checkpoint, or cannot be written.
        InvalidOption: another process trains in it, or the task or its problems are others.
        Diverged: a loss or its gradient is not finite.
        Interrupted: it was stopped again.
    """
    folder = RunFolder(Path(path))
    if is_game(folder):
        _no_task(path, task)
        return resume_game(folder, report=report)
    with own_code():
        training = Training(own_recipe(folder, _task(task)))
    if not training.ranks.first:
        restore(training, folder.latest())
        return _run_beside(training)
    with folder.held():
        go_back(folder, partial(restore, training))
        return _run(training, folder, report)


def _run_beside(training: Training) -> Agent:
    """Train as one of several processes; the first keeps the run folder.

    Raises:
        Interrupted: the first has stopped.
    """
    try:
        for _ in training.reports():
            pass
    except RuntimeError as error:
        if not lost_others(error):
            raise
        raise Interrupted(SIGTERM, "the first process of the run has stopped") from error
    return Agent(training.recipe, training.policy, training.environment)


def _run(training: Training, folder: RunFolder, report: Callable[[Report], None] | None) -> Agent:
    """Train to the end, and keep the run folder."""
    train_and_keep(
        training,
        folder,
        report,
        checkpoint=partial(checkpoint_of, training),
        updates=training.recipe.updates,
        optimiser=training.recipe.optimiser,
        several=training.ranks.size > 1,
    )
    return Agent(training.recipe.but(out=folder.path), training.policy, training.environment)


def _task(given: object) -> Task | None:
    """The task that replaces a run's own. Its file may register parts that the run needs.

    Raises:
        InvalidOption: it is none.
    """
    if isinstance(given, str):
        return recipe_for(given).task if given else None
    if given is not None and not isinstance(given, Task):
        kind = f"the class {given.__name__}" if isinstance(given, type) else f"{given!r:.60}"
        raise InvalidOption(f"task: {kind} is not a task: give one, or the name of its file")
    return given


def _no_task(path: str | Path, task: str | Task | None) -> None:
    if task:
        raise InvalidOption(f"task={task!r:.60}: {path} was trained in an environment, not a task")


def load(
    path: str | Path,
    *,
    task: str | Task | None = None,
    device: str = "cpu",
    snapshot: int | None = None,
    best: bool = False,
) -> Agent | Any:
    """The agent of a run folder; of a run in an environment the `Player`.

    Args:
        path: the run folder.
        task: its task or the file of it, unless that is built in.
        device: of the network.
        snapshot: the update of a snapshot; by default the final weights.
        best: take the weights of the best checkpoint.

    Raises:
        DamagedRun: it is not a run folder, or a damaged one.
    """
    folder = RunFolder(Path(path))
    if is_game(folder):
        _no_task(path, task)
        return load_game(folder, device=device, snapshot=snapshot, best=best)
    return load_agent(path, task=task, device=device, snapshot=snapshot, best=best)


def load_agent(
    path: str | Path,
    *,
    task: str | Task | None = None,
    device: str = "cpu",
    snapshot: int | None = None,
    best: bool = False,
) -> Agent:
    """As `load`, but a run in an environment is refused."""
    folder = RunFolder(Path(path))
    recipe = folder.recipe(_task(task)).but(device=device)
    recipe = recipe.but(task=with_limits(recipe.task))  # open in another task than that of the run
    environment = recipe.environment()
    policy = recipe.network(environment)
    try:
        if best:
            folder.best().fill(policy)
        else:
            folder.load(policy, snapshot)
    except DamagedRun as error:
        if not task:
            raise
        plain = folder.plain()
        name = plain["source"] or plain["task"].get("type")
        asked = f"the run was trained on '{name}': is that the task you gave?"
        raise DamagedRun(f"{error}; {asked}") from error
    return Agent(recipe, policy, environment)


def _fetched(name: str, revision: str | None) -> Path:
    """The folder of a repository of the hub, with what `load` reads and nothing else."""
    try:
        hub = import_module("huggingface_hub")
    except ImportError as error:
        needed = "huggingface_hub is not installed: pip install 'inwit[hub]'"
        raise InvalidOption(f"{name} is not a folder; {needed}") from error
    try:
        place = hub.snapshot_download(name, revision=revision, allow_patterns=[CONFIG, WEIGHTS])
    except (OSError, ValueError) as error:
        reason = (str(error).splitlines() or [repr(error)])[0]
        raise InvalidOption(f"{name} is not a folder and cannot be fetched: {reason}") from error
    return Path(place)
