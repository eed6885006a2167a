"""Properties of every sound grader: finite, repeatable, without memory, gold above wrong."""

from collections.abc import Iterator
from math import isfinite

from inwit.answers import number
from inwit.auditing.base import Finding, Outcome, Reading, Verdict
from inwit.auditing.child.process import Child
from inwit.auditing.text.context import NEARLY, Context, Pair
from inwit.auditing.text.probing import Tried, finding
from inwit.auditing.text.truth import core

SAMPLE, LENGTHS = 40, (1, 10, 100, 1000, 4000)
TYPES: tuple[object, ...] = (None, 0, 1.5, True, [], ["a"], {}, {"answer": "a"})
EVALUATED = "inwit_was_here"
"""A file that exists only if the grader runs a reply as a program."""
RUNS = f"open('{EVALUATED}', 'w').write('x')"
PROGRAMS = (RUNS, f"[{RUNS}]", f"[[{RUNS}]]")


def finite(context: Context) -> Iterator[Finding]:
    """Every score is a finite number within the stated range."""
    pairs = [(key[0], context.replies[key]) for key in context.scored]
    found = Tried(pairs=pairs, readings=list(context.scored.values()))
    bad = found.where(lambda each: each.score is not None and not isfinite(each.score))
    message = f"{len(bad)} scores are not finite" if bad else "every score is finite"
    yield finding(context, found, "property/finite", bad, Verdict.FAIL, message)
    stated = context.about.get("range")
    if stated:
        low, high = stated

        def outside(each: Reading) -> bool:
            return each.score is not None and not low - NEARLY <= each.score <= high + NEARLY

        out = found.where(outside)
        message = f"every score is from {low:g} to {high:g}, as stated"
        if out:
            message = f"{len(out)} scores are not from {low:g} to {high:g}, as stated"
        yield finding(context, found, "property/range", out, Verdict.FAIL, message)


