"""Whether a reply gives the stated answer: right, wrong, or unread."""

import re
from enum import StrEnum

from .numerals import number
from .replies import read_number, read_texts


class Outcome(StrEnum):
    """The verdict on a reply."""

    RIGHT = "right"
    """It gives the stated answer."""
    WRONG = "wrong"
    """It gives a different answer."""
    UNREAD = "unread"
    """Its answer is uncertain. Like a wrong answer it earns no reward."""


def grade(reply: str, stated: str, *, tolerance: float = 1e-9, cased: bool = False) -> Outcome:
    """Compare a reply with the stated answer.

    Args:
        reply: the text to grade.
        stated: the right answer, compared as a number if it is one in digits, otherwise as text.
        tolerance: allowed deviation of a number, absolute and relative to the stated one.
        cased: whether case matters in texts.
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
    """Whether two numbers agree within a tolerance, absolute and relative to the second."""
    return value == truth or abs(value - truth) < tolerance * (1 + abs(truth))


def grade_text(reply: str, stated: str, *, cased: bool = False) -> Outcome:
    """Compare a reply with a stated text, even if the text looks like a number.

    The reply is unread if it contains the stated text and more.
    """
    texts = read_texts(reply)
    if any(same_text(text, stated, cased) for text in texts):
        return Outcome.RIGHT
    word = rf"(?<!\w){re.escape(stated.strip())}(?!\w)"
    hidden = any(re.search(word, text, 0 if cased else re.I) for text in texts)
    return Outcome.UNREAD if hidden or not texts else Outcome.WRONG


def same_text(text: str, stated: str, cased: bool = False) -> bool:
    """Whether two texts are equal up to spaces and, unless `cased`, case."""
    pair = [" ".join(each.split()) for each in (text, stated)]
    first, second = pair if cased else map(str.casefold, pair)
    return first == second
