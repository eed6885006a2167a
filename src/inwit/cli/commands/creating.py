"""`inwit new`: writes a commented example of your own task, and its test."""

import keyword
import re
import sys
from dataclasses import dataclass
from itertools import count
from os.path import isdir, lexists
from pathlib import Path
from shlex import quote
from typing import Annotated

from tyro.conf import Positional, arg

from inwit.errors import InvalidOption

NAME = "TASK_NAME"
"""Stands in the texts below for the name of the task."""
TASK = '''"""Lengths in other units: a task with one tool, to be changed into your own.

Next:
    inwit audit TASK_NAME.py    # is it worth training on, and what is wrong with it
    inwit train TASK_NAME.py    # trains an agent, and scores it on held-out problems
"""

import random

import inwit

METRES = {"mile": 1609.344, "yard": 0.9144, "foot": 0.3048, "inch": 0.0254}


# A tool is any function with types. Its name in capitals, CONVERT, becomes a key.
@inwit.tool
def convert(amount: float, unit: str, target: str) -> float:
    """An amount of one unit, in another."""
    return amount * METRES[unit] / METRES[target]


# A task draws one problem per call; `draw` must be its only source of randomness.
# `presses` limits the keys of an answer; `memory=1` adds the keys STO and RCL.
@inwit.task(tools=[convert], presses=6, memory=0)
def TASK_NAME(draw: random.Random) -> inwit.Problem:
    amount, (unit, target) = draw.randint(1, 999), draw.sample(sorted(METRES), 2)
    answer = convert(amount, unit, target)
    # The agent reads the words of the prompt; {0} is the place of the first operand.
    # Key 0 enters the first operand, key 1 the second. Only right or wrong is learnt from.
    # A right program, `oracle`, may be left out: it is there for tests and the audit.
    if draw.random() < 0.5:
        prompt, operands, oracle = "{0} {1} in {2}", (amount, unit, target), "0 CONVERT 1 2 ANS"
    else:
        prompt, operands = "how many {1} are {0} {2}", (amount, target, unit)
        oracle = "0 CONVERT 2 1 ANS"
    return inwit.Problem(prompt=prompt, operands=operands, answer=answer, oracle=oracle)
'''
TEST = '''"""Checks TASK_NAME.py: pytest test_TASK_NAME.py."""

from inwit.testing import check_task

from TASK_NAME import TASK_NAME


def test_TASK_NAME():
    check_task(TASK_NAME)
'''
USED = {"inwit", "convert", "check_task"}
"""Names that the texts use for something else."""


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """Write a task of your own, with comments and one tool, and a test beside it."""

    file: Annotated[Positional[Path], arg(metavar="FILE.py")]
    """The file to write, such as my_task.py."""

    def __call__(self) -> None:
        """Write both files and print what to type next."""
        check_file(self.file)
        test = test_of(self.file)
        for path, text in ((self.file, TASK), (test, TEST)):
            _write(path, text.replace(NAME, self.file.stem))
        print(f"{self.file}  a task with one tool, to be changed into your own")
        print(f"{test}  its test: pytest {quote(str(test))}")
        file = quote(str(self.file))
        print(f"next:  inwit audit {file}\n       inwit train {file}")


def test_of(file: Path) -> Path:
    """The file of a task's test."""
    return file.with_name(f"test_{file.name}")


def check_file(file: Path) -> None:
    """Refuse a file that cannot be a new task, and name one that can.

    Raises:
        InvalidOption: it is a folder or exists, has no folder, or is not named like a module.
    """
    if isdir(file):
        raise InvalidOption(f"{file} is a folder: name a file in it, {free(file / 'my_task.py')}")
    if not isdir(file.parent):
        near = free(Path(module_name(file)))
        raise InvalidOption(f"{file}: there is no folder {file.parent}: create it, or write {near}")
    if file.name != module_name(file):
        near = free(file.with_name(module_name(file)))
        wanted = "its name must be that of a new Python module, with the ending .py"
        raise InvalidOption(f"{file}: {wanted}, such as {near}")
    for path in (file, test_of(file)):
        if lexists(path):
            raise InvalidOption(f"{path} exists already: choose another name, such as {free(file)}")


def module_name(file: Path) -> str:
    """The nearest file name that is valid for a module."""
    stem = file.name[:-3] if file.name.lower().endswith(".py") else file.name
    stem = re.sub(r"\W+", "_", stem).strip("_") or "my_task"
    if stem[0].isdecimal() or not stem.isidentifier():
        stem = f"task_{stem}"
    reserved = {*sys.stdlib_module_names, *USED}
    if keyword.iskeyword(stem) or keyword.issoftkeyword(stem) or stem in reserved:
        stem = f"{stem}_task"
    return f"{stem}.py"


def free(file: Path) -> Path:
    """The file, or one named like it, that does not exist yet and has no test."""
    names = (f"{file.stem}_{number}.py" for number in count(2))
    while lexists(file) or lexists(test_of(file)):
        file = file.with_name(next(names))
    return file


def _write(path: Path, text: str) -> None:
    """Write a new file; one that has appeared in the meantime is not overwritten.

    Raises:
        InvalidOption: it cannot be written.
    """
    try:
        with path.open("x", encoding="utf8") as file:
            file.write(text)
    except OSError as error:
        raise InvalidOption(f"{path} cannot be written: {error.strerror}") from error
