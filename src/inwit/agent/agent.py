"""A trained network with its task: solve, evaluate, trace, certify."""

import os
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import torch

from inwit.environment import Environment
from inwit.errors import DamagedRun, InvalidOption, InvalidProblem
from inwit.evaluation.advice import Advice, advise
from inwit.evaluation.history import Trained, folder_of_run
from inwit.evaluation.scores import Answered, Scores, answer_written, evaluate_levels, score
from inwit.evaluation.traces import Trace, trace, trace_typed
from inwit.parts import check_count, check_seed
from inwit.policies import Policy
from inwit.probes import Certificate, certify
from inwit.recipe import Recipe
from inwit.recipes import RECIPES, recipe_for
from inwit.tasks import FileProblem, Task
from inwit.training.configuration import CONFIG
from inwit.training.discoveries import in_words
from inwit.training.limits import with_limits
from inwit.training.resuming import check_keys
from inwit.training.run_folder import WEIGHTS, RunFolder

HELD_OUT_SEED = 2026
"""The seed of the held-out problems; training uses its own generator and other problems."""


class Agent(Trained):
    """One network and the task that it was trained on."""

    def __init__(self, recipe: Recipe, policy: Policy, environment: Environment) -> None:
        """Join the parts; `train` and `load` do this."""
        self.recipe: Recipe = recipe
        self.folder = folder_of_run(recipe)
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
        path = folder_of(name).path
        path = path if os.path.isdir(str(name)) else _fetched(str(name), revision)
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
        """Answer problems from a file (see `read_problems`), and compare with what it states.

        Raises:
            InvalidProblem: one is not from a file, or states an answer that the task cannot have.
        """
        for each in problems:
            if not isinstance(each, FileProblem):
                raise InvalidProblem(
                    f"{each!r:.60} is not a problem of a file, as read_problems reads them; "
                    "solve takes a text"
                )
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
        made = self.folder.made() if self.folder else {}
        return certify(
            self.recipe, self.policy, self.environment, made=made, problems=problems, seed=seed
        )

    def _found(self) -> dict[int, str]:
        """By level: who found its first right programs; only a whole run folder tells."""
        try:
            return in_words(self.folder.latest().found) if self.folder else {}
        except DamagedRun:
            return {}

    def _check_split(self) -> None:
        """Refuse a score on problems that may have been trained on.

        Raises:
            InvalidOption: the run was trained by another version of the held-out split.
        """
        task = self.environment.task
        made = self.folder.made() if self.folder else {"split": task.split}
        version = made.get("split", 1)
        if version != task.split:
            raise InvalidOption(
                f"{self.recipe.out} was trained by version {version} of the held-out split of "
                f"'{task.name}', which is at {task.split}: it may have trained "
                "on problems that are held out now; train it again"
            )


def load_agent(
    path: str | Path,
    *,
    task: str | Task | None = None,
    device: str = "cpu",
    snapshot: int | None = None,
    best: bool = False,
) -> Agent:
    """As `load`, but a run in an environment is refused."""
    folder = folder_of(path)
    recipe = folder.recipe(given_task(task)).but(device=device)
    recipe = recipe.but(task=with_limits(recipe.task))  # open in another task than that of the run
    check_keys(folder, recipe)
    environment = recipe.environment()
    policy = recipe.network(environment)
    try:
        if best:
            folder.best().fill(policy)
        else:
            folder.load(policy, snapshot)
    except DamagedRun as error:
        if not task or "shape" not in str(error):
            raise
        plain = folder.plain()
        name = plain["source"] or plain["task"].get("type")
        asked = f"the run was trained on '{name}': is that the task you gave?"
        raise DamagedRun(f"{error}; {asked}") from error
    return Agent(recipe, policy, environment)


def given_task(given: object) -> Task | None:
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


def folder_of(path: object) -> RunFolder:
    """The run folder that a user names; nothing is read yet.

    Raises:
        InvalidOption: it is no path.
    """
    if not isinstance(path, str | Path):
        raise InvalidOption(f"{path!r:.60} is not a run folder: give its path, such as 'runs/0'")
    return RunFolder(Path(path))


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
