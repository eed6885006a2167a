"""Replies that differ little from the gold; if paid in full, they show what a grader ignores."""

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from inwit.answers import number, same_text
from inwit.auditing.base import Finding, Item, Verdict
from inwit.auditing.text.context import Context, Pair
from inwit.auditing.text.forms import elements
from inwit.auditing.text.puzzles import short_of_numbers
from inwit.auditing.text.records import changed, without_a_key
from inwit.auditing.text.solver import calculate, numbers_of
from inwit.auditing.text.truth import ANY_ORDER, core, made_of_others, shown_wrong
from inwit.auditing.text.wrong import paid

ORDERED = re.compile(
    r"\b(?:sort|sorted|(?<!any )order(?:ed)?|ascending|descending|alphabetical\w*|revers\w+)\b",
    re.I,
)
"""Questions for which another order of the elements is another answer."""
ALL_USED = re.compile(
    r"\bexactly once\b|\b(?:all|every)\b(?: of)?(?: the)? (?:\w+ )?numbers?\b", re.I
)
"""Questions whose answer must use all numbers."""
SOME_USED = re.compile(r"\bat most\b|\bneed not\b|\bnot all\b|\bdon't have to\b", re.I)
Near = Callable[[Item], Sequence[str]]


def _off_by_one(item: Item) -> list[str]:
    value = number(core(item).strip())
    return [] if value is None else [_shown(value + 1), _shown(value - 1)]


def _fraction(item: Item) -> list[str]:
    value = number(core(item).strip())
    whole = value is not None and value.denominator == 1
    return [f"{value}.5", f"{value}.9"] if whole else []


def _sign(item: Item) -> list[str]:
    value = number(core(item).strip())
    return [_shown(-value)] if value else []


def _longer(item: Item) -> list[str]:
    """The gold inside a longer number or word."""
    gold = core(item).strip()
    if number(gold) is not None:
        digits = gold.lstrip("+-")
        return [f"9{digits}", f"{digits}7", f"9{digits}7"] if digits.isdigit() else []
    return [f"x{gold}x", f"pre{gold}"] if re.fullmatch(r"\w+", gold) else []


