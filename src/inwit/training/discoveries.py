"""Who found the first right program of a form: a search, random presses, hindsight or the policy.

A form is a prompt where one program can serve all of its problems; elsewhere a whole level counts
as one. Training continues with what was found; this record changes nothing in it.
"""

from collections import defaultdict
from collections.abc import Mapping

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.records import fingerprint
from inwit.tasks import FunctionTask, Problems, Task

SEARCH, RANDOM, HINDSIGHT, POLICY = "search", "random", "hindsight", "policy"
NAMES = {
    SEARCH: "the search",
    RANDOM: "random presses",
    HINDSIGHT: "hindsight",
    POLICY: "the policy",
}


def forms_of(task: Task, problems: Problems) -> Int[Tensor, " P"]:
    """A number for the form of each problem; those of a form share their programs.

    Args:
        task: the task of the problems.
        problems: with as many places for operands as all batches that they are compared with.
    """
    alike = problems.level if task.programs_transfer else problems.identity
    return fingerprint(torch.cat([alike[:, None], ~problems.operands.isnan()], 1))


class Discoveries:
    """What was found so far, in the order of its finding."""

    def __init__(self, task: Task) -> None:
        """Begin with nothing."""
        self.by_form = isinstance(task, FunctionTask) and not task.reveals_operands
        self.forms = torch.empty(0, dtype=torch.long)
        self.found: dict[str, list[int]] = {}

    def add(
        self, by: str, level: Int[Tensor, " S"], problem: Int[Tensor, " S"], after: int
    ) -> None:
        """Record solved episodes; only forms that nobody has solved before count.

        Args:
            by: who solved them.
            level: of each.
            problem: of each, equal where they look the same (`Problems.identity`).
            after: presses of a search, or episodes, up to now.
        """
        form = (problem if self.by_form else level).cpu()
        new = ~torch.isin(form, self.forms)
        if not bool(new.any()):
            return
        level = level.cpu()
        for each in form[new].unique().tolist():
            key = f"{by}@{int(level[form == each][0])}"
            self.found[key] = [self.found.get(key, [0])[0] + 1, after]
        self.forms = torch.cat([self.forms, form[new].unique()])

    def restore(self, found: Mapping[str, list[int]], forms: Tensor | None) -> None:
        """Go on from what a checkpoint holds."""
        self.found = {key: list(each) for key, each in found.items()}
        self.forms = self.forms if forms is None else forms


def in_words(found: Mapping[str, list[int]]) -> dict[int, str]:
    """By level: who found how many forms, after how many presses or episodes."""
    levels = defaultdict[int, list[str]](list)
    for key, (forms, after) in found.items():
        by, _, level = key.partition("@")
        unit = "presses" if by == SEARCH else "episodes"
        many = f"{forms} forms, " if forms > 1 else ""
        levels[int(level)].append(f"{NAMES[by]} ({many}{after:,} {unit})")
    return {level: " and ".join(each) for level, each in sorted(levels.items())}
