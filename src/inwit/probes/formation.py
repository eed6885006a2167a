"""Formation: do the score, a plan that can be read and a plan that can be edited come together?

The networks that a run kept on the way are examined one after another, on the same problems. The
two measures of the plan are those of the certificate: the probe's gain over the best control, and
the targeted edit's gain over a random direction. Nothing is judged.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import torch

from inwit.environment import Environment
from inwit.evaluation.scores import Score, score
from inwit.policies import Policy
from inwit.probes.linear import decode
from inwit.probes.subject import draw, untrained
from inwit.probes.targeted import OTHERS, TRIALS, edit
from inwit.recipe import Recipe
from inwit.tabular import Sheet, Tabular

HEADINGS = ("update", "right", "plan read", "edit", "random", "trials")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A run after some updates."""

    update: int
    """How many."""
    right: Score
    """Held-out problems of the hardest level."""
    read: float
    """Keys 1 to 8 presses ahead read off the state, less the best control."""
    edited: float | None
    """Named plans executed after an edit of the first operand; None where nothing can be edited."""
    random: float | None
    """The same with a random direction."""
    trials: int
    """Of the edit."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Formation(Tabular):
    """How a plan forms in the course of a run."""

    stages: tuple[Stage, ...]
    """In the order of the updates."""

    @property
    def headline(self) -> str:
        """From where to where."""
        first, last = self.stages[0], self.stages[-1]
        return f"updates {first.update} to {last.update}: {last.right.percent} right at the end"

    def sheets(self) -> list[Sheet]:
        """A row for every stage."""
        rows = [
            (
                str(each.update),
                each.right.percent,
                f"{each.read:+.1%}",
                "-" if each.edited is None else f"{each.edited:.1%}",
                "-" if each.random is None else f"{each.random:.1%}",
                str(each.trials),
            )
            for each in self.stages
        ]
        return [Sheet(headings=HEADINGS, rows=tuple(rows), left=())]

    def rows(self) -> list[dict[str, object]]:
        """A row for every stage."""
        return [asdict(each) | {"right": each.right.accuracy} for each in self.stages]


def formation(
    recipe: Recipe,
    environment: Environment,
    networks: Iterable[tuple[int, Policy]],
    *,
    problems: int = 300,
    seed: int = 0,
) -> Formation:
    """Examine a run's networks one after another.

    Args:
        recipe: what they were trained with; the untrained control is made from it.
        environment: where they press.
        networks: updates and networks.
        problems: how many of the hardest level.
        seed: fixes all that is drawn.
    """
    return Formation(
        stages=tuple(
            _stage(recipe, environment, update, network, problems=problems, seed=seed)
            for update, network in networks
        )
    )


@torch.no_grad()
def _stage(
    recipe: Recipe,
    environment: Environment,
    update: int,
    policy: Policy,
    *,
    problems: int,
    seed: int,
) -> Stage:
    """One network."""
    task, levels = environment.task, environment.task.levels[-1:]
    asked = draw(task, levels, problems, seed)
    others = draw(task, levels, OTHERS * problems, seed + 1, held_out=False)
    known = others.part(slice(0, 2 * problems))
    control = untrained(recipe, environment)
    generator = torch.Generator().manual_seed(seed)
    decoded = decode(policy, control, environment, known, asked, generator)
    found = edit(policy, environment, others, asked, generator)
    count = found.edited.count if found else 0
    measured = found if found and count >= TRIALS else None
    return Stage(
        update=update,
        right=score(policy, environment, asked),
        read=decoded[0].selectivity,
        edited=measured.edited.accuracy if measured else None,
        random=measured.random.accuracy if measured else None,
        trials=count,
    )
