"""The problems of a task for other libraries: JSON lines, a folder of `datasets`, verifiers.

A record has the form of reasoning-gym's: a question and its answer as texts, and what is known of
them besides. Held-out problems are those that no training of ours ever draws.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import torch

from inwit.interfaces.exports.folders import new_folder, writing
from inwit.interfaces.extras import require
from inwit.tasks import Task
from inwit.tokens import PADDING
from inwit.tools import show

Record = dict[str, object]


def records(task: Task, count: int, seed: int, *, held_out: bool) -> list[Record]:
    """Problems of all levels, one after the other, as plain values.

    Args:
        task: what is asked.
        count: how many; a question may come again.
        seed: which ones.
        held_out: from the part that training never draws from.
    """
    levels = torch.tensor(task.levels)[torch.arange(count) % len(task.levels)]
    generator = torch.Generator().manual_seed(seed)
    problems = task.sample(levels, generator, held_out=held_out)
    names, meaning = task.rules.vocabulary.names, task.objects.meaning
    return [
        {
            "question": task.describe(problems, row),
            "answer": show(meaning(float(problems.answer[row]))),
            "metadata": {
                "source_dataset": f"inwit/{task.name}",
                "source_index": row,
                "level": int(problems.level[row]),
                "form": task.form(int(problems.level[row])),
                "operands": [
                    show(meaning(value))
                    for value in problems.operands[row].tolist()
                    if value == value
                ],
                "program": " ".join(
                    names[key] for key in problems.oracle[row].tolist() if names[key] != PADDING
                ),
                "held_out": held_out,
                "seed": seed,
            },
        }
        for row in range(count)
    ]


def export_lines(task: Task, path: Path, count: int, seed: int, *, held_out: bool) -> None:
    """Write one JSON object a line; `inwit evaluate RUN --problems` reads them back.

    Raises:
        InvalidOption: the file cannot be written.
    """
    with writing("jsonl", path):
        path.write_text(lines(records(task, count, seed, held_out=held_out)), encoding="utf8")


def lines(given: Sequence[Record]) -> str:
    """Records as JSON lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in given)


def export_datasets(task: Task, folder: Path, count: int, seed: int) -> None:
    """Write a folder for `datasets.load_from_disk`, with the parts `train` and `test` (held out).

    Raises:
        InvalidOption: `datasets` is not installed, or the folder cannot be written.
    """
    datasets = require("datasets", "datasets")
    parts = {
        name: datasets.Dataset.from_list(records(task, count, seed, held_out=held_out))
        for name, held_out in (("train", False), ("test", True))
    }
    with new_folder("datasets", folder):
        datasets.DatasetDict(parts).save_to_disk(str(folder))
