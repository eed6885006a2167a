"""What `popgym_scores.py` records, and the table that follows from it."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from inwit.evaluation.intervals import bootstrap
from page_tables import printed

Line = dict[str, Any]
RANDOM, OURS, MEMORYLESS, THEIRS = "random play", "ours, gru", "ours, memoryless", "RecurrentPPO"
Groups = dict[tuple[str, str], list[Line]]


def told(lines: Sequence[Line]) -> str:
    """The scores and what they say, as they stand on the page."""
    return f"{scores(lines)}\n\n{verdict(lines)}"


def grouped(lines: Sequence[Line]) -> Groups:
    """The lines of each environment and contender, one per seed."""
    groups: Groups = {}
    for line in sorted(lines, key=lambda line: line["seed"]):
        groups.setdefault((line["environment"], line["contender"]), []).append(line)
    return groups


def drawn(lines: Sequence[Line]) -> list[float]:
    """The returns of all fresh episodes of all seeds, with drawn actions."""
    return [value for line in lines for value in line["drawn"]]


def mean(lines: Sequence[Line]) -> str:
    """The mean return with its 95 % interval over episodes, and that of the greedy actions."""
    if not lines:
        return "not run"
    values = drawn(lines)
    low, high = bootstrap(values)
    greedy = fmean(line["greedy"] for line in lines)
    return f"{fmean(values):.3f}, {low:.3f} to {high:.3f} ({greedy:.3f})"


def difference(ours: Sequence[Line], theirs: Sequence[Line]) -> tuple[float, float, float] | None:
    """Ours less theirs on the same seeds and episodes: mean, and its 95 % interval.

    The episodes that a score is made of begin from the same seeds for everybody, so they are
    compared one by one.
    """
    both = {line["seed"] for line in ours} & {line["seed"] for line in theirs}
    if not both:
        return None
    first, second = (
        drawn([line for line in each if line["seed"] in both]) for each in (ours, theirs)
    )
    parts = [one - two for one, two in zip(first, second, strict=True)]
    return fmean(parts), *bootstrap(parts)


def judged(found: tuple[float, float, float] | None) -> str:
    """Better or worse where the interval of the difference leaves out 0."""
    if found is None:
        return "-"
    middle, low, high = found
    word = "better" if low > 0 else "worse" if high < 0 else "even"
    return f"{word}: {middle:+.3f}, {low:+.3f} to {high:+.3f}"


def scores(lines: Sequence[Line]) -> str:
    """Mean returns of every contender, and ours less RecurrentPPO's."""
    groups = grouped(lines)
    heads = ["environment", "seeds", RANDOM, MEMORYLESS, OURS, THEIRS, "gru less RecurrentPPO"]
    rows = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    for name in dict.fromkeys(line["environment"] for line in lines):
        own, other = groups.get((name, OURS), []), groups.get((name, THEIRS), [])
        chance = groups.get((name, RANDOM), [])
        rows.append(
            [
                f"`{name}`",
                f"{len(own)}, {len(other)}",
                f"{fmean(drawn(chance)):.3f}" if chance else "not run",
                mean(groups.get((name, MEMORYLESS), [])),
                mean(own),
                mean(other),
                judged(difference(own, other)),
            ]
        )
    return printed(rows)


def verdict(lines: Sequence[Line]) -> str:
    """In how many environments ours is better, even and worse."""
    groups, words = grouped(lines), list[str]()
    for name in dict.fromkeys(line["environment"] for line in lines):
        found = difference(groups.get((name, OURS), []), groups.get((name, THEIRS), []))
        words.append(judged(found).split(":")[0])
    counts = ", ".join(f"{words.count(word)} {word}" for word in ("better", "even", "worse"))
    return f"gru beside RecurrentPPO in {len(words) - words.count('-')} environments: {counts}"
