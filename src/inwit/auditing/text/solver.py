"""Answers to questions with one certain reading: arithmetic, and lists to sort, add up or count.

Any other question is left alone. The answer is compared with the gold, and decides which replies
are right or wrong without asking the grader.
"""

import ast
import operator
import re
from collections.abc import Callable, Sequence
from fractions import Fraction

from inwit.auditing.text.counting import counted

_RUN = re.compile(r"[-+]?[0-9(][0-9.()+*/\u00d7\u00b7\u00f7\u2212 -]*[0-9)]")
_LIST = re.compile(r"\[?(-?\d+(?:\.\d+)?(?:\s*,\s*-?\d+(?:\.\d+)?){2,})\]?")
_TO_SORT = re.compile(
    rf"\b(?:sort|order|arrange)\b[^.\n]*\border\b[^:.\n]*:\s*({_LIST.pattern})", re.I
)
"""A list after the request to sort it."""
_OPTION = re.compile(r"\(?\b([A-J])[).:]\s*(-?\d+(?:\.\d+)?)(?![\d./*+])")
_SIGNS = str.maketrans({"\u00d7": "*", "\u00b7": "*", "\u00f7": "/", "\u2212": "-"})
_ASKED = re.compile(
    r"\b(?:what is|what's|calculate|compute|evaluate|solve|find the value|how much is|simplify"
    r"|result|state|answer)\b|=\s*\??\s*$|=\s*\?",
    re.I,
)
_OTHER = re.compile(
    r"\b(?:base|binary|hex|modulo|mod|round|digits?|factorial|operators?|prime|remainder|integers? "
    r"division|decimal places|using|twice|square|bits?|percent)\b|%|\^|\bx\b",
    re.I,
)
_UNKNOWN = re.compile(
    r"[-+*/\u00d7\u00b7\u00f7\u2212=]\s*[a-z]\b|\b[a-z]\s*[-+*/\u00d7\u00b7\u00f7\u2212=]|\d[a-z]\b|=\s*-?\d",
    re.I,
)
"""Letters that stand for numbers, and equations."""
_OPERATIONS: dict[type[ast.AST], Callable[..., Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def value_of(question: str) -> tuple[str, Fraction | None]:
    """The only expression in a question that asks for its value, and the value."""
    runs = [
        run.strip()
        for run in _RUN.findall(question)
        if re.search(r"[\d)]\s*[-+*/\u00d7\u00b7\u00f7\u2212]", run)
    ]
    if (
        len(runs) != 1
        or not _ASKED.search(question)
        or _OTHER.search(question)
        or _UNKNOWN.search(question)
    ):
        return "", None
    return runs[0], calculate(runs[0])


def calculate(expression: str) -> Fraction | None:
    """The exact value of an arithmetic expression; None for any other text."""
    try:
        tree = ast.parse(expression.translate(_SIGNS).strip(), mode="eval")
        return _value(tree.body)
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, MemoryError):
        return None


def _value(node: ast.AST) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(str(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATIONS:
        return _OPERATIONS[type(node.op)](_value(node.operand))
    raise ValueError("not arithmetic")


def numbers_of(text: str) -> list[str]:
    """The numbers in a text, without signs."""
    return re.findall(r"\d+(?:\.\d+)?", text)


def solve(question: str) -> str:
    """The answer to a question with one certain reading; empty otherwise."""
    expression, value = value_of(question)
    if expression:
        return "" if value is None else _written(value)
    ordered = _ordered(question)
    found = None if ordered else counted(question)
    return ordered if found is None else _written(found)


def chosen(question: str, letters: Sequence[str]) -> str:
    """The letter of the only option that answers a question; empty if there is no such option.

    Args:
        question: with its options, such as `(A) 12 (B) 13`.
        letters: the golds of all questions.
    """
    if not all(re.fullmatch(r"[A-J]", letter) for letter in letters):
        return ""
    offered = _OPTION.findall(question)
    expression, value = value_of(_OPTION.sub(" ", question))
    if len(offered) < 2 or not expression or value is None:
        return ""
    right = [letter for letter, text in offered if Fraction(text) == value]
    return right[0] if len(right) == 1 else ""


def _ordered(question: str) -> str:
    """The list of a question in the requested order; empty if the question asks for none."""
    named = _TO_SORT.search(question)
    lists = [named[1]] if named else [found[0] for found in _LIST.finditer(question)]
    asked = re.search(r"\b(ascending|increasing|descending|decreasing)\b", question, re.I)
    if not asked or not re.search(r"\b(sort|order|arrange)", question, re.I) or len(lists) != 1:
        return ""
    words = set(re.findall(r"\b(?:ascending|increasing|descending|decreasing)\b", question.lower()))
    if len(words) != 1:
        return ""
    numbers = re.findall(r"-?\d+(?:\.\d+)?", lists[0])
    falling = asked[0].lower() in ("descending", "decreasing")
    return f"[{', '.join(sorted(numbers, key=Fraction, reverse=falling))}]"


def same_answer(answer: str, gold: str) -> bool:
    """Whether a gold agrees with the solver: the same numbers in the same order."""
    ours, theirs = (re.findall(r"-?\d+(?:\.\d+)?(?:/\d+)?", each) for each in (answer, gold))
    if len(ours) != len(theirs):
        return False
    pairs = zip(map(_exact, ours), map(_exact, theirs), strict=True)
    return all(abs(mine - other) <= Fraction(1, 10**6) * (1 + abs(mine)) for mine, other in pairs)


def _exact(text: str) -> Fraction:
    over, _, under = text.partition("/")
    return Fraction(over) / (Fraction(under) if under and Fraction(under) else 1)


def _written(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else repr(float(value))
