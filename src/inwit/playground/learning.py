"""How a run goes or went: its metrics, and one problem tried with the weights of every snapshot."""

from collections.abc import Mapping
from typing import Any

from inwit.agent import Agent
from inwit.errors import InvalidProblem, InwitError
from inwit.evaluation.traces import Trace, trace
from inwit.games.player import FRESH_SEED, is_game, is_live, load_game
from inwit.games.scores import SHORT, fresh_seeds
from inwit.games.traces import trace_player
from inwit.playground.description import drawn_problem, drawn_problems
from inwit.playground.runs import Runs
from inwit.tools import show
from inwit.training.health import is_learnt
from inwit.training.run_folder import RunFolder

MAX_POINTS, MAX_ACTIONS = 600, 60
"""Maximum points sent at once, longer metrics are thinned; maximum actions shown of an episode."""


def progress(folder: RunFolder, after: int = 0) -> dict[str, object]:
    """The metrics of the updates after one, and how far the run is."""
    recipe = folder.plain()
    lines = [line for line in folder.metrics() if line["update"] > after]
    every = max(1, -(-len(lines) // MAX_POINTS))
    last = lines[-1:] if len(lines) % every else []
    return {
        "name": folder.path.name,
        "updates": recipe["updates"],
        "recipe": recipe,
        "snapshots": folder.snapshots(),
        **_so_far(folder, recipe),
        "lines": [*lines[every - 1 :: every], *last],
    }


def example(runs: Runs, number: int) -> dict[str, str | int]:
    """A problem of the hardest level, with its number; in an environment the seed of an episode.

    It is empty where the environment was a live one: its episodes cannot be played again.
    """
    folder = runs.folder(number)
    if is_game(folder):
        seed = "" if is_live(folder) else str(fresh_seeds(FRESH_SEED, 1)[0])
        return {"problem": seed, "drawn": 0}
    task = runs.folder(number).recipe(runs.task).task
    last = len(task.levels) - 1
    return {"problem": task.describe(drawn_problems(task), last), "drawn": last}


def _so_far(folder: RunFolder, recipe: Mapping[str, Any]) -> dict[str, object]:
    """Episodes and seconds at the last checkpoint, and whether it is the last of all."""
    try:
        checkpoint = folder.latest()
    except InwitError:
        return {"seconds": None, "finished": False}
    learnt = bool(recipe.get("early_stopping")) and is_learnt(checkpoint.health)
    return {
        "seconds": {"episodes": checkpoint.episodes, "seconds": checkpoint.seconds},
        "finished": learnt or checkpoint.update >= recipe["updates"],
    }


def tried(
    runs: Runs, number: int, problem: str, drawn: int | None = None
) -> list[dict[str, object]]:
    """The episodes at one problem at every snapshot whose weights were kept.

    Args:
        runs: the runs that may be looked at.
        number: of the run.
        problem: as a person typed it; in an environment the seed of an episode.
        drawn: the number of a drawn problem, to be taken in place of the text.

    Raises:
        InvalidProblem: the problem cannot be read.
    """
    if is_game(runs.folder(number)):
        return _played(runs.folder(number), problem)
    episodes: list[dict[str, object]] = []
    for snapshot in runs.folder(number).snapshots():
        agent = runs.agent(number, snapshot)
        made = agent.solve(problem) if drawn is None else _solved(agent, drawn)
        answer = None if made.answer is None else show(made.answer)
        episodes.append(
            {"update": snapshot, "keys": made.keys, "answer": answer, "right": made.right}
        )
    return episodes


def _played(folder: RunFolder, seed: str) -> list[dict[str, object]]:
    """The greedy episode of a seed at every snapshot of a run in an environment."""
    if not (seed.isdecimal() and int(seed) < 2**32):
        raise InvalidProblem(f"'{seed:.60}' is no seed of an episode: give a number below 2^32")
    episodes: list[dict[str, object]] = []
    for snapshot in folder.snapshots():
        player = load_game(folder, snapshot=snapshot)
        world = player.recipe.environment
        (made,) = trace_player(player.policy, world, [int(seed)], longest=SHORT)
        actions = " ".join(act.action for act in made.acts[:MAX_ACTIONS])
        more = f" and {len(made.acts) - MAX_ACTIONS} more" if len(made.acts) > MAX_ACTIONS else ""
        episodes.append({"update": snapshot, "keys": actions + more, "return": made.total})
    return episodes


def _solved(agent: Agent, drawn: int) -> Trace:
    environment = agent.environment
    return trace(agent.policy, environment, drawn_problem(environment.task, drawn))[0]
