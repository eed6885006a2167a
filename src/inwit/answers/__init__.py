r"""Reads the answer that a reply gives and compares it with the stated one.

    numerals    numbers in digits: signs, thousands, decimals, fractions, powers of ten
    words       numbers in English words
    markup      removes LaTeX, markdown, HTML and thoughts from replies
    replies     the number or text that a reply gives as its answer
    grading     right, wrong or unread

It needs only Python, runs in any thread and imports nothing else of inwit: an exported package
holds a copy of this folder. A reply is *unread* if its answer is uncertain.
"""

from .grading import Outcome, agree, grade, grade_text, same_text
from .markup import after_thoughts
from .numerals import number
from .replies import Reading, read_number, read_texts

__all__ = [
    "Outcome",
    "Reading",
    "after_thoughts",
    "agree",
    "grade",
    "grade_text",
    "number",
    "read_number",
    "read_texts",
    "same_text",
]
