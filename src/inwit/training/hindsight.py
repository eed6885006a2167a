"""Hindsight: random episodes are learnt from as if what they reached had been asked.

An episode that reaches another value than the one asked for is right for another problem, if the
task can say which (`Task.hindsight`): Andrychowicz et al. 2017, arXiv:1707.01495. Making its keys
likelier at that problem is goal-conditioned supervised learning (Ghosh et al. 2021,
arXiv:1912.06088). What is simpler: the episodes are uniformly random and not the agent's own, so no
network plays them, and none is stored. An agent that learns from its own alone comes to press few
programs, whatever is asked. One program of each problem is kept: many programs mean the same, and
what is easy to reach would drown the rest.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.environment import Environment
from inwit.machine.machine import Machine
from inwit.policies import Scripted
from inwit.records import distinct
from inwit.tasks import Problems, Task
from inwit.tokens import PADDING
from inwit.training.rollout import draw, rollout
from inwit.trajectory import Trajectory


@dataclass(frozen=True, kw_only=True)
class Relabelled:
    """Problems with a program that solves each, as random episodes found them."""

    problems: Problems
    """On the CPU, all different."""
    keys: Int[Tensor, "T P"]
    """The keys pressed."""

    def draw(self, size: int, generator: torch.Generator) -> "Relabelled":
        """At most `size` of them, at random."""
        rows = torch.randperm(len(self.problems), generator=generator)[:size]
        keys = self.keys[:, rows.to(self.keys.device)]
        return Relabelled(problems=self.problems.select(rows), keys=keys)

    @torch.no_grad()
    def episodes(self, environment: Environment) -> Trajectory | None:
        """What is seen and pressed there; the verdict is the environment's. None if none is right.

        Args:
            environment: where; its state is overwritten.
        """
        made, _ = rollout(Scripted(self.keys), environment, self.problems)
        right = made.right.nonzero()[:, 0]
        return made.select(right).trimmed() if len(right) else None


@torch.no_grad()
def relabel(
    environment: Environment, problems: Problems, generator: torch.Generator
) -> Relabelled | None:
    """The problems that random episodes solve by accident; of the programs of one the shortest.

    Args:
        environment: where; its state is overwritten.
        problems: where the episodes begin; what they ask does not matter.
        generator: draws the keys, on the CPU.

    Returns:
        None where there is none.
    """
    task = environment.task
    keys, answer = play_randomly(task, environment.machine, problems, generator)
    rows, asked = task.hindsight(problems, answer)
    if not len(rows):
        return None
    keys = keys[:, rows.to(keys.device)]
    first = _first_programs(task.identity(asked), keys.cpu(), environment.padding)
    return Relabelled(problems=asked.select(first), keys=keys[:, first.to(keys.device)])


def play_randomly(
    task: Task, machine: Machine, problems: Problems, generator: torch.Generator
) -> tuple[Int[Tensor, "T B"], Float[Tensor, " B"]]:
    """Uniformly random legal presses at addressed problems; nothing is observed.

    Returns:
        The keys, padded after the end, and what was answered on the CPU; NaN where nothing was.
    """
    operands = problems.operands.to(machine.device)
    state = machine.reset(operands, depth=task.max_depth(problems))
    keys, padding = [], machine.vocabulary[PADDING]
    for _ in range(task.max_presses(problems)):
        noise = torch.rand(len(problems), generator=generator).to(machine.device)
        over = state.answered | ~state.legal.any(1)
        key = draw(machine.members(state.legal).float(), noise).masked_fill(over, padding)
        state = machine.press(state, key)
        keys.append(key)
    answer = state.frame.accumulator.masked_fill(~state.answered, torch.nan)
    return torch.stack(keys), answer.cpu()


def _first_programs(
    problem: Int[Tensor, " B"], keys: Int[Tensor, "T B"], padding: int
) -> Int[Tensor, " P"]:
    """One row of each problem: that of the shortest program, of several the first by its keys."""
    order = torch.arange(len(problem))
    for key in keys.flip(0):  # by the last key first: a stable sort keeps what was sorted
        order = order[key[order].argsort(stable=True)]
    order = order[(keys != padding).sum(0)[order].argsort(stable=True)]
    first = order[distinct(problem[order])[0]]
    return first[problem[first].argsort()]
