"""What the best programs of one level reach: with every key, and without memory or a tool."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from inwit.auditing.exhaustive.base import Share
from inwit.auditing.exhaustive.sampling import Draw, agrees
from inwit.auditing.exhaustive.search import Programs, explore
from inwit.auditing.exhaustive.value_numbering import Allowance, Formulas, ValueNumbers
from inwit.environment import Environment
from inwit.progress import Deadline
from inwit.records import take
from inwit.tasks import Problems, Task
from inwit.tokens import RECALL, STORE

PROBES = 512
"""Problems by which a search distinguishes values."""
FEWEST = 64
"""Programs that are scored in any case, if any is right at all."""
UNEVEN = 4
"""How much more than its even part of the budget one set of legal keys may take."""
KNOWN = 0.95
"""Minimum share of problems whose legal keys another one shares, for a complete blind ceiling."""
CALLS = 2_000_000
"""Calls of Python functions that the searches of one audit may make, half of them to follow keys,
half to score programs on further problems."""
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
    blind_hits: Float[Tensor, "n 2"]
    """How often each program is right on all problems of the pool with these legal keys."""
    blind_sizes: Float[Tensor, " 2"]
    """How many these are."""
    complete: bool
    """All programs were scored on all problems, not only those that are right on some of a few."""


class Searcher:
    """Looks for programs on the problems of one level."""

    def __init__(
        self,
        draw: Draw,
        given: Int[Tensor, "g K"],
        budget: int,
        generator: torch.Generator,
        allowance: Allowance | None = None,
        *,
        more: int = 0,
    ) -> None:
        """Put the machine before the problems.

        Args:
            draw: the problems.
            given: programs that are tried in any case.
            budget: presses that are followed for one set of keys, before some are left out.
            generator: draws what is followed beyond.
            allowance: calls of Python functions, before some programs are left out; without end
                if not given.
            more: keys that may be pressed beyond those that the task allows.
        """
        self.draw, self.given, self.generator = draw, given, generator
        self.allowance = allowance or Allowance()
        self.environment = Environment(draw.task)
        self.environment.reset(draw.problems)
        self.limit = self.environment.limit + more
        self.shapes = draw.shapes()
        self.budget = min(budget, UNEVEN * budget // len(self.shapes))

    def find(self, banned: Mapping[str, Sequence[str]]) -> dict[str, list[Found]]:
        """The programs for all looks, without each of some sets of keys."""
        found: dict[str, list[Found]] = {name: [] for name in banned}
        for number, (looks, peers) in enumerate(self.shapes):
            rows = self.draw.columns(looks)
            probes = rows[torch.randperm(len(rows), generator=self.generator)[:PROBES]]
            calls = self.allowance.calls // len(self.shapes) // 2
            part = Deadline(self.allowance.deadline.left / (len(self.shapes) - number))
            allowance = Allowance(calls, Deadline(part.seconds / 2))
            names = ValueNumbers(self.draw.problems.operands[probes], allowance)
            searched = {name: self._search(rows[:1], names, keys) for name, keys in banned.items()}
            made = calls - allowance.calls
            if made:  # further ones take as long
                calls = int(min(calls, made * max(0, part.left) / (part.seconds - part.left)))
            scored = self._scored(looks, peers, names, probes, searched.values(), calls)
            for name, programs in searched.items():
                found[name].append(scored(programs))
        return found

    def _scored(
        self,
        looks: Int[Tensor, " s"],
        peers: Int[Tensor, " f"],
        names: ValueNumbers,
        probes: Int[Tensor, " p"],
        searched: Collection[Programs],
        calls: int,
    ) -> Callable[[Programs], Found]:
        """How often programs are right: each answer is worked out once for all searches."""
        draw, answers = self.draw, torch.cat([each.answer for each in searched]).unique()
        seen, rest = draw.problems.select(draw.columns(looks)), draw.pool.select(peers)
        kept = self._affordable(answers, names, probes, len(seen) + len(rest), calls)
        formulas = names.formulas(kept)
        hits = torch.cat([_by_half(each, draw.draws) for each in self._right(formulas, seen)], 1)
        sizes = _by_half(torch.ones(1, len(seen), dtype=torch.bool), draw.draws)[0]
        blind, blind_sizes = hits.sum(1), sizes.sum(0)
        if draw.draws == 1:  # the first of the pool are what was seen
            rest = rest.part(slice(len(looks), None))
        else:
            blind, blind_sizes = torch.zeros_like(blind), torch.zeros_like(blind_sizes)
        for right in self._right(formulas, rest):
            blind += _by_half(right, 1).sum(1)
            blind_sizes += _by_half(right.new_ones(1, right.shape[1]), 1)[0].sum(0)

        def found(programs: Programs) -> Found:
            programs = programs.with_answers(kept)
            place = torch.searchsorted(kept, programs.answer)
            return Found(
                looks=looks,
                programs=programs,
                hits=hits[place],
                sizes=sizes,
                blind_hits=blind[place],
                blind_sizes=blind_sizes,
                complete=len(kept) == len(answers),
            )

        return found

    def _affordable(
        self,
        answers: Int[Tensor, " n"],
        names: ValueNumbers,
        probes: Int[Tensor, " p"],
        count: int,
        calls: int,
    ) -> Int[Tensor, " k"]:
        """The answers that so many calls work out for `count` problems: all, or those that are
        right on some of the problems by which values are distinguished, the best ones first."""
        cost = count * names.formulas(answers).calls
        if cost <= calls:
            return answers
        problems = self.draw.problems.select(probes)
        parts = [
            agrees(self.draw.task, names.values(some), problems) for some in answers.split(COLUMNS)
        ]
        hits = torch.cat([each.sum(1) for each in parts])
        order = hits.argsort(descending=True, stable=True)
        most = max(FEWEST, calls * len(answers) // cost)
        return answers[order[: min(most, int((hits > 0).sum()))]].sort().values

    def _right(self, answers: Formulas, problems: Problems) -> Iterator[Bool[Tensor, "n _"]]:
        """Which answers are right on which problems, some problems at a time."""
        for rows in torch.arange(len(problems)).split(COLUMNS):
            part = problems.select(rows)
            yield agrees(self.draw.task, answers(part.operands), part)

    def _search(
        self, row: Int[Tensor, "1"], names: ValueNumbers, banned: Sequence[str]
    ) -> Programs:
        rules = self.draw.task.rules
        tools = tuple(names.tool(tool) for tool in rules.tools)
        machine = self.draw.task.machine(replace(rules, tools=tools))
        allowed = torch.ones(len(machine.vocabulary), dtype=torch.bool)
        allowed[[machine.vocabulary[name] for name in banned]] = False
        start = replace(take(self.environment.state, row), operands=names.operands[None])
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
        """The best program for all problems with the same legal keys.

        Nothing is said of legal keys that only one problem has: for these it counts as wrong.
        """
        pool, known, value = len(self.draw.pool), 0, 0.0
        for each in found:
            size = int(each.blind_sizes.sum())
            if size > 1:
                known += size
                value += size * float(crossed(each.blind_hits[:, None], each.blind_sizes[None]))
        complete = self._complete(found) and known >= KNOWN * pool
        return Share(value=value / pool, count=pool, complete=complete)

    def _share(self, found: Sequence[Found], shares: Float[Tensor, " S"]) -> Share:
        value, complete = float(shares.mean()), self._complete(found)
        return Share(value=value, count=len(shares), complete=complete)

    def _complete(self, found: Sequence[Found]) -> bool:
        return all(each.complete and each.programs.exhaustive >= self.limit for each in found)


def restrictions(task: Task, *, memory: bool = True) -> dict[str, tuple[str, ...]]:
    """What an audit takes away, by name: nothing, the memory keys if there is one, each tool."""
    taken = {"": (), "memory": (STORE, RECALL)} if memory else {"": ()}
    return taken | {tool.name: (tool.name,) for tool in task.rules.tools}


def _by_half(right: Bool[Tensor, "n c"], draws: int) -> Float[Tensor, "n s 2"]:
    """How often each program is right for each look, every other time; c is s * draws."""
    if draws == 1:  # every other look
        return right[..., None] * one_hot(torch.arange(right.shape[1]) % 2, 2).float()
    return right.view(len(right), right.shape[1] // draws, draws // 2, 2).sum(2).float()


def best(hits: Float[Tensor, "n s 2"], sizes: Float[Tensor, "s 2"]) -> Float[Tensor, " s"]:
    """How often the best program for each look is right.

    Args:
        hits: how often each program is right, by look and by half of the numbers.
        sizes: how many numbers there are.
    """
    right = (hits.sum(2) == sizes.sum(1)).any(0).double()
    if bool((sizes == 0).any()):
        return right
    return torch.where(right > 0, right, crossed(hits, sizes))


def crossed(hits: Float[Tensor, "n s 2"], sizes: Float[Tensor, "s 2"]) -> Float[Tensor, " s"]:
    """The score, on the other half, of the program that does best on one half, and vice versa.

    Luck is not counted twice: that one of many programs did well by chance is not repeated.
    """
    if not len(hits):
        return torch.zeros(len(sizes), dtype=torch.double)
    one, other = (hits.double() / sizes).unbind(2)
    scores = other.gather(0, one.argmax(0)[None]) + one.gather(0, other.argmax(0)[None])
    return scores[0] / 2
