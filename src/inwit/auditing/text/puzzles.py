"""Puzzles whose right and wrong answers can be told apart without the grader.

Numbers that make a target: expressions that leave numbers out, or reach the target only if the
value is rounded down. Syllogisms: what follows in every world of three classes.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import floor

from inwit.auditing.text.solver import calculate

LARGEST = 6
"""Most numbers of a puzzle."""
SIGNS = "+-*/"
_SENTENCE = re.compile(r"\b(All|No|Some)\s+(\w+)\s+are\s+(not\s+)?(\w+)", re.I)
_ASKED = re.compile(r"\b(?:follow|conclude|conclusion|therefore)\b", re.I)
_WORLDS = list(itertools.product((False, True), repeat=3))


def short_of_numbers(gold: str) -> list[str]:
    """Expressions that reach a gold's value with fewer numbers, or only after rounding down."""
    target = calculate(gold)
    numbers = re.findall(r"\d+", gold)
    if target is None or not 3 <= len(numbers) <= LARGEST:
        return []
    found = []
    for size in range(2, min(4, len(numbers))):
        text = _reached(numbers, size, lambda value: value == target)
        if text:
            found.append(text)
            break
    if target.denominator == 1 and len(numbers) <= 4:
        text = _reached(
            numbers, len(numbers), lambda value: value != target and floor(value) == target
        )
        found += [text] if text else []
    return found


def _reached(numbers: Sequence[str], size: int, wanted: Callable[[Fraction], bool]) -> str:
    """An expression of `size` numbers whose value is wanted; empty if there is none."""
    for chosen in itertools.permutations(numbers, size):
        for signs in itertools.product(SIGNS, repeat=size - 1):
            pairs = zip(signs, chosen[1:], strict=True)
            text = chosen[0] + "".join(f" {sign} {number}" for sign, number in pairs)
            value = calculate(text)
            if value is not None and wanted(value):
                return text
    return ""


def follows(question: str) -> bool | None:
    """Whether the last statement of a question follows from the others; None if it is unclear.

    It is unclear if it depends on whether every class has a member.
    """
    found = [
        (kind.lower(), first.lower(), bool(negated), second.lower())
        for kind, first, negated, second in _SENTENCE.findall(question)
    ]
    names = sorted({name for _, first, _, second in found for name in (first, second)})
    if len(found) != 3 or len(names) != 3 or not _ASKED.search(question):
        return None
    verdicts = {_in_every_world(found, names, inhabited) for inhabited in (False, True)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _in_every_world(
    found: Sequence[tuple[str, str, bool, str]], names: Sequence[str], inhabited: bool
) -> bool:
    """Whether the conclusion holds in every world in which the premises hold."""
    for chosen in range(2 ** len(_WORLDS)):
        world = [each for place, each in enumerate(_WORLDS) if chosen >> place & 1]
        if inhabited and not all(any(each[name] for each in world) for name in range(3)):
            continue
        held = [_holds(each, world, names) for each in found]
        if all(held[:-1]) and not held[-1]:
            return False
    return True


def _holds(
    sentence: tuple[str, str, bool, str], world: Sequence[Sequence[bool]], names: Sequence[str]
) -> bool:
    kind, first, negated, second = sentence
    one, other = names.index(first), names.index(second)
    inside = [each[other] != negated for each in world if each[one]]
    if kind == "all":
        return all(inside)
    return any(inside) if kind == "some" else not any(inside)