def repeatable(context: Context) -> Iterator[Finding]:
    """The same reply gets the same score again, in another order and in another process."""
    keys = [key for key, each in context.scored.items() if each.outcome is Outcome.VALUE]
    paid = [key for key in keys if context.paid(context.scored[key])]
    unpaid = [key for key in keys if not context.paid(context.scored[key])]
    some = [
        key for group in (paid, unpaid) for key in group[:: max(1, len(group) // SAMPLE)][:SAMPLE]
    ]
    pairs: list[Pair] = [(key[0], context.replies[key]) for key in some]
    if not pairs:
        return
    first = [context.scored[key] for key in some]
    again = context.again(pairs[::-1])[::-1]
    words = "the same score again, in another order"
    yield _same(context, "property/same-twice", pairs, (first, again), words)
    yield from _elsewhere(context, pairs, first)


def _elsewhere(context: Context, pairs: list[Pair], first: list[Reading]) -> Iterator[Finding]:
    """The same items and scores in another process with another hash seed for strings."""
    child = context.child
    with Child(child.target, child.limits, hash_seed=1) as other:
        for name, arguments in child.prepared.items():
            drawn = other.prepare(name, *arguments)
        elsewhere = other.ask("score", pairs)
    drawn_twice = list(enumerate(zip(context.items, drawn, strict=True)))
    asked = [place for place, (item, each) in drawn_twice if item.question != each[0]]
    golds = [place for place, (item, each) in drawn_twice if item.gold != each[1]]
    moved = asked or golds
    message = "another process draws the same items with the same seed"
    if asked:
        message = f"another process draws {len(asked)} other questions with the same seed"
    elif moved:
        message = f"another process states other golds for {len(moved)} of the same questions"
    yield Finding(
        id="property/items-elsewhere",
        verdict=Verdict.FAIL if asked else Verdict.WARN if moved else Verdict.PASS,
        message=message,
        hits=len(moved),
        count=len(context.items),
        item=context.items[moved[0]] if moved else None,
    )
    kept = [place for place, (index, _) in enumerate(pairs) if index not in {*asked, *golds}]
    both = [first[place] for place in kept], [elsewhere[place] for place in kept]
    words = "the same score in another process"
    yield _same(context, "property/same-elsewhere", [pairs[each] for each in kept], both, words)


def _same(
    context: Context,
    id: str,
    pairs: list[Pair],
    readings: tuple[list[Reading], list[Reading]],
    words: str,
) -> Finding:
    first, second = readings
    kept = [
        place
        for place, each in enumerate(second)
        if each.outcome not in (Outcome.SKIPPED, Outcome.TIMEOUT)
    ]
    found = Tried(pairs=[pairs[each] for each in kept], readings=[second[each] for each in kept])
    other = [
        place
        for place, each in enumerate(kept)
        if first[each].score != second[each].score and not _both_nan(first[each], second[each])
    ]
    message = f"a reply gets {words}"
    if other:
        place = kept[other[0]]
        message = (
            f"{len(other)} of {len(kept)} replies do not get {words}: {first[place].score} then"
        )
        message += (
            f" {second[place].score if second[place].score is not None else second[place].message}"
        )
    return finding(context, found, id, other, Verdict.FAIL, message)


def _both_nan(first: Reading, second: Reading) -> bool:
    return all(each.score is not None and each.score != each.score for each in (first, second))


def together(context: Context) -> Iterator[Finding]:
    """Replies scored in one call get the scores that each gets alone."""
    if not context.about.get("together"):
        return
    golds = [(index, context.right(index)) for index in context.stated[:SAMPLE]]
    wrong = [(index, "banana") for index, _ in golds[:4]]
    pairs: list[Pair] = [*golds, *wrong]
    if len(pairs) < 2:
        return
    alone = context.score(pairs)
    seconds = context.child.limits.call * 5
    reading = context.child.ask("together", [[pairs]], seconds=seconds)[0]
    scores = reading.value if isinstance(reading.value, list) else [None] * len(pairs)
    both = [Reading(value=score, message=reading.message) for score in scores]
    words = "the same score in a batch"
    yield _same(context, "property/in-batch", pairs, (alone, both), words)


def longest(context: Context) -> Iterator[Finding]:
    """A reply does not earn more by being longer."""
    replies = ["la " * size for size in LENGTHS]
    pairs: list[Pair] = [
        (index, each) for index in range(len(context.items))[:4] for each in replies
    ]
    found = Tried(pairs=pairs, readings=context.again(pairs))
    growing = []
    for start in range(0, len(pairs), len(LENGTHS)):
        scores = [each.score for each in found.readings[start : start + len(LENGTHS)]]
        known = [score for score in scores if score is not None]
        if len(known) == len(LENGTHS) and known[-1] > known[-2] > known[0]:
            growing.append(start + len(LENGTHS) - 1)
    message = "a meaningless reply does not earn more by being longer"
    if growing:
        score = found.readings[growing[0]].score
        message = f"a meaningless reply earns more by being longer, up to {score:g}"
    yield finding(context, found, "property/longest", growing, Verdict.WARN, message)


def types(context: Context) -> Iterator[Finding]:
    """Values other than texts may raise an exception, but must not be paid."""
    pairs: list[Pair] = [
        (index, value)
        for value in TYPES
        for index in context.stated[:6]
        if not _says(value, core(context.items[index]))
    ]
    if not pairs or context.about.get("only_texts"):
        return
    found = Tried(pairs=pairs, readings=context.again(pairs))
    hits = found.where(context.paid)
    message = f"{len(hits)} replies that are not texts are paid" if hits else "only texts are paid"
    yield finding(context, found, "property/types", hits, Verdict.FAIL, message)


def _says(value: object, gold: str) -> bool:
    """Whether a value other than a text still equals the gold: 1.5, or True for 1."""
    same = isinstance(value, (int, float)) and number(gold.strip()) == value
    return same or str(value) in gold


def evaluates(context: Context) -> Iterator[Finding]:
    """Whether the grader runs a reply as a program: then a model has the grader's rights."""
    forms = dict.fromkeys(form for each in PROGRAMS for form in (each, context.dressed(each)))
    pairs: list[Pair] = [(index, form) for index in range(len(context.items))[:4] for form in forms]
    found = Tried(pairs=pairs, readings=context.again(pairs))
    mark = context.child.folder / EVALUATED
    ran = [0] if mark.exists() else []
    mark.unlink(missing_ok=True)
    message = "a reply is not run as a program"
    if ran:
        message = "the grader runs a reply as a program (`eval` or `exec`), with its own rights"
    yield finding(context, found, "property/evaluates", ran, Verdict.FAIL, message)


def names(context: Context) -> Iterator[Finding]:
    """A reply that names a variable of the grader: `answer`, `row['answer']`."""
    fields = list(context.items[0].fields)[:8] if context.items else []
    variables = [str(each) for each in context.about.get("names", [])][:12]
    texts = [f"{name}['{field}']" for name in variables for field in fields]
    texts += [*variables, "answer", "gold", "ground_truth", "target", "solution"]
    pairs: list[Pair] = [
        (index, context.dressed(each))
        for each in dict.fromkeys(texts)
        for index in context.stated[:3]
        if each.casefold() not in core(context.items[index]).casefold()
    ]
    if not pairs:
        return
    found = Tried(pairs=pairs, readings=context.score(pairs))
    hits = found.where(context.paid)
    message = "the name of a variable of the grader is not paid"
    if hits:
        message = f"the name of a variable of the grader is paid {len(hits)} times"
    yield finding(context, found, "wrong/name", hits, Verdict.FAIL, message)


def order(context: Context) -> Iterator[Finding]:
    """The gold never scores below a reply that is certainly wrong."""
    pairs, readings, below = list[Pair](), list[Reading](), list[int]()
    refused = [index for index, each in context.golds.items() if not context.paid(each)]
    plain = context.score([(index, context.right(index)) for index in refused])
    golds = {**context.golds, **dict(zip(refused, plain, strict=True))}
    for (index, reply), reading in context.wrong:
        gold = golds.get(index)
        if gold is None or reading.score is None:
            continue
        pairs.append((index, reply))
        readings.append(reading)
        if gold.score is None or gold.score < reading.score - NEARLY:
            below.append(len(pairs) - 1)
    if not pairs:
        return
    found = Tried(pairs=pairs, readings=readings)
    message = "no gold scores below a wrong reply"
    if below:
        gold = golds[pairs[below[0]][0]]
        message = f"the gold is paid {gold.value}, less than a wrong reply, on {len(below)} replies"
    yield finding(context, found, "property/order", below, Verdict.FAIL, message)
