"""Programs and expressions: the keys that solve one, and the one that keys compute."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from inwit.tasks.infix import PRECEDENCE
from inwit.tokens import ANSWER, READ, RECALL, STORE


def addressed(postfix: Sequence[int | str], tools: Mapping[str, str]) -> list[str]:
    """Keys with addressed operands; a compound right-hand side needs `STO` and `RCL`.

    Args:
        postfix: indices of operands, and operators.
        tools: tool name by operator.
    """
    parts: list[list[str]] = []
    for item in postfix:
        if isinstance(item, int):
            parts.append([str(item)])
            continue
        right, left = parts.pop(), parts.pop()
        part = right if len(right) == 1 else [STORE, *right, RECALL]
        parts.append([*left, tools[item], *part])
    return [*parts[0], ANSWER]


def streamed(symbols: Sequence[str], tools: Mapping[str, str]) -> list[str]:
    """Keys for an expression read symbol by symbol; tighter operators run first."""
    keys: list[str] = []
    pending = ""
    aside: list[str] = []  # frames in memory: the pending operator of a term, or "("
    for position, symbol in enumerate(symbols):
        following = symbols[position + 1] if position + 1 < len(symbols) else ""
        if symbol in tools:
            while aside and _binds(aside[-1], symbol):
                aside.pop()
                keys.append(RECALL)
            keys.append(tools[symbol])
            pending = symbol
        elif symbol == ")":
            while aside.pop() != "(":
                keys.append(RECALL)
            keys.append(RECALL)
        else:
            opening = symbol == "("
            if pending and (opening or (following in tools and not _binds(pending, following))):
                aside.append(pending)
                keys.append(STORE)
            if opening:
                aside.append("(")
            keys.append(STORE if opening else READ)
            pending = ""
    return [*keys, *[RECALL] * len(aside), ANSWER]


class Formula(NamedTuple):
    """An expression, as keys compute it."""

    text: str
    """With `n` for every operand, and only the parentheses that it needs."""
    operands: tuple[int, ...]
    """The numbers of its operand keys, from left to right."""
    precedence: int
    """That of the operator which runs last."""


@lru_cache(maxsize=2**16)
def computed(keys: tuple[str, ...], tools: tuple[tuple[str, str], ...]) -> Formula | None:
    """What a program with addressed operands computes, the inverse of `addressed`.

    Args:
        keys: every key means something where it is pressed; the last is `ANS`.
        tools: name and operator of each tool, which takes two arguments.

    Returns:
        None where a value is overwritten, left over or used again.
    """
    operators = dict(tools)
    aside: list[tuple[Formula | None, str]] = []
    shown, pending = None, ""
    for key in keys[:-1]:
        if key in operators:
            pending = operators[key]
        elif key == STORE:
            aside.append((shown, pending))
            shown, pending = None, ""
        else:
            entered = shown if key == RECALL else Formula("n", (int(key),), len(PRECEDENCE))
            if key == RECALL:
                shown, pending = aside.pop()
            if (shown is None) == bool(pending) or entered is None:
                return None
            shown, pending = _joined(shown, pending, entered), ""
    once = shown is not None and len(set(shown.operands)) == len(shown.operands)
    return None if aside or pending or not once else shown


def _joined(left: Formula | None, operator: str, right: Formula) -> Formula:
    """One operation; without a left-hand side, the right-hand one alone."""
    if left is None:
        return right
    binds = PRECEDENCE[operator]
    before = f"({left.text})" if left.precedence < binds else left.text
    behind = f"({right.text})" if right.precedence <= binds else right.text
    return Formula(before + operator + behind, left.operands + right.operands, binds)


def _binds(first: str, second: str) -> bool:
    """Whether the first operator also runs first."""
    return PRECEDENCE.get(first, 0) >= PRECEDENCE[second]
