"""What Countdown's numbers reach: targets with a shortest plan, and near misses of a target."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.tasks import merges

SHIFT = 16
"""Bits for a plan of four numbers below its length."""
TRIED = 64
"""Programs of which the one that comes nearest is a near miss."""
Found = tuple[Int[Tensor, " F"], Int[Tensor, " F"], Int[Tensor, " F"]]
"""Solvable problems: the row of their numbers, their target, a plan."""


def reachable(
    numbers: Float[Tensor, "P N"], targets: range, share: float, generator: torch.Generator
) -> Found:
    """A random share of all targets that can be reached, with a shortest plan for each."""
    result = merges.results(numbers)
    row, plan = is_target(result, targets).nonzero(as_tuple=True)
    target = result[row, plan].round().long()
    cost = (merges.lengths(numbers.shape[1]) << SHIFT)[plan] + plan
    never = torch.iinfo(torch.long).max
    best = torch.full((len(numbers) * targets.stop,), never)
    best = best.scatter_reduce(0, row * targets.stop + target, cost, "amin")
    kept = torch.rand(len(best), generator=generator) < share
    place = ((best < never) & kept).nonzero()[:, 0]
    return place // targets.stop, place % targets.stop, best[place] % (1 << SHIFT)


def made(numbers: Float[Tensor, "P N"], targets: range, generator: torch.Generator) -> Found:
    """What a random plan makes of the numbers, where that is a target."""
    result, plan = merges.random_plans(numbers, generator)
    row = is_target(result, targets).nonzero()[:, 0]
    return row, result[row].round().long(), plan[row]


def near_misses(
    numbers: Float[Tensor, "P N"], target: Float[Tensor, " P"], generator: torch.Generator
) -> Int[Tensor, " P"]:
    """Of some random plans the one that comes nearest to the target without reaching it."""
    result = merges.results(numbers)
    plan = torch.randint(result.shape[1], (len(numbers), TRIED), generator=generator)
    off = (result.gather(1, plan) - target[:, None]).abs().nan_to_num(nan=torch.inf)
    off = off.masked_fill(off < merges.NEAR, torch.inf)
    return plan.gather(1, off.argmin(1)[:, None])[:, 0]


def is_target(result: Float[Tensor, "*shape"], targets: Sequence[int]) -> Bool[Tensor, "*shape"]:
    """Which results are whole numbers among the targets."""
    near = (result - result.round()).abs() < merges.NEAR
    return near & (result > targets[0] - merges.NEAR) & (result < targets[-1] + merges.NEAR)
