"""The problems of a task for other libraries: JSON lines, a folder of `datasets`, verifiers.

A record has the form of reasoning-gym's: a question and its answer as texts, and metadata. Training
never draws held-out problems. Every question is parsed before it is written: it must give the same
problem.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from inwit.errors import InvalidOption, InvalidProblem
from inwit.extras import require
from inwit.files import new_folder, writing
from inwit.tasks import Problems, Task, by_turns
from inwit.texts import to_json
from inwit.tokens import PADDING
from inwit.tools import show

Record = dict[str, object]


def records(task: Task, count: int, seed: int, *, held_out: bool) -> list[Record]:
    """Problems of all levels as plain values.

    Args:
        task: the task.
        count: how many; questions may repeat.
        seed: which ones.
        held_out: draw held-out problems, which training never sees.

    Raises:
        InvalidOption: a problem cannot be written as text.
    """
    levels = by_turns(task.levels, count)
    generator = torch.Generator().manual_seed(seed)
    problems = task.sample(levels, generator, held_out=held_out)
    drawn: Record = {"held_out": held_out, "seed": seed}
    return [_record(task, problems.select(torch.tensor([row])), row, drawn) for row in range(count)]


def _record(task: Task, problem: Problems, row: int, drawn: Record) -> Record:
    """One problem, and how it was drawn."""
    question, answer = task.describe(problem, 0), float(problem.answer[0])
    stated, names = _stated(task, question, answer), task.rules.vocabulary.names
    _check(task, problem, question, stated)
    level = int(problem.level[0])
    metadata: Record = {
        "source_dataset": f"inwit/{task.name}",
        "source_index": row,
        "level": level,
        "form": task.form(level),
        "operands": [show(task.objects.meaning(value)) for value in _held(problem)],
        "program": " ".join(
            names[key] for key in problem.oracle[0].tolist() if names[key] != PADDING
        ),
    }
    return {"question": question, "answer": stated, "metadata": metadata | drawn}


def _check(task: Task, problem: Problems, question: str, stated: str) -> None:
    """Refuse a problem whose text is parsed as another one.

    Raises:
        InvalidOption: the text means another problem, or none.
    """
    where = f"task '{task.name}': '{question:.80}' cannot be exported"
    reason = "a text must stand for each of its values: numbers, texts, dates, tuples have one"
    for value in map(task.objects.meaning, [*_held(problem), float(problem.answer[0])]):
        kind = type(value)
        if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
            raise InvalidOption(f"{where}: a {kind.__name__} has no text: {reason}")
    try:
        again = task.parse(question)
    except InvalidProblem as error:
        raise InvalidOption(f"{where}: {error}") from error
    if (_held(again), _seen(again)) != (_held(problem), _seen(problem)):
        raise InvalidOption(f"{where}: it is read as another problem: {reason}")
    read = torch.tensor(task.read_answers(stated), dtype=torch.double)
    same = replace(problem.repeat(len(read)), answer=read)
    if not bool(Task.agrees(task, problem.answer.repeat(len(read)), same).any()):
        raise InvalidOption(f"{where}: '{stated:.40}' is read as another answer: {reason}")


def _stated(task: Task, question: str, answer: float) -> str:
    """The right answer as text; a fraction without a finite decimal expansion is rounded."""
    exact = show(task.right_answer(question, answer))
    return show(task.objects.meaning(answer)) if "/" in exact and task.exact(question) else exact


def _held(problem: Problems) -> list[float]:
    """The operands without padding."""
    return [value for value in problem.operands[0].tolist() if value == value]


def _seen(problem: Problems) -> list[int]:
    """The symbols without padding."""
    return [symbol for symbol in problem.symbols[0].tolist() if symbol >= 0]


def export_lines(task: Task, path: Path, count: int, seed: int, *, held_out: bool) -> None:
    """Write one JSON object a line; `inwit evaluate RUN --problems` reads them back.

    Raises:
        InvalidOption: the file exists, or cannot be written.
    """
    if path.exists():
        raise InvalidOption(f"--jsonl {path} exists: name a new file")
    with writing("jsonl", path):
        path.write_text(lines(records(task, count, seed, held_out=held_out)), encoding="utf8")


def lines(given: Sequence[Record]) -> str:
    """Records as JSON lines."""
    return "".join(to_json(record, ensure_ascii=False) + "\n" for record in given)


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
