"""Problems as an agent sees them: looks, and the numbers that may stand behind a look.

Where the prompt shows all there is (the stages), every problem has a look of its own. Where it
hides the numbers (`n+n*n`), an agent that reads can choose a program for each look, but not for
the numbers: a program is right for a look if it is right for whatever numbers there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import pad

from inwit.environment import Environment
from inwit.progress import OutOfTime
from inwit.records import distinct, fingerprint
from inwit.tasks import Problems, Task
from inwit.tokens import PADDING
from inwit.tools import HANDLES

DRAWS = 32
"""Numbers that are drawn for each look."""
LOOKS = 4
"""Problems per drawn observation, if numbers are hidden."""
AGAIN = 64
"""Problems of each level that are drawn again."""
PLENTY = 2
"""How many times as many problems the pool has."""


@dataclass(frozen=True, kw_only=True)
class Draw:
    """S problems of one level that look different (as a rule), each with M sets of numbers."""

    task: Task
    """What is asked."""
    fresh: Task
    """The task made anew."""
    level: int
    """The level."""
    problems: Problems
    """S * M problems; those that look alike beside each other, as it was drawn first."""
    draws: int
    """M."""
    pool: Problems
    """More problems of the level, as they were drawn; the S are the first of them."""

    @property
    def originals(self) -> Problems:
        """The S problems as they were drawn."""
        return self.problems.select(torch.arange(0, len(self.problems), self.draws))

    @property
    def plans(self) -> Int[Tensor, " S"]:
        """Keys of the programs that the originals come with; 0 where none is stated."""
        padding = self.task.rules.vocabulary[PADDING]
        return (self.originals.oracle != padding).sum(1)

    def columns(self, looks: Int[Tensor, " s"]) -> Int[Tensor, " C"]:
        """The rows of some looks, with all their numbers."""
        return (looks[:, None] * self.draws + torch.arange(self.draws)).flatten()

    def shapes(self) -> list[tuple[Int[Tensor, " s"], Int[Tensor, " f"]]]:
        """The looks for which the same keys are legal, and all problems of the pool like them."""
        sort, legal = torch.tensor([*self.task.kinds, -1]), self.pool.operands.isnan().long()
        if self.task.rules.stream:
            legal = torch.cat([legal, sort[self.pool.symbols]], 1)
        looks = len(self.problems) // self.draws
        peers = groups(fingerprint(legal))
        return [(rows[rows < looks], rows) for rows in peers if bool((rows < looks).any())]


def drawn_again(draw: Draw) -> Bool[Tensor, " n"]:
    """Which problems a task that is made anew draws again from the same seed."""
    level = torch.full((AGAIN,), draw.level)
    drawn = [
        [
            (each.describe(problems, row), each.objects.meaning(answer))
            for row, answer in enumerate(problems.answer.tolist())
        ]
        for each in (draw.task, draw.fresh)
        for problems in [each.sample(level, torch.Generator().manual_seed(0))]
    ]
    return torch.tensor([first == second for first, second in zip(*drawn, strict=True)])


def held_apart(draw: Draw, known: Problems, count: int) -> Bool[Tensor, " n"]:
    """Which held-out problems are none of those to train on: they differ in symbols or operands.

    Where too few problems exist, `Task.is_shared` says so, and none has to be.

    Args:
        draw: the level.
        known: problems to train on.
        count: how many held-out problems are drawn.
    """
    task, level = draw.task, torch.full((count,), draw.level)
    if task.is_shared(draw.level):
        return torch.ones(count, dtype=torch.bool)
    problems = task.sample(level, torch.Generator().manual_seed(0), held_out=True)
    seen = set(contents(known))
    return torch.tensor([each not in seen for each in contents(problems)])


def contents(problems: Problems) -> list[tuple[tuple[int, ...], tuple[float, ...]]]:
    """What an agent and a machine are given of each problem: its symbols and its operands."""
    symbols, operands = problems.symbols.tolist(), problems.operands.tolist()
    return [
        (tuple(each for each in row if each >= 0), tuple(each for each in given if each == each))
        for row, given in zip(symbols, operands, strict=True)
    ]


def groups(marks: Int[Tensor, " n"]) -> list[Int[Tensor, " g"]]:
    """The rows of each mark."""
    _, place = distinct(marks)
    sizes = torch.bincount(place).tolist()
    return list(place.argsort(stable=True).split(sizes))


def draw_levels(
    task: Task, levels: Sequence[int], count: int, generator: torch.Generator
) -> list[Draw]:
    """Problems of each level: `count` of them, or a look for every `LOOKS` of them; and a pool."""
    forms = [task.at_length(level) for level in levels]
    fresh = replace(task) if is_dataclass(task) else task
    pools = [
        form.sample(torch.full((PLENTY * count,), level), generator)
        for form, level in zip(forms, levels, strict=True)
    ]
    hidden = any(map(numbers_are_hidden, forms, pools))
    draws, looks = (DRAWS, max(1, count // LOOKS)) if hidden else (1, count)
    rows = torch.arange(looks).repeat_interleave(draws)
    drawn = []
    for form, level, pool in zip(forms, levels, pools, strict=True):
        problems = renumbered(form, pool, rows, generator) if hidden else pool.select(rows)
        drawn.append(
            Draw(
                task=form,
                fresh=fresh.at_length(level),
                level=level,
                problems=problems,
                draws=draws,
                pool=pool,
            )
        )
    return drawn


def numbers_are_hidden(task: Task, problems: Problems) -> bool:
    """Whether problems that look alike differ in their operands, and the oracle is right.

    Not where the agent sees the display or numbers: then it can choose for the numbers, too.
    """
    if task.reveals_operands:
        return False
    first, place = distinct(problems.identity)
    numbers = problems.operands.nan_to_num(0.5)
    if bool((numbers == numbers[first][place]).all()):
        return False
    try:
        answers, _ = press(task, problems, problems.oracle)
    except OutOfTime:  # nothing that calls a tool is measured then
        return False
    return bool(agrees(task, answers, problems).all())


def renumbered(
    task: Task, pool: Problems, rows: Int[Tensor, " R"], generator: torch.Generator
) -> Problems:
    """Problems of a pool, each with the numbers of one that has as many, and the oracle's answer.

    The first of equal rows stays as it is.
    """
    exists = ~pool.operands.isnan()
    packed = pool.operands.gather(1, (~exists).long().argsort(dim=1, stable=True))
    count = exists.sum(1)
    sizes = count.bincount()
    place = (torch.rand(len(rows), generator=generator) * sizes[count[rows]]).long()
    donor = count.argsort()[(sizes.cumsum(0) - sizes)[count[rows]] + place]
    donor = torch.where(pad(rows[1:] == rows[:-1], (1, 0)), donor, rows)
    exists = exists[rows]
    numbers = packed[donor].gather(1, (exists.cumsum(1) - 1).clamp(min=0))
    problems = replace(pool.select(rows), operands=numbers.where(exists, torch.nan))
    return replace(problems, answer=press(task, problems, problems.oracle)[0])


def press(
    task: Task, problems: Problems, keys: Int[Tensor, "P K"]
) -> tuple[Float[Tensor, " P"], Bool[Tensor, " P"]]:
    """Press a program on each problem: the answers (NaN for none), and whether they were paid."""
    environment = Environment(task)
    environment.reset(problems)
    for key in keys.T[: environment.limit]:
        environment.press(key)
    return submitted(environment), environment.right


def submitted(environment: Environment) -> Float[Tensor, " P"]:
    """The answers that were given; NaN where none was."""
    state = environment.state
    return state.frame.accumulator.masked_fill(~state.answered, torch.nan)


def agrees(task: Task, answers: Float[Tensor, "*n P"], problems: Problems) -> Bool[Tensor, "*n P"]:
    """Whether answers are the stated ones, whatever the task's own verifier says."""
    size = problems.answer.abs()
    margin = task.margin(problems.answer).masked_fill(size >= HANDLES, 0)
    margin = margin.masked_fill(size.isinf(), -1)
    return (answers - problems.answer).abs() <= margin  # false for nothing and for faults
