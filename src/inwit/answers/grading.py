"""Whether a reply gives the stated answer: right, wrong, or unread."""

import re
from enum import StrEnum

from .numerals import number
from .replies import read_number, read_texts


class Outcome(StrEnum):
    """What becomes of a reply."""

    RIGHT = "right"
    """It gives the stated answer."""
    WRONG = "wrong"
    """It gives another one."""
    UNREAD = "unread"
    """What it gives cannot be told for sure. It pays nothing, as a wrong answer does."""


def grade(reply: str, stated: str, *, tolerance: float = 1e-9, cased: bool = False) -> Outcome:
    """Compare a reply with the stated answer.

    Args:
        reply: what somebody or something says.
        stated: the right answer; a number where it is one in digits, and a text otherwise.
        tolerance: a number is right within this much, absolute and relative to the true one.
        cased: capital and small letters of a text differ.
    """
    truth = number(stated.strip())
    if truth is None:
        return grade_text(reply, stated, cased=cased)
    values = read_number(reply).values
    if not values:
        return Outcome.UNREAD
    right = any(agree(float(value), float(truth), tolerance) for value in values)
    return Outcome.RIGHT if right else Outcome.WRONG


def agree(value: float, truth: float, tolerance: float) -> bool:
    """Whether two numbers are the same within a tolerance, absolute and relative to the second."""
    return value == truth or abs(value - truth) < tolerance * (1 + abs(truth))


def grade_text(reply: str, stated: str, *, cased: bool = False) -> Outcome:
    """Compare a reply with a stated text, even where that looks like a number.

    It is unread where it holds the stated text and more.
    """
    texts = read_texts(reply)
    if any(same_text(text, stated, cased) for text in texts):
        return Outcome.RIGHT
    word = rf"(?<!\w){re.escape(stated.strip())}(?!\w)"
    hidden = any(re.search(word, text, 0 if cased else re.I) for text in texts)
    return Outcome.UNREAD if hidden or not texts else Outcome.WRONG


def same_text(text: str, stated: str, cased: bool = False) -> bool:
    """Whether two texts are the same but for spaces and, unless `cased`, capital letters."""
    pair = [" ".join(each.split()) for each in (text, stated)]
    first, second = pair if cased else map(str.casefold, pair)
    return first == second
