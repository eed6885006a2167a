"""Does another process draw the same problems, and hold out the same ones?

A task whose split depends on the process (on the order of a set, on a place in memory) trains on
problems that a later process calls held out. So a second process, with other hashes of strings,
makes the task anew and draws with the same seed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from jaxtyping import Bool
from torch import Tensor

from inwit.tasks import Task
from inwit.texts import to_json

COUNT = 64
"""Problems of each level, to train on and held out."""
NOTHING = [""] * (2 * COUNT)
"""What stands for the problems of a task that another process cannot make."""
HASHES = "PYTHONHASHSEED"


def drawn_elsewhere(
    task: Task, source: str, levels: Sequence[int], seed: int
) -> dict[int, Bool[Tensor, " n"]]:
    """For each level, which problems another process draws again, on the same side of the split.

    Args:
        task: the task as it is in this process.
        source: the name or the file from which another process can make it.
        levels: the levels that are compared.
        seed: fixes what is drawn.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.json"
        here, there = described(task, levels, seed), dict[str, list[str]]()
        hashes = "2" if os.environ.get(HASHES) == "1" else "1"
        order = to_json([source, list(levels), seed, str(path)])
        subprocess.run(
            [sys.executable, "-m", __spec__.name],
            input=order.encode(),
            env=os.environ | {HASHES: hashes},
            capture_output=True,
            check=False,  # a task that another process cannot make draws nothing there
        )
        if path.exists():
            there = json.loads(path.read_text(encoding="utf8"))
    same = {
        level: [one == other for one, other in zip(texts, there.get(level, NOTHING), strict=True)]
        for level, texts in here.items()
    }
    return {int(level): torch.tensor(each) for level, each in same.items()}


def described(task: Task, levels: Sequence[int], seed: int) -> dict[str, list[str]]:
    """By level: the problems to train on and those held out, as people write them."""
    drawn: dict[str, list[str]] = {}
    for level in levels:
        texts = drawn[str(level)] = []
        for held_out in (False, True):
            generator = torch.Generator().manual_seed(seed)
            problems = task.sample(torch.full((COUNT,), level), generator, held_out=held_out)
            texts += [task.describe(problems, row) for row in range(COUNT)]
    return drawn


def main() -> None:
    """Draw the problems in this process, and write them to a file."""
    from inwit.recipes import task_for

    source, levels, seed, path = json.load(sys.stdin)
    texts = described(task_for(source), levels, seed)
    Path(path).write_text(to_json(texts), encoding="utf8")


if __name__ == "__main__":
    main()
