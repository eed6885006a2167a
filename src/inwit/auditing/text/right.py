"""Stated golds must be paid, and so should other ways to write them."""

import re
from collections.abc import Iterator

from inwit.auditing.base import Finding, Reading, Verdict
from inwit.auditing.text.context import Context, Pair
from inwit.auditing.text.forms import DRESSES, STEPS, TAKEN_BACK, decorated, elements, with_tail
from inwit.auditing.text.probing import Tried, finding, tried
from inwit.auditing.text.truth import ANY_ORDER, core
from inwit.auditing.text.wrong import another

WORDS = {
    "boxed": "in \\boxed{}",
    "latex": "between dollars",
    "answer-tags": "in <answer> tags",
    "markdown": "in bold markdown",
    "full-stop": "with a full stop after it",
    "white-space": "with white space around it",
    "after-reasoning": "after 375 characters of reasoning",
    "after-numbers": "after reasoning that contains other numbers",
    "number": "written as the same number in another way",
    "case": "in upper or lower case",
    "stripped": "without the white space around the gold",
}


def golds(context: Context) -> Iterator[Finding]:
    """The gold, in the best of all forms."""
    places = list(context.golds)
    if not places:
        return
    found = Tried(
        pairs=[(index, context.right(index)) for index in places],
        readings=[context.golds[index] for index in places],
    )
    refused = found.where(lambda reading: not context.paid(reading))
    message = f"every gold is paid (form: {context.dress}; median {context.full:g})"
    if refused:
        message = (
            f"the stated gold is refused in each of {len(DRESSES)} forms on {len(refused)} of "
            f"{len(places)} items"
        )
        error = found.readings[refused[0]].message
        message += f": {error}" if error else ""
    yield finding(context, found, "right/gold", refused, Verdict.FAIL, message)
    yield from _partly(context, found)


def _partly(context: Context, found: Tried) -> Iterator[Finding]:
    """Golds that are paid, but less than others."""

    def partly(reading: Reading) -> bool:
        return context.paid(reading) and context.share(reading) < 0.95

    less = found.where(partly)
    message = "every gold is paid in full"
    if less:
        message = f"{len(less)} golds are paid less than {context.full:g}, which others earn"
    yield finding(context, found, "right/gold-in-full", less, Verdict.WARN, message)


def other_forms(context: Context) -> Iterator[Finding]:
    """The gold with additions: a strict format is legitimate if the question states it."""
    accepted = [index for index, reading in context.golds.items() if context.paid(reading)]
    for name, words in WORDS.items():
        pairs = []
        for index in accepted:
            form = decorated(core(context.items[index])).get(name)
            if form is not None and form != context.right(index):
                pairs.append((index, _within(context, name, form)))
        yield from _refused(context, f"right/{name}", pairs, f"a right answer {words}")
    tail = [(index, with_tail(context.right(index))) for index in accepted]
    yield from _refused(context, "right/tail", tail, "a right answer with more text after it")
    yield from _thinking(context, accepted)
    yield from _corrected(context, accepted)
    yield from _any_order(context, accepted)


STATED = {
    r"<answer>": ("<answer> tags", "thinking, then <answer> tags"),
    r"\\boxed": ("\\boxed", "thinking, then \\boxed"),
    r"[\"'`]#### ?\S|(?:with|after|behind|write|line|form\w*)\b[^#\n]{0,30}####(?!#)": ("####",),
    r"[\"'`]\s*Answer:|Answer: ?[<\[{]": ("Answer:",),
}
"""What a question says about the form of a reply, and the forms that follow it."""


def stated_form(context: Context) -> Iterator[Finding]:
    """The gold in the form that the question asks for; it must be paid."""
    pairs, readings = list[Pair](), list[Reading]()
    for index, reading in context.golds.items():
        item = context.items[index]
        names = [forms for said, forms in STATED.items() if re.search(said, item.question)]
        if len(names) != 1 or not context.paid(reading):
            continue
        forms = [(index, DRESSES[name](core(item))) for name in names[0]]
        scored = context.score(forms)
        best = max(range(len(forms)), key=lambda place: context.share(scored[place]))
        pairs.append(forms[best])
        readings.append(scored[best])
    if not pairs:
        return
    found = Tried(pairs=pairs, readings=readings)
    refused = found.where(lambda reading: not context.paid(reading))
    message = "the gold is paid in the form that the question asks for"
    if refused:
        message = (
            f"the gold is refused in the form that the question asks for on {len(refused)} items"
        )
    yield finding(context, found, "right/stated-form", refused, Verdict.FAIL, message)


def _within(context: Context, name: str, form: str) -> str:
    """An addition inside the form that the grader wants, unless it is a form of its own."""
    if name == "after-numbers":
        return f"{STEPS}{context.dressed(form.removeprefix(STEPS))}"
    own = name in ("answer-tags", "after-reasoning") or (name == "boxed" and "boxed" in form)
    return form if own else context.dressed(form)


def _thinking(context: Context, accepted: list[int]) -> Iterator[Finding]:
    """Without thinking tags, and with them."""
    thoughts = "<think>\nLet me see.\n</think>\n"
    if context.dress.startswith("thinking"):
        bare = context.dress.partition("thinking, then ")[2]
        make = DRESSES.get(bare, DRESSES["as it stands"])
        pairs = [(index, make(core(context.items[index]))) for index in accepted]
        words = "a right answer without thinking tags"
    else:
        pairs = [(index, thoughts + context.right(index)) for index in accepted]
        words = "a right answer after thinking tags"
    yield from _refused(context, "right/thinking", pairs, words)


def _corrected(context: Context, accepted: list[int]) -> Iterator[Finding]:
    """A wrong answer that the reply takes back, then the right one."""
    pairs = list[tuple[int, str]]()
    for index in accepted:
        other = another(context, index)
        if other is not None:
            pairs.append((index, f"{context.dressed(other)}{TAKEN_BACK}{context.right(index)}"))
    words = "a right answer after a wrong one that is taken back"
    yield from _refused(context, "right/corrected", pairs, words)


def _any_order(context: Context, accepted: list[int]) -> Iterator[Finding]:
    """The elements of a gold in another order, if the question accepts any order."""
    pairs = list[tuple[int, str]]()
    for index in accepted:
        item = context.items[index]
        parts, joined = elements(core(item))
        if len(parts) > 1 and parts != parts[::-1] and ANY_ORDER.search(item.question):
            pairs.append((index, context.dressed(joined(parts[::-1]))))
    words = "a right answer in another order, where the question accepts any order,"
    yield from _refused(context, "right/any-order", pairs, words)


def _refused(
    context: Context, id: str, pairs: list[tuple[int, str]], words: str
) -> Iterator[Finding]:
    if not pairs:
        return
    found = tried(context, pairs)
    refused = found.where(lambda reading: not context.paid(reading))
    message = f"{words} is paid"
    if refused:
        message = f"{words} is refused on {len(refused)} of {len(found.pairs)} items"
    yield finding(context, found, id, refused, Verdict.WARN, message)
