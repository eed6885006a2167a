"""Programs that are right by luck so often that a learner may stay with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from inwit.auditing.exhaustive.base import Share, Trap
from inwit.auditing.exhaustive.ceilings import Found
from inwit.auditing.exhaustive.sampling import DRAWS, Draw, agrees, groups, press, renumbered
from inwit.records import fingerprint

SHOWN = 3
"""How many traps of a level are reported."""
FRESH = 512
"""Numbers with which they are tried again, where numbers are hidden."""


@dataclass(frozen=True, kw_only=True)
class _WrongProgram:
    """A program that is wrong, and how often it is right anyway."""

    share: float
    program: int
    right: Bool[Tensor, " n"]
    """The programs that are right on the whole group."""
    found: Found
    look: int


def traps(
    draw: Draw, found: Sequence[Found], complete: bool, generator: torch.Generator
) -> tuple[Share, tuple[Trap, ...]]:
    """How often the best wrong program is right, on average, and the worst cases.

    Problems with the same oracle program form a group; where they come with none, those with the
    same prompt. A program is wrong if it errs on any problem of its group. It is chosen on half of
    them and scored on the other half.
    """
    wrong: list[_WrongProgram] = []
    total, count = 0.0, 0
    marks = _marks(draw)
    for each in found:
        for group in groups(marks[each.looks]):
            if len(group) * draw.draws >= DRAWS:
                some = _wrong_programs(each, group)
                wrong += some
                total += len(group) * max((one.share for one in some), default=0.0)
                count += len(group)
    wrong.sort(key=lambda one: -one.share)
    share = Share(value=total / max(count, 1), count=max(count, 1), complete=complete)
    return share, tuple(_described(draw, one, generator) for one in wrong[:SHOWN])


def _marks(draw: Draw) -> Int[Tensor, " P"]:
    """A number for each problem, the same for those of one group."""
    oracle, symbols = draw.originals.oracle, draw.originals.symbols
    return torch.where(draw.plans > 0, fingerprint(oracle), fingerprint(symbols))


def _wrong_programs(found: Found, group: Int[Tensor, " k"]) -> list[_WrongProgram]:
    """The best wrong programs for the problems of a group, the best first."""
    hits, sizes = found.hits[:, group].sum(1), found.sizes[group].sum(0)
    sound = hits.sum(1) == sizes.sum()
    chosen, scored = (hits.double() / sizes).unbind(1)
    chosen = chosen.masked_fill(sound, -1)
    order = chosen.argsort(descending=True, stable=True)[: min(SHOWN, int((~sound).sum()))]
    look = int(found.looks[group[0]])
    return [
        _WrongProgram(share=share, program=row, right=sound, found=found, look=look)
        for share, row in zip(scored[order].tolist(), order.tolist(), strict=True)
    ]


def _described(draw: Draw, one: _WrongProgram, generator: torch.Generator) -> Trap:
    """A trap, scored on fresh numbers where numbers are hidden."""
    programs, vocabulary = one.found.programs, draw.task.rules.vocabulary
    keys, share = programs.keys_of(one.program), one.share
    if draw.draws > 1:
        rows = torch.full((FRESH,), one.look)
        problems = renumbered(draw.task, draw.pool, rows, generator)
        answers, _ = press(draw.task, problems, keys.expand(FRESH, -1))
        share = float(agrees(draw.task, answers, problems).double().mean())
    return Trap(
        level=draw.level,
        problem=draw.task.describe(draw.originals, one.look),
        program=vocabulary.decode(keys.tolist()),
        share=share,
        distance=programs.distance(keys, one.right) if bool(one.right.any()) else None,
    )