def _shorter(item: Item) -> list[str]:
    gold = core(item).strip()
    return [gold[: len(gold) // 2], gold[len(gold) // 2 :]] if len(gold) > 1 else []


def _scaled(item: Item) -> list[str]:
    """A hundred times as much, and a hundredth: percentages, shifted decimal points."""
    value = number(core(item).strip())
    return [_shown(value * 100), _shown(value / 100)] if value else []


def _letter(item: Item) -> list[str]:
    """The gold with one character changed."""
    gold, near = core(item).strip(), list[str]()
    for place in sorted({0, len(gold) // 2, len(gold) - 1}) if gold else ():
        old = gold[place]
        new = "x" if old.isalpha() and old != "x" else "y" if old.isalpha() else ""
        new = str((int(old) + 1) % 10) if old in "0123456789" else new
        if new:
            near.append(gold[:place] + new + gold[place + 1 :])
    return near


def _negated(item: Item) -> list[str]:
    gold = core(item).strip()
    return [f"not {gold}", f"It is not {gold}"] if gold and len(gold) < 40 else []


def _swapped(item: Item) -> list[str]:
    """The gold with two elements swapped."""
    parts, joined = elements(core(item))
    for place in range(len(parts) - 1):
        if parts[place] != parts[place + 1]:
            pair = [parts[place + 1], parts[place]]
            return [joined([*parts[:place], *pair, *parts[place + 2 :]])]
    return []


def _one_less(item: Item) -> list[str]:
    parts, joined = elements(core(item))
    return [joined(parts[:-1]), joined(parts[1:])] if len(parts) > 1 else []


def _one_more(item: Item) -> list[str]:
    parts, joined = elements(core(item))
    return [joined([*parts, parts[-1]])] if len(parts) > 1 else []


def _unused(item: Item) -> list[str]:
    """The value of a gold that is an expression; it uses none of the given numbers."""
    gold = core(item).strip().partition("=")[0]
    value = calculate(gold) if re.search(r"\d\s*[-+*/]", gold) else None
    return [] if value is None else [_shown(value), f"{_shown(value - 1)} + 1", f"{gold} + 0"]


def _operator(item: Item) -> list[str]:
    """The same numbers with another operator and therefore another value."""
    gold, near = core(item).strip().partition("=")[0], list[str]()
    value = calculate(gold) if re.search(r"\d\s*[-+*/]", gold) else None
    for old, new in (("+", "-"), ("-", "+"), ("*", "+"), ("/", "*")):
        changed = gold.replace(old, new, 1)
        if value is not None and calculate(changed) not in (None, value):
            near.append(changed)
    return near


def _numbers_left_out(item: Item) -> list[str]:
    """Expressions that leave numbers out, or reach the target only after rounding down."""
    return short_of_numbers(core(item).strip().partition("=")[0])


def _value(item: Item) -> list[str]:
    """A JSON object with another value."""
    return changed(core(item))


def _keys(item: Item) -> list[str]:
    """A JSON object with one key fewer or one more."""
    return without_a_key(core(item))


NEAR: dict[str, tuple[Near, str]] = {
    "off-by-one": (_off_by_one, "the gold plus or minus one"),
    "fraction": (_fraction, "the gold plus a fraction"),
    "sign": (_sign, "the gold with the other sign"),
    "longer": (_longer, "the gold inside a longer number or word"),
    "shorter": (_shorter, "half of the gold"),
    "scaled": (_scaled, "the gold times or divided by a hundred"),
    "character": (_letter, "the gold with one character changed"),
    "negated": (_negated, "'not' before the gold"),
    "swapped": (_swapped, "the gold with two elements swapped"),
    "one-less": (_one_less, "the gold without one element"),
    "one-more": (_one_more, "the gold with one element twice"),
    "unused": (_unused, "the value in place of an expression of the given numbers"),
    "operator": (_operator, "the same numbers with another operator and another value"),
    "value": (_value, "a JSON object with another value"),
    "keys": (_keys, "a JSON object with one key fewer or one more"),
    "left-out": (_numbers_left_out, "an expression that omits numbers or misses the value"),
}


def misses(context: Context) -> Iterator[Finding]:
    """Each kind of near miss: paying one that is certainly wrong fails, a doubtful one warns."""
    accepted = [index for index, reading in context.golds.items() if context.paid(reading)]
    for name, (make, words) in NEAR.items():
        wrong, doubtful = list[Pair](), list[Pair]()
        for index in accepted:
            item = context.items[index]
            for reply in _made(name, make, item):
                shown = shown_wrong(reply, item, context.closed) or _confirmed(name, reply, item)
                (wrong if shown else doubtful).append((index, context.dressed(reply)))
        yield from paid(context, f"near/{name}", wrong, words, full=True)
        yield from paid(
            context, f"doubtful/{name}", doubtful, words, full=True, verdict=Verdict.WARN
        )


def _made(name: str, make: Near, item: Item) -> list[str]:
    """The near misses of a kind that are not the gold; none if the question accepts them."""
    if name == "swapped" and ANY_ORDER.search(item.question):
        return []
    return [reply for reply in make(item) if not same_text(reply, core(item))]


def _confirmed(name: str, reply: str, item: Item) -> bool:
    """Whether the question says that a near miss is wrong."""
    if name in ("swapped", "one-less", "one-more"):
        asked = ORDERED.search(item.question) and "any order" not in item.question
        return bool(asked) and _sorted(core(item))
    question = item.question
    whole = ALL_USED.search(question) is not None and not SOME_USED.search(question)
    if name == "left-out":
        return whole
    if name == "operator":  # a question that contains the gold's value asks for it
        value = calculate(core(item).strip().partition("=")[0])
        return value is not None and _shown(value) in numbers_of(question)
    if name == "unused":
        used = sorted(numbers_of(reply))
        return made_of_others(reply, item) or (whole and sorted(numbers_of(core(item))) != used)
    return False


def _sorted(gold: str) -> bool:
    """Whether a gold is a list in ascending or descending order."""
    parts = [part.strip("\"' ") for part in re.split(r"[,\n]", gold.strip("[] \n"))]
    values: list[Fraction | None] = [number(part) for part in parts]
    keys: list[object] = [value for value in values if value is not None]
    keys = keys if len(keys) == len(parts) else [part.casefold() for part in parts]
    ordered = sorted(keys, key=lambda key: key)  # type: ignore[arg-type,return-value]
    return len(parts) > 2 and keys in (ordered, ordered[::-1])


def _shown(value: Fraction) -> str:
    """A number as people write it."""
    if value.denominator == 1:
        return str(value.numerator)
    return repr(float(value))
