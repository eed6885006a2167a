"""The items themselves: repeats, overlap, golds in the prompt, golds that a solver contradicts."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from inwit.answers import number, same_text
from inwit.auditing.base import Finding, Item, Verdict
from inwit.auditing.text.context import Context, items_of
from inwit.auditing.text.probing import Tried, finding
from inwit.auditing.text.puzzles import follows
from inwit.auditing.text.solver import chosen, same_answer, solve
from inwit.auditing.text.truth import core

MANY = 200
"""Items that are read but not scored."""
REPEATED, OVERLAP, COPIED = 0.02, 0.02, 0.2
"""Shares above which a finding warns."""


def drawn(context: Context, seed: int, count: int = MANY) -> list[Item]:
    """Items of a seed, not scored; empty if drawing them takes too long."""
    if (seed, count) not in context.drawn:
        seconds = context.child.limits.call * 5
        reading = context.child.ask("items", [[count, seed, False]], seconds=seconds)[0]
        context.drawn[seed, count] = items_of(reading.value)
    return context.drawn[seed, count]


def _about(
    id: str,
    verdict: Verdict,
    message: str,
    shown: Sequence[Item],
    *,
    of: Sequence[Item],
    hits: int | None = None,
) -> Finding:
    """A finding about the items themselves; it has no reply.

    Args:
        id: its name.
        verdict: the verdict.
        message: the sentence.
        shown: the items that show it; the first is kept.
        of: the items that were examined.
        hits: how many count, if not all of `shown`.
    """
    return Finding(
        id=id,
        verdict=verdict,
        message=message,
        hits=len(shown) if hits is None else hits,
        count=len(of),
        item=shown[0] if shown else None,
    )


def repeats(context: Context) -> Iterator[Finding]:
    """Repeated questions, and repeated questions with another gold."""
    items = drawn(context, context.seed) or list(context.items)
    seen = Counter(_key(item.question) for item in items)
    again = [item for item in items if seen[_key(item.question)] > 1]
    extra = sum(count - 1 for count in seen.values())
    message = f"{len(seen)} of {len(items)} questions are different"
    verdict = Verdict.WARN if extra > REPEATED * len(items) else Verdict.PASS
    yield _about("data/repeats", verdict, message, again, of=items, hits=extra)
    golds = defaultdict(set)
    for item in items:
        if item.gold is not None:
            golds[_key(item.question)].add(_key(core(item)))
    odd = [item for item in items if len(golds[_key(item.question)]) > 1]
    message = "the same question has the same gold"
    if odd:
        message = f"{len(odd)} items repeat the question of another item with another gold"
    verdict = Verdict.WARN if odd else Verdict.PASS
    yield _about("data/two-golds", verdict, message, odd, of=items)


def overlap(context: Context) -> Iterator[Finding]:
    """Held-out items that are also training items: from the stated file, or of the next seed."""
    ours = drawn(context, context.seed) or list(context.items)
    held = context.about.get("held_out")
    if held:
        reading = context.child.ask("held_out", [[]], seconds=context.child.limits.opening)[0]
        others, words = items_of(reading.value), "held-out items"
    elif context.about.get("fixed"):
        return
    else:
        others, words = drawn(context, context.seed + 1), "items of the next seed"
    if not others:
        return
    known = {_key(item.question) for item in ours}
    same = [item for item in others if _key(item.question) in known]
    message = f"{len(same)} of {len(others)} {words} are training items"
    if same and not held:
        message += ": keep the seeds of training and test further apart than their sizes"
    bad = Verdict.FAIL if held else Verdict.WARN
    verdict = bad if len(same) > OVERLAP * len(others) * (not held) else Verdict.PASS
    yield _about("data/overlap", verdict, message, same, of=others)


def golds(context: Context) -> Iterator[Finding]:
    """Golds in the prompt; golds that are missing or unlike the others."""
    items, closed = context.items, context.closed
    named = [item for item in items if _copied(item)] if not closed else []
    message = f"{len(named)} of {len(items)} prompts contain the gold word for word"
    verdict = Verdict.WARN if len(named) > COPIED * len(items) else Verdict.PASS
    yield _about("data/gold-in-prompt", verdict, message, named, of=items)
    stated = [items[index] for index in context.stated]
    numeric = [item for item in stated if number(core(item).strip()) is not None]
    odd: Sequence[Item] = [item for item in items if not core(item).strip()] if stated else []
    what = "no gold"
    if not odd and len(numeric) > 0.8 * len(items):
        odd = [item for item in stated if item not in numeric]
        what = "a gold that is not a number, unlike the others"
    message = f"{len(odd)} items have {what}" if odd else "the golds are all of one kind"
    yield _about("data/gold-kind", Verdict.WARN if odd else Verdict.PASS, message, odd, of=items)


def solved(context: Context) -> Iterator[Finding]:
    """Golds that an independent solver contradicts."""
    places, answers = list[int](), list[str]()
    for index in context.stated:
        answer = _solution(context.items[index], context.closed)
        if answer:
            places.append(index)
            answers.append(context.dressed(answer))
    if not places:
        return
    pairs = list(zip(places, answers, strict=True))
    found = Tried(pairs=pairs, readings=context.score(pairs))
    other = [
        place
        for place, (index, _) in enumerate(pairs)
        if not _agree(_solution(context.items[index], context.closed), core(context.items[index]))
        and not context.paid(found.readings[place])
    ]
    message = "the golds agree with a solver, where the question has one certain reading"
    if other:
        message = f"a solver contradicts the gold on {len(other)} of {len(pairs)} items"
    yield finding(context, found, "data/solver", other, Verdict.FAIL, message)


def _agree(answer: str, gold: str) -> bool:
    """Whether a solver's answer is the gold."""
    if answer.isalpha():
        return same_text(answer, gold)
    return same_answer(answer, gold)


def _solution(item: Item, closed: Sequence[str]) -> str:
    """The solver's answer, if the gold is of the same kind; empty otherwise."""
    if closed and (letter := chosen(item.question, closed)):
        return letter
    answer, gold = solve(item.question), core(item).strip()
    follow = follows(item.question) if gold.casefold() in ("yes", "no") else None
    if follow is not None:
        return "Yes" if follow else "No"
    listed = answer.startswith("[")
    alike = gold[:1] == "[" or "," in gold or " " in gold if listed else number(gold) is not None
    return answer if alike else ""


def _copied(item: Item) -> bool:
    """Whether the prompt contains the gold; golds of under four characters do not count."""
    gold = core(item).strip()
    if len(gold) < 4:
        return False
    return re.search(rf"(?<!\w){re.escape(gold)}(?!\w)", item.question, re.I) is not None


def _key(text: str) -> str:
    return " ".join(text.split())
