"""A task as an environment of verifiers: an installable package with a taskset and its problems.

What is written needs verifiers and not inwit.
"""

from pathlib import Path

from inwit.interfaces.exports.folders import new_folder
from inwit.interfaces.exports.problems import lines, records
from inwit.tasks import Task

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
MODULE = '''"""{count} held-out problems of inwit's task {task}: right is 1, wrong is 0."""

import json
from collections.abc import Iterator
from pathlib import Path

import verifiers.v1 as vf

PROBLEMS = Path(__file__).parent / "problems.jsonl"
PROMPT = "{prompt}"


def right(reply: str, answer: str) -> bool:
    """Whether the last line that is not empty is the answer."""
    written = [line.strip() for line in reply.splitlines() if line.strip()]
    given = written[-1].rstrip(".") if written else ""
    try:
        return abs(float(given) - float(answer)) <= 1e-9 * max(1.0, abs(float(answer)))
    except ValueError:
        return given.casefold() == answer.casefold()


class Data(vf.TaskData):
    """One problem."""

    answer: str
    level: int


class Question(vf.Task[Data]):
    """It is asked once."""

    @vf.reward
    async def is_right(self, trace: vf.Trace) -> float:
        """1 for the right answer."""
        return float(right(trace.last_reply, self.data.answer))


class Problems(vf.Taskset[Question]):
    """All problems, in their order."""

    def load(self) -> Iterator[Question]:
        """One task for each line."""
        with PROBLEMS.open(encoding="utf8") as file:
            for number, line in enumerate(file):
                told = json.loads(line)
                yield Question(
                    Data(
                        id=f"{name}-{{number}}",
                        prompt=PROMPT + told["question"],
                        answer=told["answer"],
                        level=told["metadata"]["level"],
                    ),
                    self.config.task,
                )


__all__ = ["Problems"]
'''


def export_verifiers(task: Task, folder: Path, count: int, seed: int) -> None:
    """Write the package: `pip install FOLDER`, then its name is the id of a taskset.

    Raises:
        InvalidOption: the folder cannot be written.
    """
    words = "".join(each if each.isalnum() and each.isascii() else "_" for each in task.name)
    name = f"inwit_{words}"
    told = {"name": name, "task": words, "count": f"{count:,}", "prompt": PROMPT}
    with new_folder("verifiers", folder):
        (folder / name).mkdir()
        (folder / "pyproject.toml").write_text(PROJECT.format(**told), encoding="utf8")
        (folder / name / "__init__.py").write_text(MODULE.format(**told), encoding="utf8")
        content = lines(records(task, count, seed, held_out=True))
        (folder / name / "problems.jsonl").write_text(content, encoding="utf8")
