"""Does the reward agree with the stated answer, and does anything else earn as much?"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from inwit.auditing.exhaustive.base import Share
from inwit.auditing.exhaustive.ceilings import Found
from inwit.auditing.exhaustive.sampling import Draw, agrees, press
from inwit.environment import Environment
from inwit.evaluation.intervals import percent
from inwit.machine.rules import Kind
from inwit.tasks import Problems, Task
from inwit.tokens import PADDING
from inwit.tools import FAULT, show

CHECKED = 256
"""Problems of a level on which all programs are paid."""
TRIED = 4096
"""Programs that are paid, if there are more."""
CALLED = ("programs", "random play", "near misses")
"""Checks for which tools are called."""
ROWS = 65_536
"""Answers that are paid at once."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """Some answers to some problems: which were paid, and which are right."""

    name: str
    """What sort of answers."""
    share: Share
    """For how many of them the reward and the stated answer say the same."""
    differ: int
    """For how many they do not."""
    message: str
    """The worst of them."""


def verify(
    draw: Draw,
    found: Sequence[Found],
    played: tuple[Bool[Tensor, " n"], Bool[Tensor, " n"]] | None,
    generator: torch.Generator,
) -> list[Check]:
    """Compare the task's verifier with the stated answers of one level.

    Args:
        draw: the problems.
        found: the programs.
        played: which episodes of random play were paid, and which are right; None where no tool
            may be called.
        generator: changes keys.
    """
    problems = draw.originals
    if played is None:
        called = [_unmeasured(name, len(problems)) for name in CALLED]
    else:
        called = [_programs(draw, found), _random_play(*played)]
        called.append(_near_misses(draw.task, problems, generator))
    return [
        _stated(draw.task, problems),
        _twice(draw.task, problems),
        *called,
        _cheats(draw.task, problems),
        _subgoals(draw.task, problems),
    ]


def _random_play(paid: Bool[Tensor, " n"], right: Bool[Tensor, " n"]) -> Check:
    message = f"{int((paid & ~right).sum())} of {len(paid)} random episodes are paid and wrong"
    return _check(CALLED[1], paid, right, message)


def _unmeasured(name: str, count: int) -> Check:
    nothing = Share(value=0.0, count=count, complete=False)
    return Check(name=name, share=nothing, differ=0, message="not measured")


def _check(name: str, paid: Bool[Tensor, "*n"], right: Bool[Tensor, "*n"], message: str) -> Check:
    same = paid == right
    share = Share(value=float(same.double().mean()), count=same.numel())
    return Check(name=name, share=share, differ=int((~same).sum()), message=message)


def _stated(task: Task, problems: Problems) -> Check:
    paid = task.score(problems.answer, problems)
    message = (
        f"the stated answer is accepted on {percent(float(paid.double().mean()))} of the problems"
    )
    return _check("stated answer", paid, torch.ones_like(paid), message)


def _twice(task: Task, problems: Problems) -> Check:
    """The stated answers, and some beside them, verified two times."""
    first, second = (
        torch.stack([task.score(problems.answer + off, problems) for off in (-1, 0, 1)])
        for _ in range(2)
    )
    message = (
        f"{int((first != second).sum())} of {first.numel()} verdicts are others the second time"
    )
    return _check("twice", first, second, message)


def _programs(draw: Draw, found: Sequence[Found]) -> Check:
    """All programs, on some problems."""
    pays, rights, worst, message = [], [], -1.0, ""
    for each in found:
        looks = each.looks[: max(1, CHECKED * len(each.looks) // len(draw.originals))]
        rows = torch.arange(0, len(each.programs.answer), 1 + len(each.programs.answer) // TRIED)
        paid, right = _paid(draw, each, rows, looks)
        pays.append(paid.flatten())
        rights.append(right.flatten())
        wrong = (paid & ~right).double().mean(1)
        if len(wrong) and float(wrong.max()) > worst:
            worst, row = float(wrong.max()), int(wrong.argmax())
            keys = draw.task.rules.vocabulary.decode(each.programs.keys_of(int(rows[row])).tolist())
            pay, share = (percent(float(part[row].double().mean())) for part in (paid, right))
            message = f"{keys} is paid on {pay} of the problems and right on {share}"
    if worst <= 0:
        message = f"{sum(map(len, pays)):,} answers of programs are paid if they are right"
    return _check(CALLED[0], torch.cat(pays), torch.cat(rights), message)


def _paid(
    draw: Draw, found: Found, programs: Int[Tensor, " n"], looks: Int[Tensor, " s"]
) -> tuple[Bool[Tensor, "n s"], Bool[Tensor, "n s"]]:
    """Which answers of some programs to the problems as drawn are paid, and which are right."""
    paid, right, chosen = [], [], found.programs.answers.only(programs)
    for some in looks.split(1 + ROWS // (1 + len(programs))):
        problems = draw.originals.select(some)
        answers = chosen(problems.operands)
        right.append(agrees(draw.task, answers, problems))
        score = draw.task.score(answers.T.flatten(), problems.repeat(len(programs)))
        paid.append(score.view(len(some), -1).T)
    return torch.cat(paid, 1), torch.cat(right, 1)


def _near_misses(task: Task, problems: Problems, generator: torch.Generator) -> Check:
    """The oracle's programs with one key changed, and answers that are off by one."""
    answers, paid = press(task, problems, _changed(task, problems, generator))
    right = agrees(task, answers, problems)
    for off in (-1, 1):
        near = problems.answer + off
        paid = torch.cat([paid, task.score(near, problems)])
        right = torch.cat([right, agrees(task, near, problems)])
    message = f"{int((paid & ~right).sum())} of {int((~right).sum())} near misses are paid"
    return _check(CALLED[2], paid, right, message)


