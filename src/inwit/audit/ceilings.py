"""What the best programs of one level reach: with every key, and without memory or a tool."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from inwit.audit.base import Share
from inwit.audit.draws import Draw, agrees
from inwit.audit.search import Names, Programs, explore, take
from inwit.environment import Environment
from inwit.tasks import Task
from inwit.tokens import RECALL, STORE

PROBES = 512
"""Problems by which values are told apart in a search."""
COLUMNS = 256
"""Problems to which the answers of all programs are worked out at once."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """The programs for some looks for which the same keys are legal."""

    looks: Int[Tensor, " s"]
    """Which looks of the draw."""
    programs: Programs
    """The programs."""
    hits: Float[Tensor, "n s 2"]
    """How often each program is right, on one half of the problems and on the other."""
    sizes: Float[Tensor, "s 2"]
    """How many problems the halves have."""


class Searcher:
    """Looks for programs on the problems of one level."""

    def __init__(
        self,
        draw: Draw,
        given: Int[Tensor, "g K"],
        budget: int,
        generator: torch.Generator,
        *,
        more: int = 0,
    ) -> None:
        """Put the machine before the problems.

        Args:
            draw: the problems.
            given: programs that are tried in any case.
            budget: presses that are followed in one search, before some are left out.
            generator: draws what is followed beyond.
            more: keys that may be pressed beyond those that the task allows.
        """
        self.draw, self.given, self.budget, self.generator = draw, given, budget, generator
        self.environment = Environment(draw.task)
        self.environment.reset(draw.problems)
        self.limit = self.environment.limit + more
        self.shapes = draw.shapes()

    def find(self, banned: Sequence[str] = ()) -> list[Found]:
        """The programs for all looks, without some keys."""
        return [self._found(looks, banned) for looks in self.shapes]

    def _found(self, looks: Int[Tensor, " s"], banned: Sequence[str]) -> Found:
        draw, programs = self.draw, self._search(self.draw.columns(looks), banned)
        half = (torch.arange(len(looks))[:, None] + torch.arange(draw.draws)) % 2
        halves = one_hot(half, 2).float()  # (s, M, 2)
        hits, many = [], max(1, COLUMNS // draw.draws)
        for some, parts in zip(looks.split(many), halves.split(many), strict=True):
            problems = draw.problems.select(draw.columns(some))
            right = agrees(draw.task, programs.answers(problems.operands), problems)
            right = right.view(len(right), len(some), draw.draws).transpose(0, 1)
            hits.append((right.float() @ parts).transpose(0, 1))
        return Found(looks=looks, programs=programs, hits=torch.cat(hits, 1), sizes=halves.sum(1))

    def _search(self, rows: Int[Tensor, " C"], banned: Sequence[str]) -> Programs:
        task, problems = self.draw.task, self.draw.problems
        probes = rows[torch.randperm(len(rows), generator=self.generator)[:PROBES]]
        names = Names(problems.operands[probes])
        tools = tuple(names.tool(tool) for tool in task.rules.tools)
        machine = task.machine(replace(task.rules, tools=tools))
        allowed = torch.ones(len(machine.vocabulary), dtype=torch.bool)
        allowed[[machine.vocabulary[name] for name in banned]] = False
        start = replace(take(self.environment.state, rows[:1]), operands=names.operands[None])
        return explore(
            machine,
            start,
            names,
            limit=self.limit,
            allowed=allowed,
            given=self.given,
            budget=self.budget,
            generator=self.generator,
        )

    def solvable(self, found: Sequence[Found]) -> Share:
        """The best program for every look."""
        return self._share(found, torch.cat([best(each.hits, each.sizes) for each in found]))

    def blind(self, found: Sequence[Found]) -> Share:
        """The best program for all looks with the same legal keys."""
        shares = [
            best(each.hits.sum(1, keepdim=True), each.sizes.sum(0, keepdim=True)) for each in found
        ]
        looks = [share.expand(len(each.looks)) for share, each in zip(shares, found, strict=True)]
        return self._share(found, torch.cat(looks))

    def _share(self, found: Sequence[Found], shares: Float[Tensor, " S"]) -> Share:
        complete = all(each.programs.exhaustive >= self.limit for each in found)
        return Share(value=float(shares.mean()), count=len(shares), complete=complete)


def restrictions(task: Task) -> dict[str, tuple[str, ...]]:
    """What an audit takes away, by name: the memory keys, then each tool."""
    return {"memory": (STORE, RECALL)} | {tool.name: (tool.name,) for tool in task.rules.tools}


def best(hits: Float[Tensor, "n s 2"], sizes: Float[Tensor, "s 2"]) -> Float[Tensor, " s"]:
    """How often the best program for each look is right.

    One that is right on all numbers is simply right. Else the one that does best on half of the
    numbers is scored on the other half, and the other way round: luck is not counted twice.

    Args:
        hits: how often each program is right for each look, by half.
        sizes: how many numbers there are.
    """
    right = (hits.sum(2) == sizes.sum(1)).any(0).double()
    if not len(hits) or bool((sizes == 0).any()):
        return right
    one, other = hits.unbind(2)
    crossed = (
        other.gather(0, one.argmax(0)[None]).double() / sizes[:, 1]
        + one.gather(0, other.argmax(0)[None]).double() / sizes[:, 0]
    )
    return torch.where(right > 0, right, crossed[0] / 2)
