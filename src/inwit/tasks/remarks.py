"""What can be seen of a user's task before training: too few problems, or contradictory ones."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from math import isclose

from inwit.tasks.prompts import Problem
from inwit.tools import is_number, show, to_float

NEAR = 1e-6
"""Answers that differ by less are the same, in absolute terms or relative to the larger one."""
FEW, RARE = 1000, 20
"""Fewer distinct problems than this may be learnt by heart, in all and of a prompt."""


def remarks_on(
    pool: Sequence[Problem], identities: Sequence[Hashable], *, one_answer: bool = True
) -> tuple[str, ...]:
    """One sentence for each weakness.

    Args:
        pool: the drawn problems.
        identities: of each; the same where prompt and operands are.
        one_answer: no other answer than the stated one is right.
    """
    answers = by_answer(pool, identities)
    forms: dict[str, set[Hashable]] = defaultdict(set)
    for problem, identity in zip(pool, identities, strict=True):
        forms[problem.prompt].add(identity)
    found = list[str]()
    if len(answers) < FEW:
        found.append(
            f"only {len(answers):,} distinct problems in {len(pool):,} draws: an agent may learn "
            "them by heart; draw from more operands"
        )
    rare = {prompt: len(same) for prompt, same in forms.items() if len(same) < RARE}
    if rare:
        prompt = min(rare, key=lambda each: (rare[each], each))
        found.append(
            f"{len(rare)} of {len(forms)} prompts have fewer than {RARE} distinct problems, such "
            f"as '{prompt:.60}' with {rare[prompt]}: draw them more often"
        )
    double = [same for same in answers.values() if len(same) > 1]
    if double and one_answer:
        first, second = double[0][:2]
        found.append(
            f"{len(double)} of {len(answers):,} problems have several answers, such as "
            f"'{first.question():.60}' with {show(first.answer)} and {show(second.answer)}: no "
            "agent can be right on both"
        )
    return tuple(found)


def by_answer(
    pool: Sequence[Problem], identities: Sequence[Hashable]
) -> Mapping[Hashable, list[Problem]]:
    """By what is asked: one problem for each answer that it was drawn with."""
    answers: dict[Hashable, list[Problem]] = defaultdict(list)
    for problem, identity in zip(pool, identities, strict=True):
        if not any(_agree(problem.answer, other.answer) for other in answers[identity]):
            answers[identity].append(problem)
    return answers


def _agree(first: object, second: object) -> bool:
    """Whether two stated answers are the same: numbers nearly, others as they are written."""
    if is_number(first) and is_number(second):
        return isclose(to_float(first), to_float(second), rel_tol=NEAR, abs_tol=NEAR)
    return first == second or show(first) == show(second)
