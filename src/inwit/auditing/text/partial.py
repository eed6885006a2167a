"""Partial credit: what wrong replies earn, as a share of what a right one earns."""

from collections import Counter
from collections.abc import Iterator
from statistics import fmean

from inwit.answers import number, same_text
from inwit.auditing.base import Finding, Verdict
from inwit.auditing.text.context import NEARLY, Context, Pair
from inwit.auditing.text.forms import elements
from inwit.auditing.text.probing import finding, tried
from inwit.auditing.text.truth import core
from inwit.auditing.text.wrong import JUDGE, WORD
from inwit.evaluation.intervals import bootstrap

CHEAP, MORE, TIMES, LEAST = 0.2, 0.05, 40, 4
"""The share above which a lazy reply warns, slack of a share, repeats, fewest items."""


def lazy(context: Context) -> Iterator[Finding]:
    """The reply that earns the most without saying anything about the question."""
    golds = Counter(core(context.items[index]) for index in context.stated)
    usual = [gold for gold, _ in golds.most_common(3)]
    earned, asked = dict[str, list[float]](), dict[str, list[Pair]]()
    for reply in dict.fromkeys(("", WORD, "0", "1", JUDGE, *usual)):
        pairs: list[Pair] = [
            (index, context.dressed(reply))
            for index in context.stated
            if not same_text(reply, core(context.items[index]))
        ]
        shares = [context.share(each) for each in context.score(pairs)]
        kept = [share for share in shares if share < 1 - NEARLY]  # what is paid in full: `wrong/`
        if len(kept) >= LEAST:
            earned[reply], asked[reply] = [max(0.0, share) for share in kept], pairs
    if not earned:
        return
    best = max(earned, key=lambda reply: fmean(earned[reply]))
    mean, interval = fmean(earned[best]), bootstrap(earned[best])
    found = tried(context, asked[best])
    part = [place for place, each in enumerate(found.readings) if context.share(each) > CHEAP]
    message = f"the best lazy reply, {best!r:.30}, earns {mean:.0%} of what the right answers do"
    if interval[0] <= CHEAP:
        part = []
    shown = finding(context, found, "partial/lazy", part, Verdict.WARN, message)
    scale = {"hits": mean * len(found.pairs), "interval": interval}
    yield Finding(**{**vars(shown), **scale})


def parts(context: Context) -> Iterator[Finding]:
    """A partly right list is paid no more than its right share."""
    pairs, allowed = list[Pair](), list[float]()
    for index in context.stated:
        listed, joined = elements(core(context.items[index]))
        if len(listed) < 2 or not context.paid(context.golds[index]):
            continue
        for kept in {1, len(listed) // 2}:
            spoilt = [*listed[:kept], *map(_spoilt, listed[kept:])]
            pairs.append((index, context.dressed(joined(spoilt))))
            allowed.append(kept / len(listed))
    if not pairs:
        return
    found = tried(context, pairs)
    limits = dict(zip(((index, repr(reply)) for index, reply in pairs), allowed, strict=True))
    hits = [
        place
        for place, ((index, reply), each) in enumerate(
            zip(found.pairs, found.readings, strict=True)
        )
        if context.share(each) > limits[index, repr(reply)] + MORE
    ]
    message = "a partly right list is paid no more than its right share"
    if hits:
        index, reply = found.pairs[hits[0]]
        message = f"a list that is {limits[index, repr(reply)]:.0%} right is paid "
        message += f"{context.share(found.readings[hits[0]]):.0%} of what the right one earns"
    yield finding(context, found, "partial/parts", hits, Verdict.WARN, message)


def _spoilt(element: str) -> str:
    """A wrong element in place of a right one."""
    value = number(element.strip())
    return str(value + 7) if value is not None and value.denominator == 1 else WORD


def repeated(context: Context) -> Iterator[Finding]:
    """A right answer, repeated many times, is paid no more than once."""
    pairs: list[Pair] = [
        (index, "\n".join([context.right(index)] * TIMES))
        for index in context.stated
        if context.paid(context.golds[index])
    ]
    if not pairs:
        return
    found = tried(context, pairs)
    hits = found.where(lambda each: context.share(each) > 1 + MORE)
    message = "a right answer that is repeated is paid no more than once"
    if hits:
        score = found.readings[hits[0]].score
        message = (
            f"a right answer, repeated {TIMES} times, is paid {score:g} (once: {context.full:g})"
        )
    yield finding(context, found, "partial/repeated", hits, Verdict.FAIL, message)
