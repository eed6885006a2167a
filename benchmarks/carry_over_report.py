"""What `carry_over.py` records, and what follows from it: correlations, a table, a plot."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean, median

LEVEL, WINDOW = 0.4, 5
"""Speed: episodes until this share of episodes is paid, on average over so many updates."""
SOLVED, CHEATED, HALF, SOME = 0.8, 0.2, 0.5, 0.2
"""Shares of held-out episodes that decide how a run ended (`failure`)."""
RESAMPLES = 2000
BATCH = 64
"""Episodes of an update, of both agents."""


@dataclass(frozen=True, kw_only=True)
class Audited:
    """What the audit says of a variant, before any training."""

    variant: str
    """Its name."""
    verdict: str
    """The worst verdict."""
    ceiling: float
    """What the best programs answer."""
    chance: float
    """What random legal play answers."""
    findings: list[str]
    """Everything that does not pass."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training of one agent on one variant."""

    variant: str
    """Its name."""
    seed: int
    """The seed."""
    right: float
    """Share of held-out problems with the stated answer."""
    paid: float
    """Share that the verifier pays."""
    called: float
    """Share with a call of a tool."""
    lured: float
    """Share with the answer of the program that is right by luck, or of a step on the way."""
    episodes: int
    """Episodes until the share of paid ones passes the level; the whole budget if it never does."""
    failure: str
    """How it ended, in a word (`failure`)."""
    curve: list[float]
    """Share of paid episodes, update by update."""
    cpu_seconds: float
    """CPU seconds, with warm-up and evaluation."""


def failure(*, right: float, paid: float, called: float, lured: float) -> str:
    """How a run ended: the first that holds."""
    if right >= SOLVED:
        return "solved" if called >= HALF else "copied"
    if paid - right >= CHEATED:
        return "paid wrong"
    if lured >= HALF:
        return "lured"
    return "partly" if right >= SOME else "nothing"


def until(curve: Sequence[float], batch: int) -> int:
    """Episodes until the mean of a window of updates passes the level; all if it never does."""
    for end in range(WINDOW, len(curve) + 1):
        if fmean(curve[end - WINDOW : end]) >= LEVEL:
            return end * batch
    return len(curve) * batch


def ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of theirs."""
    return [
        sum(other < value for other in values) + (1 + sum(other == value for other in values)) / 2
        for value in values
    ]


def spearman(first: Sequence[float], second: Sequence[float]) -> float:
    """Spearman's rank correlation: Pearson's of the ranks; 0 where one side is constant."""
    one, two = ranks(first), ranks(second)
    middle = fmean(one)
    pairs = [(a - middle, b - middle) for a, b in zip(one, two, strict=True)]
    size = (sum(a * a for a, _ in pairs) * sum(b * b for _, b in pairs)) ** 0.5
    return sum(a * b for a, b in pairs) / size if size else 0.0


def kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Cohen's kappa: agreement beyond that of chance."""
    same, expected = agreement(first, second)
    return (same - expected) / (1 - expected) if expected < 1 else 0.0


def agreement(first: Sequence[str], second: Sequence[str]) -> tuple[float, float]:
    """The share of equal labels, and the share expected if both were drawn independently."""
    count = len(first)
    same = sum(a == b for a, b in zip(first, second, strict=True)) / count
    one, two = Counter(first), Counter(second)
    return same, sum(one[label] * two[label] for label in one) / count**2


Statistic = Callable[[Sequence[tuple[object, object]]], float]


def interval(pairs: Sequence[tuple[object, object]], statistic: Statistic) -> tuple[float, float]:
    """The 95 % bootstrap interval of a statistic of pairs; the same for the same pairs."""
    draw = Random(0)
    found = sorted(statistic(draw.choices(pairs, k=len(pairs))) for _ in range(RESAMPLES))
    return found[round(0.025 * (RESAMPLES - 1))], found[round(0.975 * (RESAMPLES - 1))]


@dataclass(frozen=True, kw_only=True)
class Middle:
    """What several runs of one agent on one variant say together."""

    right: float
    """The median."""
    episodes: float
    """The median."""
    failure: str
    """The most frequent; of equally frequent ones the one of the lowest seed."""
    runs: tuple[Run, ...]
    """The runs."""


def middles(runs: Sequence[Run]) -> dict[str, Middle]:
    """The runs by variant."""
    found = {}
    for name in dict.fromkeys(run.variant for run in runs):
        own = sorted((run for run in runs if run.variant == name), key=lambda run: run.seed)
        found[name] = Middle(
            right=median(run.right for run in own),
            episodes=median(run.episodes for run in own),
            failure=Counter(run.failure for run in own).most_common(1)[0][0],
            runs=tuple(own),
        )
    return found


def read_runs(path: Path) -> list[Run]:
    """The records of a file."""
    return [Run(**json.loads(line)) for line in path.read_text().splitlines()]


def read_audits(path: Path) -> dict[str, Audited]:
    """The audits of a file, by variant."""
    found = (Audited(**json.loads(line)) for line in path.read_text().splitlines())
    return {each.variant: each for each in found}


