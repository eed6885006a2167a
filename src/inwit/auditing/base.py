"""What every audit uses: verdicts, and the two protocols for foreign environments.

An adapter (a file in `formats`) turns a target into `GradedText` or `Interactive`. It runs in a
child process; the audit itself sees only `Item`, `Step` and `Reading`, received through a pipe.
Nothing here may import torch, so that a child starts in a tenth of a second.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from inwit.evaluation.intervals import wilson


class Verdict(StrEnum):
    """What a finding means for training."""

    PASS = "pass"
    """Nothing is wrong."""
    UNKNOWN = "unknown"
    """A budget ended the search for a fault before all was tried."""
    WARN = "warn"
    """Training is possible, but a good score may not mean what it seems to."""
    FAIL = "fail"
    """Not worth training on until it is fixed."""


def counted(verdicts: Iterable[str]) -> str:
    """The number of each verdict, the worst first; `unknown` and `ignored` only if any are."""
    found = Counter(verdicts)
    names = [*map(str, reversed(Verdict)), "ignored"]
    always = (Verdict.FAIL, Verdict.WARN, Verdict.PASS)
    return ", ".join(f"{found[name]} {name}" for name in names if found[name] or name in always)


class Outcome(StrEnum):
    """The outcome of one call of foreign code."""

    VALUE = "value"
    """It returned a valid value."""
    ERROR = "error"
    """It raised, left with `sys.exit`, or returned something of another type."""
    TIMEOUT = "timeout"
    """It did not return in time."""
    DEATH = "death"
    """The process ended: `os._exit`, a signal, or more memory than is allowed."""
    SKIPPED = "skipped"
    """It was not called: too many earlier calls hung or died, or the time of the audit is up."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The result of one call of foreign code, as received from the child."""

    outcome: Outcome = Outcome.VALUE
    """Its outcome."""
    value: object = None
    """The returned value as plain values; a score is a float."""
    message: str = ""
    """The error in one line."""
    frames: tuple[str, ...] = ()
    """The author's own frames of its traceback, the last call last."""

    @property
    def score(self) -> float | None:
        """The score, or None."""
        return self.value if isinstance(self.value, float) else None


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question with its stated answer."""

    question: str
    """The question for a model."""
    gold: str | None = None
    """The stated answer as text, if there is one."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """All that the environment knows about it (a row, an entry), as plain values."""


class GradedText(Protocol):
    """Questions, and a score for a reply to one of them."""

    @property
    def about(self) -> Mapping[str, object]:
        """Facts for the audit besides the items.

        `versions`: packages and their versions. `range`: the lowest and highest score, if stated.
        `names`: local variables of the grader. `correctness`: whether a score says how right a
        reply is (a reward for length or format does not). `fixed`: there are no more items than the
        rows. `only_texts`: a reply is always a text.
        """

    def items(self, count: int, seed: int) -> Sequence[Item]:
        """Some items; the same seed gives the same ones."""

    def score(self, reply: object, item: Item) -> float:
        """The score of a reply; most replies are texts."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """The result of an action."""

    observation: object
    """As plain values."""
    reward: float
    """For this action."""
    terminated: bool
    """The episode ended by the rules."""
    truncated: bool = False
    """The episode was truncated."""
    info: Mapping[str, object] = field(default_factory=dict)
    """Further information."""


class Interactive(Protocol):
    """An interactive environment."""

    @property
    def about(self) -> Mapping[str, object]:
        """`versions` and `range` as above; `actions`: the actions, in terms of the format."""

    def reset(self, seed: int | None) -> object:
        """Begin an episode; the first observation."""

    def step(self, action: object) -> Step:
        """Act once."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One result of an audit of a foreign environment."""

    id: str
    """A stable name: `group/probe`."""
    verdict: Verdict
    """Its verdict."""
    message: str
    """Its meaning, in one sentence that the author can act on."""
    hits: float = 0
    """The number of `count` on which it was seen."""
    count: int = 0
    """The number tried."""
    interval: tuple[float, float] | None = None
    """The 95 % interval of the figure, if it is not Wilson's."""
    item: Item | None = None
    """An item that shows it."""
    reply: object = None
    """The reply that shows it."""
    reading: Reading | None = None
    """The grader's result for it."""
    ignored: str = ""
    """The author's reason for accepting it."""

    @property
    def figure(self) -> float:
        """The share."""
        return self.hits / self.count if self.count else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """The 95 % interval of the figure."""
        if self.interval is not None or not self.count:
            return self.interval or (0.0, 1.0)
        return wilson(round(self.hits), self.count)
