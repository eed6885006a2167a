"""The recipe of your own task, chosen by what a few seconds of search and random play show.

Four things are measured: whether the agent sees values, whether one program serves all problems of
a form, how many keys programs need, and how often random presses are right. Where one program
serves a form, the agent imitates it; where keys depend on what is seen, PPO learns from its own
episodes, and a search comes first only where random presses are rarely right. There a short race
decides between a network without memory and one with (`racing`).
"""

import logging
from dataclasses import dataclass, replace

import torch

from inwit.errors import FailedCode, explained
from inwit.learners import PPO
from inwit.policies import Scripted
from inwit.progress import doing
from inwit.recipe import Recipe
from inwit.recipes import own_task
from inwit.tasks import FunctionTask
from inwit.training.chance import solved_at_random
from inwit.training.limits import Limits, infer_limits, lengths_of, spread
from inwit.training.program_search import ENOUGH, ProgramSearch
from inwit.training.racing import Race, race, without_memory
from inwit.training.rollout import play

LOG = logging.getLogger("inwit")
CHOSEN = ("policy", "learner", "replay", "optimiser", "curriculum", "batch", "epsilon")
"""What is chosen, unless the user has changed any of it."""
CHECKED = 512
"""Problems of a form on which its program has to be right before the agent need not look."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A recipe, and why it was chosen."""

    recipe: Recipe
    """The recipe."""
    stated: bool
    """The user has changed it."""
    limits: Limits
    """What the search has found."""
    shared: bool
    """One program, or one table by what is shown, serves all problems of each form."""
    chance: float
    """The share of uniformly random episodes that are right, at the hardest level."""
    race: Race | None
    """Which network learns; None where it follows from the rest."""

    def __str__(self) -> str:
        return f"recipe: {self._what()}: {', '.join(self._facts())}"

    def _what(self) -> str:
        recipe, learner = self.recipe, self.recipe.learner
        if self.stated:
            return "as stated"
        if not recipe.search or self.limits.search is None:
            return f"{learner.name.upper() if learner else 'replay'} without a search"
        if not isinstance(learner, PPO):
            return "a search, then replay of its programs"
        return "PPO without a search" if self.chance >= ENOUGH else "a search, then PPO"

    def _facts(self) -> list[str]:
        search, sees = self.limits.search, self.recipe.task.reveals_operands
        facts = [f"the agent sees {'values' if sees else 'no values'}"]
        if search is not None:
            facts.append(self._sharing(search))
            if lengths := lengths_of(search):
                facts.append(f"programs have {spread(lengths)} keys")
        share = f"{100 * self.chance:.3g} %" if self.chance else "none"
        facts.append(f"random presses solve {share} of the hardest level")
        return [*facts, str(self.race)] if self.race else facts

    def _sharing(self, search: ProgramSearch) -> str:
        """Whether problems of a form share a program."""
        if not self.shared:
            return "no program was found that serves all problems of a form"
        if search.tables:
            return "the key depends on what is shown and on the last key alone"
        return "one program serves all problems of a form"


def settled(recipe: Recipe) -> Recipe:
    """A recipe for your own task, with all of its limits and what suits the task.

    Any other recipe stays as it is.

    Raises:
        InvalidOption: the task's function draws no problems, or its verifier raises.
    """
    if not isinstance(recipe.task, FunctionTask):
        return recipe
    _check_verifier(recipe.task)
    with doing("trying the task, to choose its limits and recipe"):
        choice = choose(recipe, recipe.task)
    if choice.limits.inferred:
        LOG.info("%s", choice.limits)
    LOG.info("%s", choice)
    if remark := choice.limits.remark:
        LOG.info("note: %s", remark)
    return choice.recipe


def _check_verifier(task: FunctionTask) -> None:
    """Refuse a verifier that raises on the stated answer of a problem; one per level is tried.

    While an agent is trained, an answer on which it raises is merely wrong.
    """
    verify, first = task.verify, {problem.level: problem for problem in reversed(task.pool)}
    if verify is None:
        return
    problems = task.problems([*first.values()])
    for row, answer in enumerate(problems.answer.tolist()):
        problem, meant = task.problem(problems, row), task.objects.decode(answer)
        try:
            verify(meant, problem)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            asked = f"the stated answer of '{problem.question():.60}'"
            what = f"verify of task '{task.name}' failed on {asked}"
            raise FailedCode(f"{what}: {explained(error)}") from error


def choose(recipe: Recipe, task: FunctionTask) -> Choice:
    """Measure a task, and choose.

    Raises:
        InvalidOption: its function draws no problems.
    """
    limits = infer_limits(task)
    shared, plain = _shared(limits), own_task(task, recipe.source)
    stated = any(getattr(recipe, name) != getattr(plain, name) for name in CHOSEN)
    chosen = recipe.but(task=limits.task)
    if not stated and shared:
        imitating = own_task(task, recipe.source, looks=False)
        chosen = replace(chosen, **{name: getattr(imitating, name) for name in CHOSEN})
    generator = torch.Generator().manual_seed(0)
    chance, _ = solved_at_random(chosen.but(device="cpu").environment(), generator)
    decided = shared or not _looks(task) or recipe.policy != plain.policy
    raced = race(chosen, limits.search) if recipe.race and not decided else None
    if raced and raced.winner != chosen.policy:
        chosen = without_memory(chosen)
    return Choice(
        recipe=chosen, stated=stated, limits=limits, shared=shared, chance=chance, race=raced
    )


def _looks(task: FunctionTask) -> bool:
    """Whether something is seen at a press, and not only while the prompt is read."""
    return bool(task.press_values or task.displays)


def _shared(limits: Limits) -> bool:
    """Whether every form has one program for all of its problems."""
    search = limits.search
    if search is None or search.split or search.solved < len(search.forms):
        return False
    if not search.task.reveals_operands:
        return True
    for form in search.forms:  # exceptions may be rare; a table was tried on many problems
        if len(form.problems) == 1:
            continue
        problems = form.problems.part(slice(CHECKED))
        keys = torch.tensor(form.programs[0])[:, None].expand(-1, len(problems))
        if not bool(play(Scripted(keys), search.environment, problems).all()):
            return False
    return True