@dataclass(frozen=True, kw_only=True)
class Carried:
    """Forecasts and outcomes of the variants that have both."""

    audits: Mapping[str, Audited]
    """What the audit says."""
    small: Mapping[str, Middle]
    """The forecasts: what the small agent did."""
    model: Mapping[str, Middle]
    """The outcomes: what the language model did."""

    @property
    def names(self) -> list[str]:
        """The variants, in the order of the forecasts."""
        return [name for name in self.small if name in self.model]

    def without(self, left_out: Collection[str]) -> "Carried":
        """The same without some variants."""
        model = {name: each for name, each in self.model.items() if name not in left_out}
        return Carried(audits=self.audits, small=self.small, model=model)

    def pairs(self, name: str) -> list[tuple[object, object]]:
        """Forecast and outcome of every variant.

        Args:
            name: `right`, `episodes` or `failure`.
        """
        return [(getattr(self.small[at], name), getattr(self.model[at], name)) for at in self.names]

    def lines(self) -> list[str]:
        """The correlations, a row of a table each."""
        names = self.names
        ceiling = [(self.audits[at].ceiling, self.model[at].right) for at in names]
        chance = [(-self.audits[at].chance, self.model[at].episodes) for at in names]
        rows = [
            ("right answers: small agent", correlated, self.pairs("right")),
            ("right answers: ceiling of the audit", correlated, ceiling),
            ("episodes: small agent", correlated, self.pairs("episodes")),
            ("episodes: random play in the audit", correlated, chance),
            ("how it ends: small agent, kappa", kappa_of, self.pairs("failure")),
        ]
        return [_row(title, statistic, pairs) for title, statistic, pairs in rows]


def _row(title: str, statistic: Statistic, pairs: Sequence[tuple[object, object]]) -> str:
    low, high = interval(pairs, statistic)
    return f"| {title} | {statistic(pairs):.2f} | {low:.2f} to {high:.2f} | {len(pairs)} |"


def correlated(pairs: Sequence[tuple[object, object]]) -> float:
    """Spearman's correlation of pairs."""
    return spearman(*([float(each[side]) for each in pairs] for side in (0, 1)))  # type: ignore


def kappa_of(pairs: Sequence[tuple[object, object]]) -> float:
    """Cohen's kappa of pairs."""
    return kappa(*([str(each[side]) for each in pairs] for side in (0, 1)))


def report(audits: Path, small: Path, model: Path, unlearnable: Collection[str]) -> str:
    """The tables, in Markdown."""
    runs = read_runs(model) if model.exists() else []
    carried = Carried(
        audits=read_audits(audits), small=middles(read_runs(small)), model=middles(runs)
    )
    blocks = [table(carried)]
    if carried.names:
        parts = {"all variants": carried, "those that can be learnt": carried.without(unlearnable)}
        for title, part in parts.items():
            same, chance = agreement(*zip(*part.pairs("failure"), strict=True))
            head = f"| {title} | Spearman's rho | 95 % interval | variants |"
            blocks.append("\n".join([head, "| --- | ---: | ---: | ---: |", *part.lines()]))
            blocks.append(f"They end alike in {same:.0%}; {chance:.0%} would by chance.")
    return "\n\n".join(blocks)


def table(carried: Carried) -> str:
    """A row for every variant."""
    head = "| variant | audit | ceiling | chance | small agent | language model |"
    rows = [head, "| --- | --- | ---: | ---: | --- | --- |"]
    for name, forecast in carried.small.items():
        audit, outcome = carried.audits[name], carried.model.get(name)
        cells = [
            name.replace("_", " "),
            audit.verdict,
            f"{audit.ceiling:.0%}",
            f"{audit.chance:.1%}",
            said(forecast),
            said(outcome) if outcome else "-",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def said(middle: Middle, batch: int = BATCH) -> str:
    """Right answers, episodes and ending of one agent; the range of right answers over seeds."""
    shares = sorted(run.right for run in middle.runs)
    spread = (
        f"{shares[0]:.0%}"
        if len({f"{each:.0%}" for each in shares}) == 1
        else (f"{shares[0]:.0%} to {shares[-1]:.0%}")
    )
    never = middle.episodes >= len(middle.runs[0].curve) * batch
    speed = "never" if never else f"{middle.episodes:,.0f}"
    return f"{spread}, {speed}, {middle.failure}"


SIDE, MARGIN = 320, 44
COLOURS = ("#b91c1c", "#2563eb")
"""Of variants that end otherwise than forecast, and alike."""


def scatter(carried: Carried) -> str:
    """Right answers of the small agent against those of the language model, as SVG."""
    size = SIDE + 2 * MARGIN
    marks = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{size}" height="{size}" fill="#ffffff"/>',
        f'<path d="M{MARGIN} {MARGIN}V{MARGIN + SIDE}H{MARGIN + SIDE}" fill="none" stroke="#555"/>',
        f'<path d="M{MARGIN} {MARGIN + SIDE}L{MARGIN + SIDE} {MARGIN}" stroke="#ccc"/>',
    ]
    draw, taken = Random(0), dict[tuple[float, float], int]()
    for name in carried.names:
        small, model = carried.small[name], carried.model[name]
        spot = (round(small.right, 1), round(model.right, 1))
        taken[spot] = taken.get(spot, 0) + 1
        x = MARGIN + SIDE * small.right + draw.uniform(-6, 6)
        y = MARGIN + SIDE * (1 - model.right) + draw.uniform(-6, 6)
        colour = COLOURS[small.failure == model.failure]
        marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}" fill-opacity="0.7">'
            f"<title>{name}: {small.right:.0%}, {model.right:.0%}</title></circle>"
        )
    for share in (0, 0.5, 1):
        x, y = MARGIN + SIDE * share, MARGIN + SIDE * (1 - share)
        marks.append(
            f'<text x="{x}" y="{MARGIN + SIDE + 16}" text-anchor="middle">{share:.0%}</text>'
        )
        marks.append(f'<text x="{MARGIN - 6}" y="{y + 4}" text-anchor="end">{share:.0%}</text>')
    middle = MARGIN + SIDE / 2
    marks.append(
        f'<text x="{middle}" y="{size - 10}" text-anchor="middle">small agent: right answers</text>'
        f'<text x="14" y="{middle}" text-anchor="middle" '
        f'transform="rotate(-90 14 {middle})">language model: right answers</text></svg>'
    )
    return "\n".join(marks) + "\n"
