"""A right program for each problem: its own, or what a search finds for problems of its form.

The author of a task need not know any programs.
"""

from functools import cached_property

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.environment import Environment
from inwit.tasks import Problems, Task
from inwit.tasks.problems import padded
from inwit.tokens import PADDING
from inwit.training.discoveries import forms_of
from inwit.training.program_search import ProgramSearch, uncached
from inwit.training.walk import Program

PRESSES, SECONDS = 4_000_000, 60.0
"""What the search may take; as much as the one that infers the limits of a task."""


class KnownPrograms:
    """The programs of a task; searched once, when a problem without one is met."""

    def __init__(self, task: Task) -> None:
        """Nothing is searched yet."""
        self.task = task

    def of(self, problems: Problems) -> Int[Tensor, "P K"]:
        """The keys of a program for each problem; only padding where none is known."""
        padding = self.task.rules.vocabulary[PADDING]
        stated = problems.oracle
        missing = (stated == padding).all(1)
        if not bool(missing.any()):
            return stated
        rows = stated.tolist()
        forms = forms_of(self.task, problems).tolist()
        for row in missing.nonzero()[:, 0].tolist():
            rows[row] = [*self._found.get(forms[row], ()), padding]
        return padded(rows, padding)

    @cached_property
    def _found(self) -> dict[int, Program]:
        """A program for each form that has one."""
        if uncached(self.task):
            return {}
        search = ProgramSearch(Environment(self.task), torch.Generator().manual_seed(0))
        for _ in search.run(PRESSES, seconds=SECONDS):
            pass
        solved = [form for form in search.forms if form.programs]
        return {
            int(forms_of(self.task, form.problems.part(slice(1)))[0]): form.programs[0]
            for form in solved
        }
