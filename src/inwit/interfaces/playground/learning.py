"""How a run goes or went: its metrics, and one problem tried with the weights of every moment."""

import torch

from inwit.agent import HELD_OUT_SEED
from inwit.checkpoint import RunFolder
from inwit.errors import InwitError
from inwit.interfaces.playground.runs import Runs

MOST = 600
"""Lines of metrics that are told at once; of more, every so many."""


def progress(folder: RunFolder, after: int = 0) -> dict[str, object]:
    """The metrics of the updates after one, and how far the run is."""
    recipe = folder.plain()
    lines = [line for line in folder.metrics() if line["update"] > after]
    every = max(1, -(-len(lines) // MOST))
    last = lines[-1:] if len(lines) % every else []
    return {
        "name": folder.path.name,
        "updates": recipe["updates"],
        "recipe": recipe,
        "moments": folder.moments(),
        "seconds": _seconds(folder),
        "lines": [*lines[every - 1 :: every], *last],
    }


def example(runs: Runs, number: int) -> dict[str, str]:
    """A problem of the hardest level."""
    task = runs.folder(number).recipe(runs.task).task
    generator = torch.Generator().manual_seed(HELD_OUT_SEED)
    problems = task.sample(torch.tensor([task.levels[-1]]), generator, held_out=True)
    return {"problem": task.describe(problems, 0)}


def _seconds(folder: RunFolder) -> dict[str, float] | None:
    """Episodes and seconds at the last checkpoint."""
    try:
        checkpoint = folder.latest()
    except InwitError:
        return None
    return {"episodes": checkpoint.episodes, "seconds": checkpoint.seconds}


def tried(runs: Runs, number: int, problem: str) -> list[dict[str, object]]:
    """The attempts at one problem at every moment whose weights were kept.

    Raises:
        InvalidProblem: the problem cannot be read.
    """
    attempts: list[dict[str, object]] = []
    for moment in runs.folder(number).moments():
        trace = runs.agent(number, moment).solve(problem)
        answer = None if trace.answer is None else str(trace.answer)
        attempts.append(
            {"update": moment, "keys": trace.keys, "answer": answer, "right": trace.right}
        )
    return attempts
