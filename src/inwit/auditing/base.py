"""What every audit is about: verdicts, and the two protocols that stand for anybody's environment.

An adapter (a file in `formats`) turns a target into `GradedText` or `Interactive`. It runs in a
child process; the audit itself sees only `Item`, `Step` and `Reading`, which came through a pipe.
Nothing here may import torch: the child starts in a tenth of a second.
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
    """As it should be."""
    WARN = "warn"
    """Can be trained on, but a good score will not prove what one might think."""
    FAIL = "fail"
    """Not worth training on before it is mended."""


def counted(verdicts: Iterable[str]) -> str:
    """How many there are of each verdict, the worst first; `ignored` only where there is one."""
    found = Counter(verdicts)
    names = [*map(str, reversed(Verdict)), *(["ignored"] if found["ignored"] else [])]
    return ", ".join(f"{found[name]} {name}" for name in names)


class Outcome(StrEnum):
    """What became of one call of foreign code."""

    VALUE = "value"
    """It returned what it should."""
    ERROR = "error"
    """It raised, left with `sys.exit`, or returned something of another type."""
    TIMEOUT = "timeout"
    """It did not return in time."""
    DEATH = "death"
    """The process ended: `os._exit`, a signal, or more memory than is allowed."""
    SKIPPED = "skipped"
    """It was not called: too many calls before it hung or died, or the time of the audit is up."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One call of foreign code, as it came back from the child."""

    outcome: Outcome = Outcome.VALUE
    """What became of it."""
    value: object = None
    """What it returned, in plain values; a score is a float."""
    message: str = ""
    """The error in one line."""
    frames: tuple[str, ...] = ()
    """The author's own frames of its traceback, the last call last."""

    @property
    def score(self) -> float | None:
        """The score; None where there is none."""
        return self.value if isinstance(self.value, float) else None


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question with its stated answer."""

    question: str
    """What a model is asked."""
    gold: str | None = None
    """The stated answer as a text; None where none is stated."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """All that the environment knows of it (a row, an entry), in plain values."""


class GradedText(Protocol):
    """Questions, and a score for a reply to one of them."""

    @property
    def about(self) -> Mapping[str, object]:
        """What the audit should know beside the items.

        `versions`: packages and their versions. `range`: the lowest and highest score, if stated.
        `names`: local variables of the grader. `correctness`: whether a score says how right a
        reply is (a reward for length or format does not). `fixed`: there are no more items than the
        rows. `only_texts`: a reply is always a text.
        """

    def items(self, count: int, seed: int) -> Sequence[Item]:
        """Some items; the same seed gives the same ones."""

    def score(self, reply: object, item: Item) -> float:
        """What the grader pays for a reply; most replies are texts."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What an environment says after an action."""

    observation: object
    """In plain values."""
    reward: float
    """Paid for this action."""
    terminated: bool
    """The episode ended by the rules."""
    truncated: bool = False
    """It was cut off."""
    info: Mapping[str, object] = field(default_factory=dict)
    """Whatever else it says."""


class Interactive(Protocol):
    """An environment that is acted in."""

    @property
    def about(self) -> Mapping[str, object]:
        """`versions` and `range` as above; `actions`: what can be done, which the format states."""

    def reset(self, seed: int | None) -> object:
        """Begin an episode; the first observation."""

    def step(self, action: object) -> Step:
        """Act once."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One result of an audit of anybody's environment."""

    id: str
    """A stable name: `group/probe`."""
    verdict: Verdict
    """Whether it is as it should be."""
    message: str
    """What it means, in one sentence that the author can act on."""
    hits: float = 0
    """On how many of `count` it was seen."""
    count: int = 0
    """How many were tried."""
    interval: tuple[float, float] | None = None
    """The 95 % interval of the figure, where it is not Wilson's."""
    item: Item | None = None
    """An item that shows it."""
    reply: object = None
    """The reply that shows it."""
    reading: Reading | None = None
    """What the grader said to that."""
    ignored: str = ""
    """Why the author lets it stand."""

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
