"""Replay of solved episodes: keep the key sequences that were found right, and make them likelier.

Memory-augmented policy optimisation (Liang et al. 2018, arXiv:1807.02322) keeps found programs,
self-imitation (Oh et al. 2018, arXiv:1806.05635) learns from the agent's own good episodes; the
objective here is the marginal likelihood of all programs found for a problem. What is simpler: no
importance weights and no value threshold, since a reward is right or wrong.
"""

from dataclasses import dataclass
from typing import Annotated

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from inwit.learners.base import Metrics
from inwit.parts import Count, Part
from inwit.records import fingerprint
from inwit.trajectory import Outputs, Trajectory, join


@dataclass(frozen=True, kw_only=True)
class Replay(Part):
    """Marginal likelihood of the solved episodes in a buffer."""

    size: Count = 256
    """Solved episodes replayed in each gradient step."""
    capacity: Count = 2048
    """Solved episodes per level in the buffer; after a search, at least twice those found."""
    programs: Count = 4
    """Programs per problem in the buffer."""
    retries: Annotated[int, Field(ge=0, le=10**6)] = 64
    """Problems per update on which stored programs are tried, if the task's programs transfer from
    problem to problem; 0 for none."""
    until: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the updates that replay, counted from the first."""
    hindsight: Annotated[int, Field(ge=0, le=10**6)] = 0
    """Uniformly random episodes per update, relabelled with the goals that they reached; they
    replace the buffer, and the task must support it; 0 for none."""
    steps: Count = 1
    """Minimum gradient steps per update; a learner with more steps replays in each of them."""

    name = "replay"
    noun = "replay"

    def loss(self, trajectory: Trajectory, outputs: Outputs) -> tuple[Float[Tensor, ""], Metrics]:
        """The scalar to minimise, over solved episodes alone.

        L = - mean_problems log sum_programs prod_t pi(key_t | s_t)
        """
        log_prob = outputs.log_prob.masked_fill(~trajectory.pressed, 0.0).sum(0)  # (B,)
        problems, group = trajectory.problem.unique(return_inverse=True)
        likelihood = log_sum_exp_by(group, log_prob, len(problems))
        loss = -likelihood.mean()
        return loss, {"loss/replay": loss.detach()}


def log_sum_exp_by(
    group: Int[Tensor, " B"], values: Float[Tensor, " B"], groups: int
) -> Float[Tensor, " groups"]:
    """Log of the sum of exp(values) within each group; every group has a member."""
    with torch.no_grad():
        largest = values.new_full((groups,), -torch.inf)
        largest = largest.scatter_reduce(0, group, values, reduce="amax")
    shares = (values - largest[group]).exp()
    return values.new_zeros(groups).scatter_add(0, group, shares).log() + largest


class ReplayBuffer:
    """The latest solved episodes of every level and every problem."""

    def __init__(self, replay: Replay, *, programs_transfer: bool = False) -> None:
        """Start empty.

        Args:
            replay: its sizes.
            programs_transfer: a program that is right in general is so for all problems of a level.
        """
        self.replay, self.programs_transfer = replay, programs_transfer
        self.capacity = replay.capacity
        self.solved: Trajectory | None = None

    def __len__(self) -> int:
        return 0 if self.solved is None else len(self.solved.problem)

    def add(self, trajectory: Trajectory) -> None:
        """Store the programs that are right, and drop those that have now failed.

        A program that was right by coincidence is dropped when it fails on an equivalent problem:
        one that looks the same, or, where programs transfer, any other of the level.
        """
        known = trajectory if self.solved is None else join([self.solved, trajectory])
        keys = torch.where(known.pressed, known.key, -1).T
        alike = known.level if self.programs_transfer else known.problem
        program = fingerprint(torch.cat([alike[:, None], keys], 1))
        failed = program[-len(trajectory.right) :][~trajectory.right]
        rows = torch.arange(len(program), device=program.device).flip(0)  # the latest first
        rows = rows[_place_within(fingerprint(torch.stack([program, known.problem], 1))[rows]) == 0]
        rows = rows[known.right[rows] & ~torch.isin(program[rows], failed)]
        rows = rows[_place_within(known.problem[rows]) < self.replay.programs]
        rows = rows[_place_within(known.level[rows]) < self.capacity]
        self.solved = known.select(rows.flip(0))

    def sample(self, generator: torch.Generator) -> Trajectory | None:
        """Random problems, equally many of every level, each with all programs kept for it.

        Args:
            generator: draws the problems, on the CPU.

        Returns:
            At most `Replay.size` episodes, but always all of one problem; None where
            nothing is kept.
        """
        if self.solved is None or not len(self):
            return None
        problem, level = self.solved.problem.cpu(), self.solved.level.cpu()
        _, group, size = problem.unique(return_inverse=True, return_counts=True)
        _, which, count = level.unique(return_inverse=True, return_counts=True)
        # Exponential clocks that run faster where a level has few: the first to ring are drawn.
        clock = torch.rand(len(size), generator=generator).log().neg()[group] * count[which]
        order = clock.argsort(stable=True)
        _, sizes = group[order].unique_consecutive(return_counts=True)
        ends = sizes.cumsum(0)
        end = max([ends[0], *ends[ends <= self.replay.size][-1:]])
        return self.solved.select(order[:end].to(self.solved.problem.device)).trimmed()

    def programs(
        self, level: Int[Tensor, " P"], generator: torch.Generator
    ) -> Int[Tensor, "T P"] | None:
        """One kept program of each level given, or None if one of them has none.

        Drawn uniformly from the distinct programs, however many problems each has solved: one
        that is right by coincidence solves many problems early on.
        """
        if self.solved is None:
            return None
        keys = torch.where(self.solved.pressed, self.solved.key, -1).T
        program = fingerprint(torch.cat([self.solved.level[:, None], keys], 1))
        distinct = (_place_within(program) == 0).nonzero()[:, 0]
        same = self.solved.level[distinct][None, :] == level[:, None]  # (P, distinct)
        if not bool(same.any(1).all()):
            return None
        drawn = torch.multinomial(same.float().cpu(), 1, generator=generator)[:, 0]
        return self.solved.key.index_select(1, distinct[drawn.to(distinct.device)])


def _place_within(group: Int[Tensor, " B"]) -> Int[Tensor, " B"]:
    """How many rows of the same group come before each row."""
    order = group.argsort(stable=True)
    _, size = group[order].unique_consecutive(return_counts=True)
    first = (size.cumsum(0) - size).repeat_interleave(size)
    place = torch.arange(len(group), device=group.device) - first
    return torch.empty_like(place).scatter(0, order, place)
