"""Oracle programs: the keys that solve an expression, addressed or streamed."""

from collections.abc import Mapping, Sequence

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


def _binds(first: str, second: str) -> bool:
    """Whether the first operator also runs first."""
    return PRECEDENCE.get(first, 0) >= PRECEDENCE[second]
