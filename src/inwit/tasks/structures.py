"""Structures of expressions: random trees, as text with `n` for every number.

From three operations on, a fifth of the structures is held out, by a hash of their text.
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from inwit.tasks.infix import PRECEDENCE
from inwit.tasks.pool import is_held_out

SPLIT = 3
"""From this many operations on, structures are held out."""
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
    """Draw a structure of one part, held out or not."""
    while True:
        text = _grow(grammar, operations, draw)
        if operations < SPLIT or in_held_out(text, operations) == held_out:
            return text


def in_held_out(text: str, operations: int) -> bool:
    """Whether training never sees this structure."""
    return operations >= SPLIT and is_held_out(text)


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
