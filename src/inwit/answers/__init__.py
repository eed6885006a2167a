r"""One reader of answers, for whoever compares what is said with what is right.

    numerals    numbers in digits: signs, thousands, decimals, fractions, powers of ten
    words       numbers in English words
    markup      replies without LaTeX, markdown, HTML and thoughts
    replies     which number, or which text, a reply gives as its answer
    grading     right, wrong or unread

It needs Python alone, runs in any thread and knows nothing of inwit: an exported package holds a
copy of this folder. A reply is *unread* where what it gives cannot be told for sure.
"""

from .grading import Outcome, agree, grade, grade_text, same_text
from .numerals import number
from .replies import Reading, read_number, read_texts

__all__ = [
    "Outcome",
    "Reading",
    "agree",
    "grade",
    "grade_text",
    "number",
    "read_number",
    "read_texts",
    "same_text",
]
