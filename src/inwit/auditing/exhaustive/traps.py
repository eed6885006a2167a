"""Programs that are right by luck so often that a learner may stay with them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from inwit.auditing.exhaustive.base import Share, Trap
from inwit.auditing.exhaustive.ceilings import Found
from inwit.auditing.exhaustive.draws import DRAWS, Draw, agrees, groups, press, renumbered
from inwit.records import fingerprint

SHOWN = 3
"""How many traps of a level are reported."""
FRESH = 512
"""Numbers with which they are tried again, where numbers are hidden."""


@dataclass(frozen=True, kw_only=True)
class _Lure:
    """A program that is wrong, and how often it is right all the same."""

    share: float
    program: int
    right: Bool[Tensor, " n"]
    """The programs that are right on all of the kin."""
    found: Found
    look: int


def traps(
    draw: Draw, found: Sequence[Found], complete: bool, generator: torch.Generator
) -> tuple[Share, tuple[Trap, ...]]:
    """How often the best wrong program is right, on average, and the worst cases.

    Problems are kin if they come with the same oracle program; a program is wrong if it errs on
    any of the kin. It is chosen on half of them and scored on the other half.
    """
    lures: list[_Lure] = []
    height, count = 0.0, 0
    marks = fingerprint(draw.originals.oracle)
    for each in found:
        for kin in groups(marks[each.looks]):
            if len(kin) * draw.draws >= DRAWS:
                some = _lures(each, kin)
                lures += some
                height += len(kin) * max((lure.share for lure in some), default=0.0)
                count += len(kin)
    lures.sort(key=lambda lure: -lure.share)
    share = Share(value=height / max(count, 1), count=max(count, 1), complete=complete)
    return share, tuple(_described(draw, lure, generator) for lure in lures[:SHOWN])


def _lures(found: Found, kin: Int[Tensor, " k"]) -> list[_Lure]:
    """The best wrong programs for problems with the same oracle program, the best first."""
    hits, sizes = found.hits[:, kin].sum(1), found.sizes[kin].sum(0)
    sound = hits.sum(1) == sizes.sum()
    chosen, scored = (hits.double() / sizes).unbind(1)
    chosen = chosen.masked_fill(sound, -1)
    order = chosen.argsort(descending=True, stable=True)[: min(SHOWN, int((~sound).sum()))]
    look = int(found.looks[kin[0]])
    return [
        _Lure(share=share, program=row, right=sound, found=found, look=look)
        for share, row in zip(scored[order].tolist(), order.tolist(), strict=True)
    ]


def _described(draw: Draw, lure: _Lure, generator: torch.Generator) -> Trap:
    """A trap, scored on fresh numbers where numbers are hidden."""
    programs, vocabulary = lure.found.programs, draw.task.rules.vocabulary
    keys, share = programs.keys_of(lure.program), lure.share
    if draw.draws > 1:
        rows = torch.full((FRESH,), lure.look)
        problems = renumbered(draw.task, draw.pool, rows, generator)
        answers, _ = press(draw.task, problems, keys.expand(FRESH, -1))
        share = float(agrees(draw.task, answers, problems).double().mean())
    return Trap(
        level=draw.level,
        problem=draw.task.describe(draw.originals, lure.look),
        program=vocabulary.decode(keys.tolist()),
        share=share,
        distance=programs.distance(keys, lure.right) if bool(lure.right.any()) else None,
    )
