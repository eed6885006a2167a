"""A task as an environment for verifiers: an installable package with a taskset and its problems.

The package needs verifiers but not inwit. It holds a copy of `inwit.answers` and the tolerance of
the task, so it judges replies as inwit does.
"""

import shutil
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from inwit import answers
from inwit.errors import InvalidOption
from inwit.exports.problems import Record, records
from inwit.files import new_folder
from inwit.tasks import FunctionTask, Task, by_turns
from inwit.texts import to_json

PROMPT = "Solve this problem. Write the answer alone into the last line of your reply.\\n\\n"
PROJECT = """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "{count} problems of inwit's task {task}"
requires-python = ">=3.11"
dependencies = ["verifiers>=0.4"]

[tool.hatch.build.targets.wheel]
packages = ["{name}"]
"""
MODULE = '''"""{count} held-out problems of inwit's task {task}: right is 1, all else is 0."""

import json
from collections.abc import Iterator
from pathlib import Path

import verifiers.v1 as vf

from .answers import Outcome, grade, grade_text

PROBLEMS = Path(__file__).parent / "problems.jsonl"
PROMPT = "{prompt}"
TOLERANCE = {tolerance!r}
CASED = {cased}


def outcome(
    reply: str, answer: str, *, text: bool = False, tolerance: float = TOLERANCE
) -> Outcome:
    """Whether a reply gives the answer: right, wrong, or unread."""
    if text:
        return grade_text(reply, answer, cased=CASED)
    return grade(reply, answer, tolerance=tolerance, cased=CASED)


class Data(vf.TaskData):
    """One problem."""

    answer: str
    text: bool
    tolerance: float
    level: int


class Question(vf.Task[Data]):
    """It is asked once."""

    @vf.reward
    async def is_right(self, trace: vf.Trace) -> float:
        """1 for the right answer."""
        return float(self.outcome(trace) is Outcome.RIGHT)

    @vf.metric
    async def is_unread(self, trace: vf.Trace) -> float:
        """1 where what the reply gives cannot be read unambiguously; it earns 0."""
        return float(self.outcome(trace) is Outcome.UNREAD)

    def outcome(self, trace: vf.Trace) -> Outcome:
        """What becomes of the reply."""
        given = self.data
        return outcome(
            trace.last_reply, given.answer, text=given.text, tolerance=given.tolerance
        )


class Problems(vf.Taskset[Question]):
    """All problems, in their order."""

    def load(self) -> Iterator[Question]:
        """One task for each line."""
        with PROBLEMS.open(encoding="utf8") as file:
            for number, line in enumerate(file):
                row = json.loads(line)
                yield Question(
                    Data(
                        id=f"{name}-{{number}}",
                        prompt=PROMPT + row["question"],
                        answer=row["answer"],
                        text=row["text"],
                        tolerance=row["tolerance"],
                        level=row["metadata"]["level"],
                    ),
                    self.config.task,
                )


__all__ = ["Problems"]
'''


def export_verifiers(task: Task, folder: Path, count: int, seed: int) -> None:
    """Write the package: `pip install FOLDER`, then its name is the id of a taskset.

    Raises:
        InvalidOption: the folder cannot be written, or a package without inwit cannot judge.
    """
    _check(task)
    stated = _answers(task, count, seed)
    found = [task.objects.meaning(value) for value in stated.tolist()]
    asked = zip(
        records(task, count, seed, held_out=True),
        found,
        _tolerances(task, stated),
        strict=True,
    )
    rows = [_row(*each) for each in asked]
    words = "".join(each if each.isalnum() and each.isascii() else "_" for each in task.name)
    name = f"inwit_{words}"
    facts = {"name": name, "task": words, "count": f"{count:,}", "prompt": PROMPT}
    texts = {each for each in found if isinstance(each, str)}
    cased = len({each.casefold() for each in texts}) < len(texts)
    with new_folder("verifiers", folder):
        (folder / name).mkdir()
        (folder / "pyproject.toml").write_text(PROJECT.format(**facts), encoding="utf8")
        module = MODULE.format(**facts, tolerance=task.tolerance, cased=cased)
        (folder / name / "__init__.py").write_text(module, encoding="utf8")
        content = "".join(to_json(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / name / "problems.jsonl").write_text(content, encoding="utf8")
        copied = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(answers.__file__).parent, folder / name / "answers", ignore=copied)


def _check(task: Task) -> None:
    """Refuse a task that grades answers with its own code, or whose problems state them."""
    if task.states_answer:
        raise InvalidOption(
            f"--verifiers: the problems of '{task.name}' state their answers: repeating one would "
            "be right; --jsonl writes its problems"
        )
    own = "score" if type(task).score not in (Task.score, FunctionTask.score) else ""
    own = own or ("verify" if getattr(task, "verify", None) is not None else "")
    if own:
        raise InvalidOption(
            f"--verifiers: the task '{task.name}' decides by its own {own} what is right, and a "
            "package without inwit cannot; --jsonl writes its problems"
        )


def _answers(task: Task, count: int, seed: int) -> Float[Tensor, " P"]:
    """The answers of `records` in the machine's form."""
    levels = by_turns(task.levels, count)
    generator = torch.Generator().manual_seed(seed)
    return task.sample(levels, generator, held_out=True).answer


def _tolerances(task: Task, answers: Float[Tensor, " P"]) -> list[float]:
    """The task's tolerance for each answer; larger for number types of low precision."""
    margin, usual = task.margin(answers), Task.margin(task, answers)
    found = (margin / (1 + answers.abs())).masked_fill(margin == usual, task.tolerance)
    return found.nan_to_num(task.tolerance).tolist()


def _row(record: Record, answer: object, tolerance: float) -> Record:
    """A record with all digits of its answer.

    Raises:
        InvalidOption: the answer is an object that has no text.
    """
    if isinstance(answer, float):
        exact = str(int(answer)) if answer.is_integer() else repr(answer)
        return record | {"answer": exact, "text": False, "tolerance": tolerance}
    kind = type(answer)
    if kind.__str__ is object.__str__ and kind.__repr__ is object.__repr__:
        raise InvalidOption(f"--verifiers: an answer is a {kind.__name__}, which has no text")
    return record | {"answer": str(answer), "text": True, "tolerance": tolerance}
