"""Replies whose end contradicts their beginning: which part is graded?"""

from collections.abc import Iterator

from inwit.auditing.base import Finding, Verdict
from inwit.auditing.text.context import Context, Pair
from inwit.auditing.text.forms import DRESSES, TAKEN_BACK
from inwit.auditing.text.probing import finding, tried
from inwit.auditing.text.truth import core
from inwit.auditing.text.wrong import another

ENOUGH = 0.5
"""The grader reads a form if it pays more than this share of the golds in it."""


def unfinished(context: Context) -> Iterator[Finding]:
    """The right answer inside thinking that is never closed, as in a reply that was cut off."""
    pairs: list[Pair] = [
        (index, f"<think>\nPerhaps it is this:\n{context.right(index)}")
        for index in context.stated
        if context.paid(context.golds[index])
    ]
    if not pairs:
        return
    found = tried(context, pairs)
    hits = found.where(context.paid)
    message = "thinking that is never closed is not graded"
    if hits:
        message = f"an answer inside thinking that is never closed is paid on {len(hits)} items"
    yield finding(context, found, "doubtful/unfinished", hits, Verdict.WARN, message)


def taken_back(context: Context) -> Iterator[Finding]:
    """The right answer, then a wrong one, in each form that the grader reads."""
    pairs: list[Pair] = []
    for name, dress in DRESSES.items():
        right = [(index, dress(core(context.items[index]))) for index in context.stated]
        paid = sum(context.paid(reading) for reading in context.score(right))
        if paid <= ENOUGH * len(right) or "thinking" in name:
            continue
        for index, reply in right:
            other = another(context, index)
            if other is not None:
                pairs.append((index, f"{reply}{TAKEN_BACK}{dress(other)}"))
    if not pairs:
        return
    found = tried(context, pairs)
    hits = found.where(context.paid_in_full)
    message = "a right answer that the reply takes back is not paid"
    if hits:
        items = len({found.pairs[place][0] for place in hits})
        message = f"a right answer that the reply takes back is paid on {items} items"
    yield finding(context, found, "doubtful/taken-back", hits, Verdict.WARN, message)
