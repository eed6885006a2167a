"""Structures of expressions: random trees, as text with `n` for every number.

From three operations on, a fifth of the structures is held out, by a hash of their text, wherever
there are several of them.
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from inwit.tasks.infix import PRECEDENCE
from inwit.tasks.pool import is_held_out

SPLIT = 3
"""From this many operations on, structures are held out."""
LOOKS = 256
"""Structures that are drawn to see whether both parts have some."""
STRUCTURES = 8192
"""Pool size for each number of operations."""
Shape = Literal["any", "left", "right"]


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """The distribution of structures."""

    operators: str
    """The operators drawn."""
    shape: Shape
    """Tree shapes: any, or nested as deeply as possible to the left or to the right."""
    needless: float
    """Share of operands and operations in needless parentheses."""


@lru_cache(maxsize=64)
def drawn_ahead(grammar: Grammar, operations: int) -> tuple[str, ...]:
    """A pool of training structures, the same in every run."""
    draw = random.Random(operations)
    return tuple(structure(grammar, operations, draw, False) for _ in range(STRUCTURES))


def structure(grammar: Grammar, operations: int, draw: random.Random, held_out: bool) -> str:
    """Draw a structure of one part, held out or not; any, where there are too few to divide."""
    while True:
        text = _grow(grammar, operations, draw)
        if not is_divided(grammar, operations) or is_held_out(text) == held_out:
            return text


def in_held_out(grammar: Grammar, text: str, operations: int) -> bool:
    """Whether training never sees this structure."""
    return is_divided(grammar, operations) and is_held_out(text)


@lru_cache(maxsize=1024)
def is_divided(grammar: Grammar, operations: int) -> bool:
    """Whether both parts, the held-out one and that for training, have structures."""
    few = grammar.shape != "any" and len(grammar.operators) == 1 and not grammar.needless
    if operations < SPLIT or few:  # of one shape and one operator there is one
        return False
    draw = random.Random(operations)
    texts = (_grow(grammar, operations, draw) for _ in range(LOOKS))
    first = is_held_out(next(texts))
    return any(is_held_out(text) != first for text in texts)


def _grow(grammar: Grammar, operations: int, draw: random.Random) -> str:
    """A random tree as text, with the parentheses that it needs and some needless ones."""
    pieces: list[str] = []
    # Still to write: text, or (operations, precedence below which it needs parentheses).
    remaining: list[str | tuple[int, int]] = [(operations, 0)]
    while remaining:
        item = remaining.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        size, bound = item
        operator = draw.choice(grammar.operators) if size else "n"
        precedence = PRECEDENCE.get(operator, 3)
        wrapped = precedence < bound or (grammar.needless > 0 and draw.random() < grammar.needless)
        pieces.append("(" if wrapped else "")
        remaining.append(")" if wrapped else "")
        if not size:
            remaining.append("n")
            continue
        left = {"left": size - 1, "right": 0}.get(grammar.shape, draw.randrange(size))
        remaining += [(size - 1 - left, precedence + 1), operator, (left, precedence)]
    return "".join(pieces)
