"""What guesses earn that understand nothing: a constant, similar questions, single words."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import log
from statistics import fmean

from inwit.answers import number
from inwit.auditing.base import Finding, Item, Verdict
from inwit.auditing.text.context import Context
from inwit.auditing.text.data import drawn
from inwit.auditing.text.truth import core
from inwit.evaluation.intervals import bootstrap

HIGH, GROUP = 0.5, 8
"""The share above which a ceiling warns; replies in a group."""
CONSTANTS, LEARNT, LONGEST = 8, 200, 400
PLACES = {"first": 0, "last": -1, "second": 1, "third": 2}
"""Parts of a prompt."""
Guess = Callable[[Item], str]


def all_of_them(context: Context) -> Iterator[Finding]:
    """Every ceiling; the guesses are learnt from items of another seed, if there are any."""
    stated = context.stated
    if len(stated) < 8:
        return
    known = _known(context)
    found = list[Finding]()
    usual = Counter(core(item) for item in known).most_common(CONSTANTS)
    constants = [text for text, _ in usual]
    found.append(_constant(context, constants))
    if len(known) >= 8:
        names = {
            "nearest": (_nearest(known, _words), "the gold of the most similar question"),
            "words": (_bayes(known), "a bag of words"),
            "copied": (_copied(known), "a number of the question, by its place"),
            "without-numbers": (
                _nearest(known, _without_numbers),
                "the gold of the question with the most similar words, numbers left out,",
            ),
            "numbers-alone": (
                _nearest(known, _numbers),
                "the gold of the question with the most similar numbers, words left out,",
            ),
        }
        for name, (guess, words) in names.items():
            found.append(_ceiling(context, f"ceiling/{name}", guess, words))
        found += _parts(context, known)
    yield from found
    yield _groups(max(each.figure for each in found))


def _known(context: Context) -> list[Item]:
    """Items to learn from; none of them is among the items to answer."""
    asked = {item.question for item in context.items}
    others = drawn(context, context.seed + 1_000_003, LEARNT)
    return [item for item in others if item.gold is not None and item.question not in asked]


def _ceiling(context: Context, id: str, guess: Guess, words: str) -> Finding:
    """What guesses earn, as a mean share of what right replies earn."""
    pairs = [(index, context.dressed(guess(context.items[index]))) for index in context.stated]
    readings = context.score(pairs)
    shares = [min(1.0, max(0.0, context.share(each))) for each in readings]
    mean, interval = fmean(shares), bootstrap(shares)
    best = max(range(len(shares)), key=lambda place: shares[place])
    return Finding(
        id=id,
        verdict=Verdict.WARN if interval[0] > HIGH else Verdict.PASS,
        message=f"{words} earns {mean:.0%} of what right answers do",
        hits=mean * len(shares),
        count=len(shares),
        interval=interval,
        item=context.items[pairs[best][0]],
        reply=pairs[best][1],
        reading=readings[best],
    )


def _constant(context: Context, candidates: Sequence[str]) -> Finding:
    """The best constant, chosen on one half of the items and scored on all."""
    half = context.stated[::2]
    usual = candidates or list(dict.fromkeys(core(context.items[index]) for index in half))

    def earned(text: str) -> float:
        return sum(map(context.share, context.score([(i, context.dressed(text)) for i in half])))

    best = max(usual[:CONSTANTS], key=earned)
    words = f"the constant {best!r:.30}"
    return _ceiling(context, "ceiling/constant", lambda _: best, words)


def _groups(rate: float) -> Finding:
    """The share of groups without a signal, for a model that is as good as the best guess."""
    silent = rate**GROUP + (1 - rate) ** GROUP
    message = f"a model that is right on {rate:.0%}, as the best guess is, gets no signal from "
    message += f"{silent:.0%} of its groups of {GROUP} replies"
    return Finding(
        id="ceiling/groups",
        verdict=Verdict.PASS,
        message=message,
        hits=round(100 * silent, 1),
        count=100,
        interval=(silent, silent),
    )


def parts_of(question: str) -> list[str]:
    """The sentences and lines of a question."""
    return [each for each in re.split(r"(?<=[.!?:])\s+|\n+", question.strip()) if each.strip()]


def part(question: str, place: int) -> str:
    """One sentence; empty where there is none."""
    found = parts_of(question)
    return found[place] if -len(found) <= place < len(found) else ""


def rest(question: str, place: int) -> str:
    """All but one sentence."""
    found = parts_of(question)
    if -len(found) <= place < len(found):
        del found[place]
    return " ".join(found)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+|[^\w\s]", text.casefold())[-LONGEST:])


def _without_numbers(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d]+", text.casefold()))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+", text))


def _nearest(known: Sequence[Item], features: Callable[[str], frozenset[str]]) -> Guess:
    """The gold of the question with the most features in common (Jaccard)."""
    listed = [(features(item.question), core(item)) for item in known]

    def guess(item: Item) -> str:
        ours = features(item.question)
        near = max(listed, key=lambda each: len(ours & each[0]) / (len(ours | each[0]) or 1))
        return near[1]

    return guess


def _parts(context: Context, known: Sequence[Item]) -> Iterator[Finding]:
    """The best answer from one part of the prompt, and the best without one."""
    if sum(len(parts_of(item.question)) > 1 for item in known) <= HIGH * len(known):
        return
    views = {
        "alone": ("the {} sentence of the prompt alone", part),
        "without": ("the prompt without its {} sentence", rest),
    }
    for name, (words, view) in views.items():
        best = max(PLACES, key=lambda each: _answered(known, partial(view, place=PLACES[each])))
        seen = partial(view, place=PLACES[best])
        guess = _nearest_of(known, seen)
        words = f"{words.format(best)}, answered with the gold of the most similar one,"
        yield _ceiling(context, f"ceiling/{name}", guess, words)


def _answered(known: Sequence[Item], view: Callable[[str], str]) -> int:
    """How many items of one half the other half answers, if only a part of a prompt is seen."""
    guess = _nearest_of(known[::2], view)
    return sum(guess(item) == core(item) for item in known[1::2])


def _nearest_of(known: Sequence[Item], view: Callable[[str], str]) -> Guess:
    """The gold of the question whose visible part is the most similar."""
    return _nearest(known, lambda text: _words(view(text)))


def _bayes(known: Sequence[Item]) -> Guess:
    """The gold that fits the words of the question best (naive Bayes, add one)."""
    golds = Counter(core(item) for item in known)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item in known:
        counts[core(item)].update(_words(item.question))
    usual = [gold for gold, _ in golds.most_common(30)]

    def guess(item: Item) -> str:
        words = _words(item.question)

        def fits(gold: str) -> float:
            size, seen = golds[gold], counts[gold]
            return log(size) + sum(log((seen[word] + 1) / (size + 2)) for word in words)

        return max(usual, key=fits)

    return guess


def _copied(known: Sequence[Item]) -> Guess:
    """The number that is most often the gold: the first, the last, the largest, their sum, ..."""
    places: dict[str, Callable[[list[float]], float]] = {
        "first": lambda found: found[0],
        "second": lambda found: found[min(1, len(found) - 1)],
        "last": lambda found: found[-1],
        "largest": max,
        "smallest": min,
        "sum": sum,
        "count": len,
    }

    def numbers(text: str) -> list[float]:
        return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", text)] or [0.0]

    def right(place: Callable[[list[float]], float]) -> int:
        return sum(number(core(item)) == place(numbers(item.question)) for item in known)

    best = max(places.values(), key=right)
    return lambda item: f"{best(numbers(item.question)):g}"
