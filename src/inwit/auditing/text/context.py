"""One audit of graded text: items, child process, the form of a reply, what a right one earns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from inwit.auditing.base import Item, Outcome, Reading
from inwit.auditing.child.process import Child
from inwit.auditing.text.forms import DRESSES
from inwit.auditing.text.truth import core, options

TRIED = 12
"""Items on which all forms are tried first, to rank them."""
IDLE = ("", "banana")
NEARLY = 1e-6
Pair = tuple[int, object]
"""The number of an item, and a reply."""


def items_of(listed: object) -> list[Item]:
    """Items that came through the pipe; empty if the call failed."""
    rows = listed if isinstance(listed, list) else []
    return [Item(question=each[0], gold=each[1], fields=each[2]) for each in rows]


@dataclass
class Context:
    """What the probes share."""

    child: Child
    """The process that scores."""
    items: Sequence[Item]
    """The questions."""
    about: Mapping[str, Any]
    """The adapter's description of the target."""
    seed: int = 0
    """Seed of the items."""
    dress: str = "as it stands"
    """The form in which most golds are accepted; all later replies take it."""
    full: float = 1.0
    """What a right reply earns, the median over the items."""
    low: float = 0.0
    """What the worst reply earns."""
    golds: dict[int, Reading] = field(default_factory=dict)
    """The score of each item's gold in its best form."""
    scored: dict[tuple[int, str], Reading] = field(default_factory=dict)
    """All scores so far; a reply is scored once, except on purpose."""
    wrong: list[tuple[Pair, Reading]] = field(default_factory=list)
    """Replies that are certainly wrong, and their scores."""
    replies: dict[tuple[int, str], object] = field(default_factory=dict)
    """The replies that were scored."""
    drawn: dict[tuple[int, int], list[Item]] = field(default_factory=dict)
    """Items that are not scored, by seed and number."""
    closed: tuple[str, ...] = ()
    """All golds, if they form a closed list."""

    def __post_init__(self) -> None:
        """Find the golds, and the form in which they are paid."""
        self.closed = options(self.items)
        low, high = self.about.get("range") or (0.0, None)
        idle = [(index, reply) for index in range(len(self.items))[:TRIED] for reply in IDLE]
        scores = [each.score for each in self.score(idle) if each.score is not None]
        self.low = min([low, *(score for score in scores if score == score)])
        self._settle(high)

    @property
    def stated(self) -> list[int]:
        """The items with a gold."""
        return [index for index, item in enumerate(self.items) if core(item).strip()]

    def score(self, pairs: Iterable[Pair]) -> list[Reading]:
        """The scores of replies; each reply is scored once."""
        asked = list(pairs)
        keys = [(index, repr(reply)) for index, reply in asked]
        new = [
            (key, pair)
            for key, pair in dict(zip(keys, asked, strict=True)).items()
            if key not in self.scored
        ]
        readings = self.child.ask("score", [pair for _, pair in new])
        for (key, pair), reading in zip(new, readings, strict=True):
            if reading.outcome is not Outcome.SKIPPED:
                self.scored[key], self.replies[key] = reading, pair[1]
        skipped = Reading(outcome=Outcome.SKIPPED)
        return [self.scored.get(key, skipped) for key in keys]

    def again(self, pairs: Sequence[Pair]) -> list[Reading]:
        """The scores of replies, scored afresh."""
        return self.child.ask("score", pairs)

    def dressed(self, text: str) -> str:
        """An answer in the form that the grader wants."""
        return DRESSES[self.dress](text)

    def right(self, index: int) -> str:
        """The gold of an item in that form."""
        return self.dressed(core(self.items[index]))

    def share(self, reading: Reading) -> float:
        """A score as a share of what a right reply earns; 0 if there is none."""
        score = reading.score
        if score is None or score != score or self.full <= self.low:
            return 0.0
        return (score - self.low) / (self.full - self.low)

    def paid(self, reading: Reading) -> bool:
        """Whether a reply earns more than half of what a right one earns."""
        return self.share(reading) > 0.5 + NEARLY

    def paid_in_full(self, reading: Reading) -> bool:
        """Whether a reply earns as much as a right one."""
        return self.share(reading) >= 1 - NEARLY

    def _settle(self, high: float | None) -> None:
        """Try the golds in every form; keep the best form and what it earns."""
        first = self.stated[:TRIED]
        sums = {}
        for name, dress in DRESSES.items():
            pairs = [(index, dress(core(self.items[index]))) for index in first]
            scores = [reading.score or 0.0 for reading in self.score(pairs)]
            sums[name] = round(sum(scores), 6)
        if max(sums.values()) > self.low * len(first):
            self.dress = max(sums, key=lambda name: sums[name])
        order = sorted(DRESSES, key=lambda name: -sums[name])
        self._gold_readings(order)
        scores = [each.score for each in self.golds.values() if each.score is not None]
        best = median(scores) if scores else 0.0
        if high is not None:
            self.full = high
        elif best > self.low:
            self.full = best
        elif scores and max(scores) > self.low:
            self.full = max(scores)

    def _gold_readings(self, order: Sequence[str]) -> None:
        """The best score of each gold: as stated, and its core in the forms that pay."""
        rest = self.stated
        for name in ("", *order):
            if not rest:
                break
            pairs = [(index, self._written(index, name)) for index in rest]
            for index, reading in zip(rest, self.score(pairs), strict=True):
                known = self.golds.get(index)
                if known is None or (reading.score or 0.0) > (known.score or 0.0):
                    self.golds[index] = reading
            best = max((each.score or 0.0 for each in self.golds.values()), default=0.0)
            rest = [index for index in rest if (self.golds[index].score or 0.0) < max(best, NEARLY)]

    def _written(self, index: int, name: str) -> str:
        """A gold in a form; as stated if the name is empty."""
        item = self.items[index]
        return DRESSES[name](core(item)) if name else item.gold or ""