def _changed(task: Task, problems: Problems, generator: torch.Generator) -> Int[Tensor, "P K"]:
    """Oracle programs in which one key is another that can be pressed."""
    machine = Environment(task).machine
    keys = (machine.keys.kind != Kind.NEVER).nonzero()[:, 0]
    length = (problems.oracle != machine.vocabulary[PADDING]).sum(1)
    place = (torch.rand(len(problems), generator=generator) * length).long()[:, None]
    other = keys[torch.randint(len(keys) - 1, (len(problems),), generator=generator)][:, None]
    other = torch.where(other == problems.oracle.gather(1, place), keys[-1], other)
    return problems.oracle.scatter(1, place, other)


def _cheats(task: Task, problems: Problems) -> Check:
    """Answers without a calculation: a constant, an operand, nothing, a fault."""
    operands, usual = problems.operands, problems.answer.nan_to_num().mode().values
    exists = ~operands.isnan()
    first = operands.gather(1, exists.long().argmax(1)[:, None])[:, 0]
    last = operands.gather(1, (exists * torch.arange(operands.shape[1])).argmax(1)[:, None])[:, 0]
    cheats = {
        f"always {show(task.objects.meaning(float(usual)))}": usual.expand(len(problems)),
        "the first operand": first,
        "the last operand": last,
        "nothing": torch.full_like(first, torch.nan),
        "a fault": torch.full_like(first, FAULT),
    }
    answers = torch.stack(list(cheats.values()))
    right = agrees(task, answers, problems)
    paid = torch.stack([task.score(answer, problems) for answer in answers])
    wrongly, pay = (paid & ~right).double().mean(1), paid.double().mean(1)
    worst = int((pay + len(cheats) * wrongly).argmax())
    message = f"the best of {len(cheats)} cheats, {list(cheats)[worst]}, is paid on "
    message += f"{percent(float(pay[worst]))}, wrongly on {percent(float(wrongly[worst]))}"
    return _check("cheats", paid, right, message)


def _subgoals(task: Task, problems: Problems) -> Check:
    """Sub-goals that would earn as much as the answer if they were paid in full."""
    values, worth = task.subgoals(problems)
    answers = torch.cat([problems.answer[None], values.T])
    score = torch.stack([task.score(answer, problems) for answer in answers])
    reached = answers[..., None] == values
    earned = score + (worth * reached).sum(2)
    right = agrees(task, answers, problems)
    paid = earned >= earned[0]
    message = f"{int((paid & ~right).sum())} wrong sub-goals earn as much as the answer"
    return _check("sub-goals", paid, right, message)
