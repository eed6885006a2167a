"""Jobs for worker processes, and their messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from inwit.errors import InvalidOption
from inwit.evaluation.scores import LevelScore
from inwit.files import PART
from inwit.games.player import EPISODES
from inwit.games.recipe import GameRecipe
from inwit.games.scores import GameScore
from inwit.recipe import Recipe, RunRecipe
from inwit.training.configuration import CONFIG
from inwit.training.health import is_learnt
from inwit.training.metrics import Report
from inwit.training.resuming import check_same
from inwit.training.run_folder import CHECKPOINTS, WEIGHTS, RunFolder

PROBLEMS = 1000
"""Default number of held-out problems of each level."""
WITHOUT_EFFECT = ("processes",)
"""Options that change no result: a run with another value of them is the same run."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run to train."""

    name: str
    """The name of the run."""
    recipe: Mapping[str, Any]
    """Its recipe as JSON; the process reads the task's file itself."""
    out: Path
    """Its folder, which may hold a part of the run already."""
    updates: int
    """Number of updates."""
    problems: int
    """Held-out problems per level, or fresh episodes, for its score."""
    threshold: float | None = None
    """Find the first snapshot at which every level had this accuracy, or episodes this return."""
    spent: float = 0.0
    """CPU seconds already spent on the run."""


@dataclass(frozen=True, kw_only=True)
class Progressed:
    """A run has made another update."""

    report: Report
    """What it did."""
    cpu: float
    """CPU seconds of the training so far, including earlier processes."""
    snapshots: Mapping[int, float]
    """By update of each snapshot: the smoothed training accuracy, averaged over all levels; 0 for a
    level without episodes. In an environment the smoothed return, `nan` before any is known."""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A run is complete."""

    scores: Sequence[LevelScore | GameScore]
    """Of each level, on held-out problems; or of fresh episodes in an environment."""
    cpu: float
    """CPU seconds of the training."""
    reached: int | None
    """The first snapshot at which the threshold was reached."""
    snapshots: Mapping[int, float]
    """As for `Progressed`."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A run has ended before it was scored; the same job resumes it."""

    reason: str
    """Why."""
    stopped: bool
    """It was asked to stop."""


Message = Progressed | Finished | Ended


def holds(recipe: RunRecipe) -> Literal["nothing", "a part", "all"]:
    """Inspect the folder of a run.

    Raises:
        InvalidOption: it holds something else, or a run with other options.
        DamagedRun: it cannot be read.
    """
    path = recipe.out
    if path is None or not path.exists():
        return "nothing"
    if not path.is_dir():
        raise InvalidOption(f"{path} is not a folder: name another place")
    held = {each.name for each in path.iterdir()}
    if not held - {PART}:
        return "nothing"
    if CONFIG not in held:
        raise InvalidOption(f"{path} holds something other than a run: name another folder")
    folder = RunFolder(path)
    if isinstance(recipe, Recipe):
        check_same(folder, recipe)
    there, wanted = flat(folder.plain()), flat(recipe.dump())
    other = ", ".join(
        f"{name} {there.get(name)}, not {wanted.get(name)}"
        for name in wanted | there
        if there.get(name) != wanted.get(name) and name not in WITHOUT_EFFECT
    )
    if other:
        raise InvalidOption(f"{path} holds a run with other options: {other}; name another folder")
    if not any((path / CHECKPOINTS).glob("*.safetensors")):
        return "nothing"
    latest = folder.latest()
    early = isinstance(recipe, Recipe) and recipe.early_stopping and is_learnt(latest.health)
    over = early or latest.update >= recipe.updates
    return "all" if over and WEIGHTS in held else "a part"


def job_of(
    recipe: RunRecipe,
    name: str,
    *,
    problems: int | None = None,
    threshold: float | None = None,
    spent: float = 0.0,
) -> Job:
    """What a process needs to train a recipe, whose `out` is set; see `Job`."""
    assert recipe.out is not None
    usual = PROBLEMS if isinstance(recipe, Recipe) else EPISODES
    return Job(
        name=name,
        recipe=_alone(recipe).dump(),
        out=recipe.out,
        updates=recipe.updates,
        problems=problems or usual,
        threshold=threshold,
        spent=spent,
    )


def _alone(recipe: RunRecipe) -> RunRecipe:
    """Steps its environments itself unless it says otherwise: the cores are for other runs."""
    several = isinstance(recipe, GameRecipe) and recipe.processes is None
    return recipe.but(processes=1) if several else recipe


def measured(score: LevelScore | GameScore) -> float:
    """The figure of a score: the accuracy of a level, or the mean return with drawn actions."""
    return score.agent.accuracy if isinstance(score, LevelScore) else score.sampled.mean


def flat(plain: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """All options of a recipe as JSON has it, by name."""
    found: dict[str, Any] = {}
    for name, value in plain.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found
