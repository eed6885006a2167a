"""Which replies are certainly wrong, judged by the question and the stated answers alone.

A reply is certainly wrong if no sensible reader takes it for the gold. Questions may have many
right answers (puzzles), so a text that differs from the gold proves nothing. A different number
does, and so does another gold of a short list that all items share (yes or no, A to D).
"""

import re
from collections import Counter
from collections.abc import Sequence

from inwit.answers import Outcome, grade, number, same_text
from inwit.auditing.base import Item
from inwit.auditing.text.forms import core_of
from inwit.auditing.text.records import other_record
from inwit.auditing.text.solver import calculate, numbers_of

CLOSE = 0.01
"""Numbers that differ by less, relative to the gold, may be the same to a tolerant grader."""
OPTIONS = 8
"""A closed list has at most this many different golds."""
PLURAL = re.compile(
    r"\b(?:any|a possible|one possible|an example|find a|give an?|construct)\b", re.I
)
"""Questions with several right answers."""
ANY_ORDER = re.compile(
    r"\b(?:separated|list(?:ed)?|commas?|elements?|items?|names?|words?)\b[^.\n]{0,40}"
    r"\b(?:any order|order does not matter)\b",
    re.I,
)
"""Questions that accept the elements of an answer in any order."""

GIVEN = re.compile(r"\b(?:use|using|from|with)\b.{0,60}\b(?:numbers?|integers?)\b", re.I | re.S)
"""Questions whose answer must use the given numbers."""


def core(item: Item) -> str:
    """The stated answer without the solution around it; empty where there is none."""
    return core_of(item.gold or "")


def options(items: Sequence[Item]) -> tuple[str, ...]:
    """The closed list of golds that all items share, the most frequent first; empty without one."""
    counted = Counter(core(item) for item in items if item.gold is not None)
    few = 2 <= len(counted) <= min(OPTIONS, len(items) // 3)
    return tuple(gold for gold, _ in counted.most_common()) if few else ()


def shown_wrong(reply: str, item: Item, closed: Sequence[str] = ()) -> bool:
    """Whether a reply is wrong for every sensible reader.

    Args:
        reply: the answer alone, without a form around it.
        item: the question and its gold.
        closed: all golds, if they form a closed list.
    """
    gold = core(item)
    if not gold.strip() or same_text(reply, gold):
        return False
    truth, given = number(gold.strip()), number(reply.strip())
    if truth is not None and not PLURAL.search(item.question):
        return given is not None and abs(given - truth) > CLOSE * abs(truth)
    if made_of_others(reply, item) or other_record(reply, gold):
        return True
    if closed:
        others = [each for each in closed if not same_text(each, gold)]
        return any(same_text(reply, each) for each in others) and (
            grade(reply, gold) is Outcome.WRONG
        )
    return False


def made_of_others(reply: str, item: Item) -> bool:
    """Whether an expression uses numbers that a puzzle does not give, or uses one too often."""
    gold = core(item).strip().partition("=")[0]
    puzzle = re.search(r"\d\s*[-+*/]", gold) and GIVEN.search(item.question)
    if not puzzle or calculate(reply.partition("=")[0]) is None:
        return False
    given, used = numbers_of(item.question), numbers_of(reply.partition("=")[0])
    return any(given.count(each) < used.count(each) for each in used)
