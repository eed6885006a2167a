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
from inwit.machine.machine import State
from inwit.policies import Policy, Scripted, SelfMasked, UniformRandom
from inwit.records import distinct
from inwit.tasks import Problems, Task
from inwit.tasks.problems import without_gaps
from inwit.training.rollout import begin, draw, fill, rollout
from inwit.trajectory import Trajectory, join

LONG, USUAL = 1.5, 0.9
"""Programs so many times as long as the length that most do not exceed are played apart."""


@dataclass(frozen=True, kw_only=True)
class Relabelled:
    """Problems with a program that solves each, as random episodes found them."""

    problems: Problems
    """On the CPU, all different."""
    keys: Int[Tensor, "T P"]
    """The keys pressed."""

    def draw(self, size: int, generator: torch.Generator, task: Task) -> "Relabelled":
        """At most `size` of them, at random, some after a try that fails if the task has several.

        Args:
            size: how many at most.
            generator: draws on the CPU.
            task: knows what fails.
        """
        rows = torch.randperm(len(self.problems), generator=generator)[:size]
        problems, keys = self.problems.select(rows), self.keys[:, rows.to(self.keys.device)]
        keys = task.after_failed_tries(problems, keys, generator)
        return Relabelled(problems=problems, keys=keys)

    @torch.no_grad()
    def episodes(self, environment: Environment) -> Trajectory | None:
        """What is seen and pressed there; the verdict is the environment's. None if none is right.

        Args:
            environment: where; its state is overwritten.
        """
        length, parts = (self.keys != environment.padding).sum(0), list[Trajectory]()
        apart = _by_length(length)
        for rows in apart:
            policy = Scripted(self.keys[:, rows])
            start = begin(policy, environment, self.problems.select(rows.cpu()))
            parts.append(fill(policy, environment, start, int(length[rows].max()))[0])
        made = join(parts).select(torch.cat(apart).argsort())
        right = made.right.nonzero()[:, 0]
        return made.select(right).trimmed() if len(right) else None


@dataclass(frozen=True, kw_only=True)
class Played:
    """Random episodes, on the CPU but for their record."""

    keys: Int[Tensor, "T B"]
    """What was pressed and meant something, padded after the end."""
    answer: Float[Tensor, " B"]
    """What was answered; NaN where nothing was."""
    trajectory: Trajectory | None
    """Their record, where it teaches what keys mean: where the legal ones are not given."""


@torch.no_grad()
def play_randomly(
    policy: Policy, environment: Environment, problems: Problems, generator: torch.Generator
) -> Played:
    """Random episodes at addressed problems, with all keys that may mean something alike.

    Where the legal keys are given, those are pressed, and nothing is observed; the task may draw
    whole programs instead (`Task.random_programs`). Where they are not given, a second head says
    what may mean something; without one, any key is pressed.

    Args:
        policy: knows what keys may mean something, where the legal ones are not given.
        environment: where; its state is overwritten.
        problems: where the episodes begin; what they ask does not matter.
        generator: draws the keys, on the CPU.
    """
    drawn = environment.task.random_programs(problems, generator) if environment.masks else None
    if drawn is not None:
        return Played(keys=drawn[0], answer=drawn[1], trajectory=None)
    trajectory = None
    if environment.masks:
        state, keys = _press_legal_keys(environment, problems, generator)
    else:
        player = policy.indifferent() if isinstance(policy, SelfMasked) else UniformRandom()
        trajectory, _ = rollout(player, environment, problems, generator)
        state, padding = environment.state, environment.padding
        keys = trajectory.key.where(trajectory.pressed & trajectory.meant, padding)
        keys = without_gaps(keys, padding)
    given = state.answered & environment.machine.accepts(state)
    answer = state.frame.accumulator.masked_fill(~given, torch.nan)
    return Played(keys=keys.cpu(), answer=answer.cpu(), trajectory=trajectory)


def relabel(environment: Environment, problems: Problems, played: Played) -> Relabelled | None:
    """The problems that random episodes solve by accident; of the programs of one the shortest.

    Args:
        environment: where they were played.
        problems: where they began.
        played: the episodes.

    Returns:
        None where there is none.
    """
    task = environment.task
    asked, keys = task.hindsight(problems, played.keys, played.answer)
    if not len(asked):
        return None
    first = _first_programs(task.identity(asked), keys, environment.padding)
    return Relabelled(problems=asked.select(first), keys=keys[:, first].to(environment.device))


def _press_legal_keys(
    environment: Environment, problems: Problems, generator: torch.Generator
) -> tuple[State, Int[Tensor, "T B"]]:
    """Uniformly random legal presses: the last state, and the keys."""
    task, machine = environment.task, environment.machine
    operands = problems.operands.to(machine.device)
    state = machine.reset(operands, depth=task.max_depth(problems))
    keys = []
    for _ in range(task.max_presses(problems)):
        noise = torch.rand(len(problems), generator=generator).to(machine.device)
        over = state.answered | ~state.legal.any(1)
        key = draw(machine.members(state.legal).float(), noise).masked_fill(
            over, environment.padding
        )
        state = machine.press(state, key)
        keys.append(key)
    return state, torch.stack(keys)


def _by_length(length: Int[Tensor, " B"]) -> list[Int[Tensor, " _"]]:
    """The rows of usual programs, and of a few that are much longer."""
    long = length > LONG * length.double().quantile(USUAL)
    return [rows.nonzero()[:, 0] for rows in (~long, long) if bool(rows.any())]


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
