"""Programs found by uniformly random presses: cheap where problems are few; needs no network.

First without the constants, then with them at the problems that are still unsolved: a program of
a problem's own numbers is meant rather than one that comes to the same by a constant. Of programs
that mean the same, which is that they agree on other numbers, too, the shortest is kept.
"""

from dataclasses import replace

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.environment import Environment
from inwit.policies import Scripted
from inwit.progress import steps
from inwit.records import fingerprint
from inwit.tasks import Problems, join_problems
from inwit.training.rollout import draw, rollout
from inwit.trajectory import Trajectory

BATCH = 8192
"""Episodes at once."""


@torch.no_grad()
def search(
    environment: Environment, episodes: int, generator: torch.Generator
) -> Trajectory | None:
    """The solved ones among many uniformly random episodes, equally many at every level.

    Args:
        environment: where; its state is overwritten.
        episodes: how many, rounded up to whole batches.
        generator: draws problems and keys, on the CPU.

    Returns:
        None where no episode was right.
    """
    constants, levels = environment.task.constants, environment.task.levels
    solved, found = torch.empty(0, dtype=torch.long), list[tuple[Problems, Tensor]]()
    for hidden in [constants, 0] if constants else [0]:
        batches = range(0, episodes, BATCH * (1 + bool(constants)))
        name = "search without the constants" if hidden else "search by random presses"
        for _ in steps(batches, [name] * len(batches)):
            level = torch.randint(levels[0], levels[-1] + 1, (BATCH,), generator=generator)
            problems = environment.task.sample(level, generator)
            problems = problems.select((~torch.isin(problems.identity, solved)).nonzero()[:, 0])
            found.append(_episode(environment, problems, hidden, generator))
        solved = torch.cat([problems.identity for problems, _ in found])
    problems = join_problems([part for part, _ in found], environment.padding)
    keys = torch.cat([part for _, part in found])
    if not len(problems):
        return None
    rows = _distinct(environment, problems, keys)
    given = Scripted(keys[rows].T.to(environment.device))
    return rollout(given, environment, problems.select(rows))[0].trimmed()


def _episode(
    environment: Environment, problems: Problems, hidden: int, generator: torch.Generator
) -> tuple[Problems, Int[Tensor, "S T"]]:
    """The problems that a random episode solves, and its keys; the first operands are hidden."""
    operands = problems.operands.clone()
    operands[:, :hidden] = torch.nan
    _, observation = environment.reset(replace(problems, operands=operands))
    keys = []
    for _ in range(environment.limit):
        noise = torch.rand(len(problems), generator=generator).to(environment.device)
        key = draw(observation.legal.float(), noise).where(~environment.ended, environment.padding)
        observation = environment.press(key)[0]
        keys.append(key)
    right = environment.right.nonzero()[:, 0].cpu()
    return problems.select(right), torch.stack(keys, 1).cpu()[right]


def _distinct(
    environment: Environment, problems: Problems, keys: Int[Tensor, "S T"]
) -> Int[Tensor, " R"]:
    """The rows of the shortest programs of each meaning."""
    values = problems.operands
    # Other numbers, the same ones for the same: the fractions of large multiples of a sine.
    others = 1 + 50 * (12345.678 * (values * 1.2345 + 0.5).sin()).frac().abs()
    others[:, : environment.task.constants] = values[:, : environment.task.constants]
    environment.reset(replace(problems, operands=others))
    for key in keys.T.to(environment.device):
        environment.press(key)
    mantissa, exponent = environment.state.frame.accumulator.cpu().frexp()
    meaning = [problems.identity, (mantissa * 2**30).round().long(), exponent.long()]
    alike = fingerprint(torch.stack(meaning, 1)).tolist()
    length, programs = (keys != environment.padding).sum(1).tolist(), keys.tolist()
    order = sorted(range(len(alike)), key=lambda row: (length[row], programs[row]), reverse=True)
    return torch.tensor(sorted({alike[row]: row for row in order}.values()))
