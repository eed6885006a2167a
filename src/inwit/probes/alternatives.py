"""Alternatives: where two plans are valid, does the state also know the one that is not taken?

For each first operand that an agent does not choose, a ridge regression from the state after
reading says whether a valid plan begins with it (see `targeted.name_plans`). It is trained on other
problems. Controls: an untrained network, the symbols of the prompt one by one, and the commoner
answer. Nothing is judged: an agent may do well and know one plan alone.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.evaluation.intervals import newcombe
from inwit.probes.card import Line, Verdict
from inwit.probes.linear import FULL, fit, one_hot_prompt
from inwit.probes.steering import state_of
from inwit.probes.subject import Subject, draw, untrained
from inwit.probes.targeted import MEMBERS, no_plan, valid_choices
from inwit.tasks import Problems, join_problems

NAME = "another valid first operand, read off the state, less the best control"


@torch.no_grad()
def alternatives(subject: Subject) -> Iterator[Line]:
    """Is the plan that is not taken in the state?"""
    reason = no_plan(subject)
    if reason:
        yield Line(part="alternatives", name=NAME, verdict=Verdict.NONE, note=reason)
        return
    levels = [subject.hardest]
    others = draw(subject.task, levels, 2 * subject.count, subject.seed + 1, held_out=False)
    both = join_problems([others, subject.problems], subject.environment.padding)
    valid = valid_choices(subject.policy, subject.environment, both)  # (P, V); -1 where own
    known = torch.arange(len(both)) < len(others)
    usual = [
        key
        for key in range(valid.shape[1])
        if all(int(((valid[:, key] == kind) & known).sum()) >= MEMBERS for kind in (0, 1))
    ]
    if not usual or not bool((valid[~known][:, usual] >= 0).any()):
        note = "of no first operand are some plans valid and some not"
        yield Line(part="alternatives", name=NAME, verdict=Verdict.NONE, note=note)
        return
    yield _line(subject, both, valid[:, usual], known)


def _line(subject: Subject, problems: Problems, valid: Int[Tensor, "P A"], known: Tensor) -> Line:
    """How often the probe is right, beside the controls."""
    prompt, _ = subject.environment.reset(problems)
    control = untrained(subject.recipe, subject.environment)
    readings = {
        "agent": _with_constant(state_of(subject.policy, prompt)),
        "untrained": _with_constant(state_of(control, prompt)),
        "prompt": _with_constant(one_hot_prompt(prompt, len(subject.task.symbols))),
        "commoner": torch.ones(len(problems), 1),
    }
    asked = (valid >= 0) & ~known[:, None]
    hits = {name: _hits(reading, valid, known) & asked for name, reading in readings.items()}
    count = int(asked.sum())
    right = {name: int(each.sum()) for name, each in hits.items()}
    best = max((name for name in right if name != "agent"), key=right.__getitem__)
    beside = {name: each / count for name, each in right.items()}
    if right[best] >= FULL * count:
        note = f"the control '{best}' is right in {right[best] / count:.1%}: no more can be shown"
        return Line(part="alternatives", name=NAME, verdict=Verdict.NONE, note=note, beside=beside)
    return Line(
        part="alternatives",
        name=NAME,
        verdict=Verdict.STATED,
        figure=(right["agent"] - right[best]) / count,
        unit="difference",
        interval=newcombe((right["agent"], count), (right[best], count)),
        method="Newcombe",
        count=count,
        seed=subject.seed,
        beside=beside,
    )


def _with_constant(reading: Float[Tensor, "P _"]) -> Float[Tensor, "P _"]:
    return torch.cat([reading, torch.ones(len(reading), 1)], 1)


def _hits(reading: Float[Tensor, "P F"], valid: Int[Tensor, "P A"], known: Tensor) -> Tensor:
    """Where a probe of each first operand is right."""
    columns = []
    for column in valid.T:
        rows = known & (column >= 0)
        weights = fit(reading[rows], column[rows][:, None])
        columns.append((reading.double() @ weights).argmax(1) == column)
    return torch.stack(columns, 1)
