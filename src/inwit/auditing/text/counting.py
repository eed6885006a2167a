"""Questions whose answer is a count, a fold of a list or a common divisor.

As in `solver`, a question has one certain reading or is left alone.
"""

import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import gcd, lcm
from statistics import median

_LIST = re.compile(r"-?\d+(?:\.\d+)?(?:\s*,\s*(?:and\s+)?-?\d+(?:\.\d+)?)+")
_LETTER = re.compile(
    r"\bletters? [\"'\u2018\u201c]?([A-Za-z])[\"'\u2019\u201d]?\s[^\"\u201c]*"
    r"\b(?:in|of)\b[^\"\u201c]*[\"\u201c]([^\"\u201d]+)[\"\u201d]"
)
_FOLDS: dict[str, Callable[[Sequence[Fraction]], Fraction]] = {
    r"sum|total": lambda found: sum(found, Fraction(0)),
    r"largest|maximum|greatest|biggest|highest": max,
    r"smallest|minimum|least|lowest": min,
    r"mean|average": lambda found: sum(found, Fraction(0)) / len(found),
    r"median": median,
}
_OTHER = re.compile(
    r"\b(?:even|odd|positive|negative|distinct|unique|first|second|third|last|difference|squares?"
    r"|squared|absolute|more|less|than|subset|subarray|pairs?|consecutive|contiguous|digits?|times"
    r"|product|multiple|divisor|factor|sub\w*|after|before|without|except|each|every|if|round\w*)\b",
    re.I,
)
"""Words of questions that ask for more than the sum or the largest of a list."""
_DIVISORS: dict[str, Callable[..., int]] = {
    r"greatest common (?:divisor|factor)|\bgcd\b": gcd,
    r"least common multiple|\blcm\b": lcm,
}


def counted(question: str) -> Fraction | None:
    """The answer; None if the question has no certain reading."""
    for read in (_letters, _divisor, _folded):
        found = read(question)
        if found is not None:
            return found
    return None


def _letters(question: str) -> Fraction | None:
    """How often a letter occurs in a quoted text; None if its case makes a difference."""
    if not re.search(r"\bhow many\b|\bcount\b", question, re.I):
        return None
    found = _LETTER.findall(question)
    if len(found) != 1:
        return None
    letter, text = found[0]
    exact, folded = text.count(letter), text.lower().count(letter.lower())
    return Fraction(exact) if exact == folded else None


def _numbers(question: str) -> list[Fraction]:
    """The numbers of the only list in a question; empty if there are several lists."""
    lists = _LIST.findall(question)
    if len(lists) != 1:
        return []
    return [Fraction(each) for each in re.findall(r"-?\d+(?:\.\d+)?", lists[0])]


def _divisor(question: str) -> Fraction | None:
    named = [fold for words, fold in _DIVISORS.items() if re.search(words, question, re.I)]
    found = _numbers(question)
    if len(named) != 1 or len(found) < 2 or any(each.denominator != 1 for each in found):
        return None
    return Fraction(named[0](*(each.numerator for each in found)))


def _folded(question: str) -> Fraction | None:
    named = [
        fold for words, fold in _FOLDS.items() if re.search(rf"\b(?:{words})\b", question, re.I)
    ]
    found = _numbers(question)
    asked = re.search(r"\bof\b[^.?]*\d|\bnumbers?\b", question, re.I)
    if len(named) != 1 or len(found) < 3 or not asked or _OTHER.search(question):
        return None
    return Fraction(named[0](found))
