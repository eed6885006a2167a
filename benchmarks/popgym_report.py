"""What `popgym_scores.py` records, and the two tables that follow from it."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from inwit.evaluation.intervals import bootstrap
from page_tables import printed

Line = dict[str, Any]
RANDOM, OURS, MEMORYLESS, THEIRS = "random play", "ours, gru", "ours, memoryless", "RecurrentPPO"
Groups = dict[tuple[str, str], list[Line]]


def tables(lines: Sequence[Line]) -> str:
    """Scores, then processor time, as they stand on the page."""
    return "\n\n".join([scores(lines), times(lines), verdict(lines)])


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


def times(lines: Sequence[Line]) -> str:
    """Actions per CPU second of training, stepping included, and what is left without stepping."""
    groups = grouped(lines)
    heads = ["environment", "stepping", MEMORYLESS, OURS, THEIRS, "gru's time", "net of stepping"]
    rows = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    for name in dict.fromkeys(line["environment"] for line in lines):
        several = [groups.get((name, each), []) for each in (RANDOM, MEMORYLESS, OURS, THEIRS)]
        rates = [f"{1 / seconds(each):,.0f}" if each else "not run" for each in several]
        whole, net = "-", shares(groups, name)
        if several[2] and several[3]:
            whole = f"{seconds(several[2]) / seconds(several[3]):.2f}"
        rows.append([f"`{name}`", *rates, whole, f"{net:.2f}" if net is not None else "-"])
    return printed(rows)


def seconds(lines: Sequence[Line]) -> float:
    """CPU seconds of an action."""
    return fmean(line["cpu"] / line["steps"] for line in lines)


def shares(groups: Groups, name: str) -> float | None:
    """The CPU time of ours in that of RecurrentPPO, both net of stepping the environment."""
    several = [groups.get((name, each)) for each in (RANDOM, OURS, THEIRS)]
    if not all(several):
        return None
    stepping, own, other = (seconds(each or []) for each in several)
    return (own - stepping) / (other - stepping)


def verdict(lines: Sequence[Line]) -> str:
    """In how many environments ours is better, even and worse, and the share of CPU time."""
    groups = grouped(lines)
    words, net = list[str](), list[float]()
    for name in dict.fromkeys(line["environment"] for line in lines):
        found = difference(groups.get((name, OURS), []), groups.get((name, THEIRS), []))
        words.append(judged(found).split(":")[0])
        share = shares(groups, name)
        net += [share] if share is not None else []
    counts = ", ".join(f"{words.count(word)} {word}" for word in ("better", "even", "worse"))
    time = f"; CPU time net of stepping {min(net):.2f} to {max(net):.2f}" if net else ""
    return (
        f"gru beside RecurrentPPO in {len(words) - words.count('-')} environments: {counts}{time}"
    )
