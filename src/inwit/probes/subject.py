"""Who is examined, on what, and how a share of right answers becomes a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from inwit.auditing.exhaustive import Audit
from inwit.environment import Environment
from inwit.evaluation.scores import Score, score
from inwit.policies import Policy
from inwit.probes.card import Line, judged
from inwit.recipe import Recipe
from inwit.tasks import Problems, Task, by_turns

RIGHT, FAR = 0.95, 0.9
"""The bars: at levels that were trained on and in causal tests; far from them."""
ONE_PROGRAM = "the audit: one program does for all, where illegal keys are skipped"


def draw(
    task: Task, levels: Sequence[int], count: int, seed: int, *, held_out: bool = True
) -> Problems:
    """`count` problems, the levels by turns; the same seed draws the same problems."""
    generator = torch.Generator().manual_seed(seed)
    return task.sample(by_turns(levels, count), generator, held_out=held_out)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An agent, and what it is examined on."""

    recipe: Recipe
    """What it was trained with."""
    policy: Policy
    """The network."""
    environment: Environment
    """Where it presses."""
    audit: Audit
    """What the task asks for."""
    count: int
    """Problems of a level."""
    seed: int
    """Fixes all that is drawn."""

    @property
    def task(self) -> Task:
        """What it was trained on."""
        return self.environment.task

    @property
    def stream(self) -> bool:
        """The task has no prompt: problems are read symbol by symbol."""
        return self.task.rules.stream

    @property
    def hardest(self) -> int:
        """The hardest level that was trained on."""
        return self.task.levels[-1]

    @property
    def must_read(self) -> bool:
        """The task has a prompt, and no single program does for all problems."""
        return not self.stream and (self.audit.single.share.value < 1 or not self.environment.masks)

    @property
    def levels(self) -> list[int]:
        """The levels among which plans differ: all where the level is shown, or the hardest."""
        return list(self.task.levels) if self.task.shows_level else [self.hardest]

    @cached_property
    def problems(self) -> Problems:
        """The hardest held-out problems."""
        return draw(self.task, [self.hardest], self.count, self.seed)

    @cached_property
    def intact(self) -> Score:
        """How many of these are answered rightly."""
        return self.score(self.policy)

    def score(self, policy: Policy, problems: Problems | None = None) -> Score:
        """How a policy does, on the hardest problems if none are given."""
        return score(policy, self.environment, self.problems if problems is None else problems)

    def generator(self) -> torch.Generator:
        """A source of randomness for one line."""
        return torch.Generator().manual_seed(self.seed)

    def line(
        self,
        part: str,
        name: str,
        found: Score,
        fails_if: str = "",
        *,
        least: float | None = None,
        holds: bool | None = None,
        needs: str = "",
        beside: Mapping[str, float] | None = None,
        note: str = "",
    ) -> Line:
        """A line about a share, with its Wilson interval.

        It passes where the interval's lower end reaches `least`, or where `holds`, which `needs`
        says in words; with neither it is stated. A bar is missed where nothing could be counted.
        """
        if least is not None:
            needs = f"lower end at least {least:.0%}"
            holds = bool(found.count) and found.interval[0] >= least
        return Line(
            part=part,
            name=name,
            verdict=judged(holds),
            figure=found.accuracy if found.count else None,
            interval=found.interval if found.count else None,
            method="Wilson",
            needs=needs,
            fails_if="" if holds is None else fails_if,
            count=found.count,
            seed=self.seed,
            beside=beside or {},
            note=note,
        )
