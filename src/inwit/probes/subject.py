"""The agent under examination, its problems, and lines about shares of right answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from inwit.auditing.exhaustive import Audit
from inwit.environment import Environment
from inwit.evaluation.scores import Score, score
from inwit.policies import Policy
from inwit.probes.card import Line, judged
from inwit.recipe import Recipe, Run
from inwit.tasks import Problems, Task, by_turns

RIGHT, FAR = 0.95, 0.9
"""The bars: at training levels and in causal tests; far beyond training."""
ONE_PROGRAM = "the audit: one program does for all, where illegal keys are skipped"


def draw(
    task: Task, levels: Sequence[int], count: int, seed: int, *, held_out: bool = True
) -> Problems:
    """`count` problems, the levels in turn; the same seed draws the same problems."""
    generator = torch.Generator().manual_seed(seed)
    return task.sample(by_turns(levels, count), generator, held_out=held_out)


def pick(allowed: Bool[Tensor, "B N"], generator: torch.Generator) -> Int[Tensor, " B"]:
    """A random allowed column of every row; any column if none is allowed."""
    weight = allowed.double() + (~allowed.any(1, keepdim=True)).double()
    return torch.multinomial(weight, 1, generator=generator)[:, 0]


def untrained(recipe: Recipe, environment: Environment) -> Policy:
    """A control: a network of the same kind, with other weights than training began with."""
    return reseeded(recipe).network(environment)


def reseeded(recipe: Run) -> Run:
    """A recipe with another seed, for controls."""
    return recipe.but(seed=(recipe.seed + 1) % 2**63)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An agent under examination, with its problems."""

    recipe: Recipe
    """The recipe of its training."""
    policy: Policy
    """The network."""
    environment: Environment
    """The task's environment."""
    audit: Audit
    """What the task needs, by its audit."""
    count: int
    """Problems of a level."""
    seed: int
    """Fixes all randomness."""

    @property
    def task(self) -> Task:
        """The task."""
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
        """The levels among which plans differ: all if the level is shown, otherwise the hardest."""
        return list(self.task.levels) if self.task.shows_level else [self.hardest]

    @cached_property
    def problems(self) -> Problems:
        """The hardest held-out problems."""
        return draw(self.task, [self.hardest], self.count, self.seed)

    @cached_property
    def intact(self) -> Score:
        """How many of these are answered correctly."""
        return self.score(self.policy)

    def score(self, policy: Policy, problems: Problems | None = None) -> Score:
        """The accuracy of a policy, by default on the hardest problems."""
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

        It passes if the interval's lower end reaches `least`, or if `holds`, which `needs` says in
        words; with neither it is only stated. A bar is missed if nothing could be counted, and if
        so little was counted that a share above it does not show it.
        """
        if least is not None:
            needs = f"lower end at least {least:.0%}"
            holds = bool(found.count) and found.interval[0] >= least
            if found.count and not holds and found.accuracy >= least:
                fails_if = f"{found.count} are too few to show {least:.0%}: ask for more"
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
