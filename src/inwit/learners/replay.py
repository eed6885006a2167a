"""Replay of solved attempts: keep the key sequences that were found right, and make them likelier.

Memory-augmented policy optimisation (Liang et al. 2018, arXiv:1807.02322) keeps found programs,
self-imitation (Oh et al. 2018, arXiv:1806.05635) learns from one's own good episodes; the
objective here is the marginal likelihood of all programs found for a problem. What is simpler: no
importance weights and no value threshold, since a reward is right or wrong.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.learners.base import Learner, Metrics
from inwit.trajectory import Outputs, Trajectory, fingerprint, join


@dataclass(frozen=True, kw_only=True)
class Replay(Learner):
    """Marginal likelihood of the solved attempts that are kept."""

    name: ClassVar[str] = "replay"

    def loss(self, trajectory: Trajectory, outputs: Outputs) -> tuple[Float[Tensor, ""], Metrics]:
        """The scalar to minimise, over solved attempts alone.

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


class Found:
    """The solved attempts that are kept: of every level the latest, no program twice a problem."""

    def __init__(self, capacity: int = 2048) -> None:
        """Keep at most `capacity` attempts of each level."""
        self.capacity = capacity
        self.solved: Trajectory | None = None

    def __len__(self) -> int:
        return 0 if self.solved is None else len(self.solved.problem)

    def add(self, trajectory: Trajectory) -> None:
        """Keep the programs that are right, and forget those that now turned out wrong.

        A program is known by what the agent saw and pressed. One that was right by luck, for the
        operands of one problem, fails on the next problem that looks the same.
        """
        known = trajectory if self.solved is None else join([self.solved, trajectory])
        rows = _newest_of_each(known)
        rows = rows[known.right[rows]]
        level = known.level[rows]
        latest = [rows[level == one][-self.capacity :] for one in level.unique()]
        self.solved = known.select(torch.cat([rows[:0], *latest]).sort().values)

    def sample(self, attempts: int, generator: torch.Generator) -> Trajectory | None:
        """Attempts with every other program kept for their problems, all levels alike.

        Args:
            attempts: how many are drawn, with replacement.
            generator: draws them, on the CPU.

        Returns:
            None where nothing is kept.
        """
        if self.solved is None or not len(self):
            return None
        _, group, count = self.solved.level.unique(return_inverse=True, return_counts=True)
        weight = (1 / count[group]).cpu()
        drawn = torch.multinomial(weight, attempts, replacement=True, generator=generator)
        problem = self.solved.problem
        chosen = problem[drawn.to(problem.device)].unique()
        return self.solved.select(torch.isin(problem, chosen).nonzero()[:, 0])

    def programs(
        self, level: Int[Tensor, " P"], generator: torch.Generator
    ) -> Int[Tensor, "T P"] | None:
        """One kept program of each level given, drawn evenly; None if one of them has none."""
        if self.solved is None:
            return None
        same = (self.solved.level[None, :] == level[:, None]).float().cpu()  # (P, kept)
        if not bool(same.any(1).all()):
            return None
        rows = torch.multinomial(same, 1, generator=generator)[:, 0]
        return self.solved.key.index_select(1, rows.to(self.solved.key.device))


def _newest_of_each(solved: Trajectory) -> Int[Tensor, " S"]:
    """Rows of the latest copy of every program of every problem, oldest first."""
    keys = torch.where(solved.pressed, solved.key, -1).T
    program = fingerprint(torch.cat([solved.problem[:, None], keys], 1))
    _, group = program.unique(return_inverse=True)
    rows = torch.arange(len(group), device=group.device)
    newest = torch.full_like(rows, -1).scatter_reduce(0, group, rows, reduce="amax")
    return newest[newest >= 0].sort().values
