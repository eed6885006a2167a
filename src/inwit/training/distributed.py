"""The processes of one run: each makes a part of the episodes, all make the same step.

`torchrun --nproc-per-node 2 -m inwit train stages` starts them. Every process draws all
problems and all noise and episodes its part; gradients are averaged, weighted by presses. What is
learnt is what one process would have learnt, to rounding. PyTorch's own engine carries the tensors:
gloo between CPUs, NCCL between GPUs.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.distributed as engine
from torch import Tensor

from inwit.environment import Environment
from inwit.errors import InvalidOption
from inwit.learners import Metrics
from inwit.policies import Policy
from inwit.recipe import Recipe
from inwit.records import flatten, unflatten
from inwit.training.batch import Batch, Selection
from inwit.training.compiled import CompiledUpdate
from inwit.training.metrics import Summary
from inwit.training.update import EagerUpdate, Episodes, Update
from inwit.trajectory import Outputs, Trajectory, join


@dataclass(frozen=True)
class Ranks:
    """Which of how many processes this one is."""

    rank: int = 0
    """From 0; the first writes the run folder."""
    size: int = 1
    """How many there are."""

    @property
    def first(self) -> bool:
        """Whether this one writes."""
        return self.rank == 0

    def part(self, count: int, together: int = 1) -> slice:
        """The episodes of this process.

        Args:
            count: how many episodes all make.
            together: this many neighbouring episodes are played by one process.

        Raises:
            InvalidOption: they cannot be shared evenly.
        """
        if count % (self.size * together):
            raise InvalidOption(
                f"{count} episodes an update for {self.size} processes: "
                f"give --batch a multiple of {self.size * together}"
            )
        share = count // self.size
        return slice(share * self.rank, share * (self.rank + 1))

    def gather(self, trajectory: Trajectory, outputs: Outputs) -> tuple[Trajectory, Outputs]:
        """The episodes of all processes in order, without gradient."""
        if self.size == 1:
            return trajectory, outputs
        tensors = flatten(trajectory, "trajectory") | flatten(outputs, "outputs")
        everyone = _all_gather({name: each.detach() for name, each in tensors.items()}, self.size)
        whole = join([unflatten(Trajectory, each, "trajectory") for each in everyone])
        columns = {
            name: torch.cat([each[f"outputs.{name}"] for each in everyone], 1)
            for name in ("log_prob", "entropy", "value")
        }
        return whole, Outputs(**columns)

    def total(self, counts: Tensor) -> Tensor:
        """The sum over all processes."""
        if self.size > 1:
            engine.all_reduce(counts)
        return counts

    def average(self, tensors: Sequence[Tensor], weight: Tensor) -> None:
        """Put in the place of each tensor its mean over all processes.

        Args:
            tensors: float, of the same shapes everywhere.
            weight: how much this process counts, a scalar.
        """
        given = weight.to(tensors[0]).flatten()
        flat = torch.cat([*(each.flatten() * given for each in tensors), given])
        engine.all_reduce(flat)
        sums, total = flat[:-1], flat[-1]
        parts = (sums / total).split([each.numel() for each in tensors])
        for each, mean in zip(tensors, parts, strict=True):
            each.copy_(mean.view_as(each))


class SharedUpdate:
    """An update whose episodes are shared among the processes of a run."""

    def __init__(
        self,
        mine: Update,
        ranks: Ranks,
        *,
        parameters: Sequence[Tensor],
        together: int,
        summary: Summary,
    ) -> None:
        """Wrap the update of this process.

        Args:
            mine: the update of this process's part of the episodes.
            ranks: which of how many processes this is.
            parameters: what is trained.
            together: this many neighbouring episodes are played by one process.
            summary: turns episodes into metrics.
        """
        self.mine, self.ranks, self.summary = mine, ranks, summary
        self.parameters, self.together = parameters, together

    def collect(self, batch: Batch) -> Episodes:
        """The episodes of all processes; this one plays its part of them.

        Raises:
            InvalidOption: the episodes cannot be shared evenly.
        """
        part = self.ranks.part(len(batch.problems), self.together)
        played = self.mine.collect(batch.part(part))
        self.presses = played.trajectory.pressed.sum()
        trajectory, outputs = self.ranks.gather(played.trajectory, played.outputs)
        faults = self.ranks.total(played.metrics["faults/"])
        metrics = self.summary.of(trajectory, outputs, faults)
        return Episodes(trajectory=trajectory, outputs=outputs, metrics=metrics)

    def descend(self, step: int, rows: Selection = None) -> tuple[Tensor, Metrics]:
        """The gradient over the episodes of all processes, weighted by presses."""
        assert rows is None  # `update_of` refuses minibatches
        loss, metrics = self.mine.descend(step)
        gradients = [each.grad for each in self.parameters if each.grad is not None]
        self.ranks.average([*gradients, loss, *metrics.values()], self.presses)
        return loss, metrics


def update_of(
    recipe: Recipe, policy: Policy, environment: Environment, *, ranks: Ranks, summary: Summary
) -> Update:
    """The update that a recipe asks for: operation by operation or compiled, alone or shared.

    Raises:
        InvalidOption: the learner's steps cannot be made so.
    """
    if ranks.size > 1 and recipe.learner and recipe.learner.minibatches > 1:
        given = f"--learner.minibatches {recipe.learner.minibatches}"
        raise InvalidOption(f"{given}: several processes make their steps together; give 1")
    kind = CompiledUpdate if recipe.compile else EagerUpdate
    mine = kind(policy, environment, learner=recipe.learner, summary=summary)
    if ranks.size == 1:
        return mine
    return SharedUpdate(
        mine,
        ranks,
        parameters=[*policy.parameters()],
        together=recipe.learner.group_size if recipe.learner else 1,
        summary=summary,
    )


def join_ranks(device: torch.device) -> Ranks:
    """Meet the other processes that `torchrun` has started; alone where it has not.

    Raises:
        InvalidOption: its variables are not numbers.
    """
    rank, size = _rank_and_size()
    if size > 1 and not engine.is_initialized():
        engine.init_process_group("nccl" if device.type == "cuda" else "gloo")
    return Ranks(rank, size)


def started_together() -> int:
    """How many processes `torchrun` has started; 1 where it has not.

    Raises:
        InvalidOption: its variables are not numbers.
    """
    return _rank_and_size()[1]


def _rank_and_size() -> tuple[int, int]:
    """Which process this is, and of how many."""
    given = [os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")]
    if not all(each.isdecimal() for each in given):
        raise InvalidOption(f"RANK={given[0]}, WORLD_SIZE={given[1]}: torchrun sets whole numbers")
    rank, size = map(int, given)
    return rank, size


def is_first() -> bool:
    """Whether this process is the one that writes and tells; so is one that is alone."""
    return os.environ.get("RANK", "0") == "0"


def lost_others(error: Exception) -> bool:
    """Whether an error says that another process of the run is gone."""
    return any(word in str(error).lower() for word in ("gloo", "nccl", "connection"))


def _all_gather(tensors: Mapping[str, Tensor], size: int) -> list[dict[str, Tensor]]:
    """The tensors of every process, as bytes in one transfer."""
    packed = torch.cat([each.contiguous().view(-1).view(torch.uint8) for each in tensors.values()])
    received = [torch.empty_like(packed) for _ in range(size)]
    engine.all_gather(received, packed)
    everyone = []
    for sent in received:
        parts = sent.split([each.numel() * each.element_size() for each in tensors.values()])
        everyone.append(
            {
                name: part.clone().view(each.dtype).view(each.shape)
                for (name, each), part in zip(tensors.items(), parts, strict=True)
            }
        )
    return everyone
