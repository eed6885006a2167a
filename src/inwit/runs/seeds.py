"""Several seeds of one recipe: one run and one process each, and one table of all.

    PARENT/seed-K/       the run of seed K
    PARENT/seeds.json    the known scores and CPU seconds

The run of seed K equals `inwit train --seed K` on one thread, bit for bit.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from pydantic import TypeAdapter

from inwit import files
from inwit.errors import DamagedRun, Interrupted, InvalidOption
from inwit.evaluation.intervals import percent
from inwit.evaluation.scores import LevelScore, Score
from inwit.games.recipe import any_recipe_for, ready
from inwit.games.scores import GameScore
from inwit.parts import check_seed
from inwit.recipe import RunRecipe
from inwit.runs.workers import (
    Finished,
    Job,
    Message,
    Progressed,
    check_jobs,
    holds,
    job_of,
    workers_of,
)
from inwit.texts import to_json
from inwit.training.placing import make, new_place

RESULTS, FORMAT = "seeds.json", 1
NAME, SEEDS = "seed-", "seeds"
"""The beginning of the name of a run folder, and what stands in the name of their parent."""
MAX_SEEDS = 1000
"""Maximum number of seeds; more are probably a typing error."""
MAX_BYTES = 2**26
"""Maximum bytes of the results file."""
KEEP = 5.0
"""Seconds between two records of the CPU seconds spent."""


@dataclass(frozen=True, kw_only=True)
class SeedResult:
    """The result of one seed."""

    seed: int
    """Which."""
    cpu: float = 0.0
    """CPU seconds of training so far."""
    scores: tuple[LevelScore | GameScore, ...] = ()
    """Held-out scores per level, or one in an environment; empty until the run is complete."""
    failure: str = ""
    """Why the run failed; empty if it did not."""


Listener = Callable[[int, Message], None]
"""Called with the messages of each seed."""


def read_seeds(text: str) -> tuple[int, ...]:
    """Parse a text such as `0-7` or `0,3,5` into distinct seeds, in order.

    Raises:
        InvalidOption: it names none.
    """
    seeds: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise InvalidOption(f"--seeds {text}: give seeds such as 0-7 or 0,3,5")
        low, high = int(first), int(last or first)
        if high < low or high - low >= MAX_SEEDS:
            raise InvalidOption(
                f"--seeds {text}: {part.strip()} is not a range of up to {MAX_SEEDS} seeds"
            )
        seeds |= dict.fromkeys(range(low, high + 1))
    return tuple(seeds)


def train_seeds(
    task: str = "stages",
    seeds: Sequence[int] = range(5),
    *,
    jobs: int | None = None,
    ray: str = "",
    report: Listener | None = None,
    **options: object,
) -> list[SeedResult]:
    """Train several seeds at once, each in its own process and run folder.

    A script that calls this needs the guard `if __name__ == "__main__":`.

    Args:
        task: the name of a recipe, a Python file with a task (its code is run), or an environment,
            `gymnasium:ID`.
        seeds: the seeds.
        jobs: runs at once; by default one per usable core.
        ray: `auto` or the address of a Ray cluster whose nodes train; by default this machine.
        report: called with each seed's messages.
        options: what is changed in the recipe, as in `inwit.train`; `out` is the parent of the
            runs. Where it holds some of them already, incomplete runs are resumed.

    Returns:
        The result of each seed, in the order of `seeds`.

    Raises:
        InvalidOption: an option is unknown or out of range, or the folder holds other runs.
        Interrupted: the user asked to stop; every run is saved.
    """
    if not isinstance(task, str):
        raise InvalidOption("train_seeds takes the name of a task, or its file: processes read it")
    check_seeds(seeds, jobs)
    recipe = ready(any_recipe_for(task).but(**options))
    return run_seeds(recipe, seeds, jobs=jobs, ray=ray, report=report)


def run_seeds(
    recipe: RunRecipe,
    seeds: Sequence[int],
    *,
    jobs: int | None = None,
    ray: str = "",
    report: Listener | None = None,
) -> list[SeedResult]:
    """Train several seeds of a recipe that is `ready`, all of them checked; see `train_seeds`."""
    waits = workers_of(jobs, ray)  # which checks the number before anything is written
    several = _Several(recipe, seeds)
    with files.held(several.parent), waits as workers:
        several.read()
        jobs_left = (several.job(seed) for seed in seeds if not several.is_complete(seed))
        for name, message in workers.train(lambda: next(jobs_left, None)):
            seed = int(name.removeprefix(NAME))
            several.note(seed, message)
            if report is not None:
                report(seed, message)
        if workers.asked:
            raise Interrupted(workers.asked, several.how_to_go_on())
    return [several.results[seed] for seed in seeds]


def check_seeds(seeds: Sequence[int], jobs: int | None = None) -> None:
    """Check the seeds themselves, before anything else is done.

    Raises:
        InvalidOption: there is no seed, one is given twice or is out of range, or the number of
            jobs is not at least 1.
    """
    check_jobs(jobs)
    if not seeds:
        raise InvalidOption("no seeds were given")
    for seed in seeds:
        check_seed(seed)
    twice = [seed for seed, count in Counter(seeds).items() if count > 1]
    if twice:
        raise InvalidOption(f"seed {twice[0]} is given twice: each seed has one run folder")


def check_folder(recipe: RunRecipe, seeds: Sequence[int]) -> None:
    """Check where the runs of a recipe that is `ready` go, before anything is written or said.

    Raises:
        InvalidOption: their folder holds other runs, or is no folder.
    """
    if recipe.out is None:
        return
    for seed in seeds:
        holds(_recipe(recipe, seed, recipe.out))
    if recipe.out.exists() and not recipe.out.is_dir():
        raise InvalidOption(f"--out {recipe.out}: it is not a folder; name another one")


def _recipe(recipe: RunRecipe, seed: int, parent: Path) -> RunRecipe:
    """The recipe of one seed."""
    return recipe.but(seed=seed, out=parent / f"{NAME}{seed}")


class _Several:
    """The seeds of a recipe and their known results."""

    def __init__(self, recipe: RunRecipe, seeds: Sequence[int]) -> None:
        """Make the parent folder; refuse one that holds other runs."""
        self.seeds = seeds
        self.parent = recipe.out or new_place(recipe, SEEDS)
        self.recipes = {seed: _recipe(recipe, seed, self.parent) for seed in seeds}
        for each in self.recipes.values():
            holds(each)
        make(self.parent)
        self.results = {seed: SeedResult(seed=seed) for seed in seeds}
        self.kept = time.monotonic()

    def is_complete(self, seed: int) -> bool:
        return bool(self.results[seed].scores) and holds(self.recipes[seed]) == "all"

    def job(self, seed: int) -> Job:
        recipe, spent = self.recipes[seed], self.results[seed].cpu
        spent = 0.0 if holds(recipe) == "nothing" else spent
        return job_of(recipe, f"{NAME}{seed}", spent=spent)

    def note(self, seed: int, message: Message) -> None:
        """Record a seed's message and save it."""
        before = self.results[seed]
        if isinstance(message, Progressed):
            after = replace(before, cpu=message.cpu, failure="")
        elif isinstance(message, Finished):
            scores = tuple(message.scores)
            after = SeedResult(seed=seed, cpu=message.cpu, scores=scores)
        else:
            after = replace(before, failure=message.reason)
        self.results[seed] = after
        if not isinstance(message, Progressed) or time.monotonic() - self.kept > KEEP:
            self.kept = time.monotonic()
            self._write()

    def how_to_go_on(self) -> str:
        done = sum(bool(self.results[seed].scores) for seed in self.seeds)
        how = f"{done} of {len(self.seeds)} seeds are complete, the others are saved"
        return f"{how}; the same command with --out {self.parent} resumes them"

    def read(self) -> None:
        """Read the results of earlier calls."""
        path = self.parent / RESULTS
        if not path.exists():
            return
        try:
            content = json.loads(files.read(path, MAX_BYTES))
            if content["format"] != FORMAT:
                raise ValueError(f"format {content['format']}; this version reads {FORMAT}")
            known = TypeAdapter(list[SeedResult]).validate_python(content["seeds"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            reason = str(error).splitlines()[0]
            raise DamagedRun(f"{path} is damaged: {reason}; remove it to score again") from error
        self.results |= {result.seed: result for result in known}

    def _write(self) -> None:
        content = {"format": FORMAT, "seeds": [asdict(each) for each in self.results.values()]}
        try:
            files.write(self.parent, RESULTS, to_json(content, indent=2).encode())
        except OSError as error:
            raise DamagedRun(f"{self.parent / RESULTS}: {error.strerror}") from error


def table(results: Sequence[SeedResult]) -> list[list[str]]:
    """Headings, one row per seed, then median and range of the complete seeds.

    A score that some complete seed does not have is left out.
    """
    complete = [result for result in results if result.scores]
    columns = {result.seed: _columns(result) for result in complete}
    first = columns[complete[0].seed] if complete else {}
    names = [name for name in first if all(name in each for each in columns.values())]
    rows = [["seed", *names, "CPU s", ""]]
    for result in results:
        known = columns.get(result.seed)
        scores = [_shown(known[name]) if known else "-" for name in names]
        rows.append([str(result.seed), *scores, f"{result.cpu:.1f}", result.failure])
    if len(complete) > 1:
        spent = [each.cpu for each in complete]
        several = [[columns[each.seed][name] for each in complete] for name in names]
        rows.append(["median", *map(_median, several), f"{median(spent):.1f}", ""])
        rows.append(["range", *map(_range, several), f"{min(spent):.1f} to {max(spent):.1f}", ""])
    return rows


def _columns(result: SeedResult) -> dict[str, Score | float]:
    """The scores of a seed by their headings: shares of right answers, or mean returns.

    In an environment the best mean of training (`games.scores.mmer`) comes last, where it is known.
    """
    columns: dict[str, Score | float] = {}
    for score in result.scores:
        if isinstance(score, LevelScore):
            columns[f"level {score.level}"] = score.agent
            continue
        named = {"most probable": score.greedy, "drawn": score.sampled, "random": score.random}
        columns |= {name: each.mean for name, each in named.items()}
        columns |= {} if score.best is None else {"MMER": score.best}
    return columns


def _number(score: Score | float) -> float:
    return score.accuracy if isinstance(score, Score) else score


def _shown(score: Score | float) -> str:
    return score.percent if isinstance(score, Score) else f"{score:.3f}"


def _median(scores: Sequence[Score | float]) -> str:
    middle = median(map(_number, scores))
    if isinstance(scores[0], Score):
        return percent(middle)
    return f"{middle:.3f}"


def _range(scores: Sequence[Score | float]) -> str:
    low, high = min(scores, key=_number), max(scores, key=_number)
    return f"{_shown(low).removesuffix(' %')} to {_shown(high)}"
