"""A certificate: lines, each with a figure, an interval and a verdict."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from inwit.probes.rows import DETAIL, HEADINGS, LEFT, cells
from inwit.tabular import Sheet, Tabular


class Verdict(StrEnum):
    """The verdict of a line."""

    PASS = "pass"
    """The figure meets its bar."""
    FAIL = "fail"
    """It is not."""
    STATED = "stated"
    """A figure without a bar: nothing is claimed, or the task does not ask for it."""
    NONE = "does not apply"
    """There is nothing to measure; the note says why."""


def judged(holds: bool | None) -> Verdict:
    """The verdict of a condition; None where there is none."""
    return Verdict.STATED if holds is None else Verdict.PASS if holds else Verdict.FAIL


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a certificate."""

    part: str
    """What it is about: `competence`, `lesions`, ..."""
    name: str
    """What was measured."""
    verdict: Verdict
    """What it says of the agent."""
    figure: float | None = None
    """The figure."""
    unit: str = "share"
    """`share` (of problems or trials), `difference` (of shares), `bits` or `return`."""
    interval: tuple[float, float] | None = None
    """Its 95 % interval."""
    method: str = ""
    """How the interval, or an estimate, was made."""
    needs: str = ""
    """What makes it pass."""
    fails_if: str = ""
    """What would make it fail, in words."""
    count: int = 0
    """Problems, trials or keys."""
    seed: int = 0
    """Fixes the random draws."""
    beside: Mapping[str, float] = field(default_factory=dict)
    """What to compare with, by name."""
    note: str = ""
    """Further remarks."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Certificate(Tabular):
    """What has been shown about one agent, and what has not."""

    task: str
    """What it was trained on."""
    policy: str
    """Which network."""
    made: Mapping[str, str | int]
    """What the run was made with: versions, commit, machine."""
    commit: str
    """The source tree of the examination."""
    seed: int
    """Fixes all random draws."""
    problems: int
    """Problems of a level, or episodes."""
    lines: tuple[Line, ...]
    """Line by line."""

    @property
    def passed(self) -> bool:
        """No line fails."""
        return not self.count(Verdict.FAIL)

    @property
    def headline(self) -> str:
        """The task, the network, the verdict and how many lines have which."""
        verdict = Verdict.PASS if self.passed else Verdict.FAIL
        counted = ", ".join(f"{self.count(each)} {each}" for each in Verdict)
        return f"{self.task}, {self.policy}: {verdict} ({counted})"

    @property
    def summary(self) -> dict[str, list[str]]:
        """The parts by what is known of them.

        *failed*: some line fails; *shown*: some line passes and none fails; *not shown*: no line
        passes or fails, so nothing is claimed there.
        """
        found: dict[str, list[str]] = {"shown": [], "failed": [], "not shown": []}
        for part in dict.fromkeys(line.part for line in self.lines):
            verdicts = {line.verdict for line in self.find(part)}
            passes = "shown" if Verdict.PASS in verdicts else "not shown"
            found["failed" if Verdict.FAIL in verdicts else passes].append(part)
        return found

    @property
    def not_shown(self) -> list[str]:
        """The parts in which no line passes or fails: nothing is claimed there."""
        return self.summary["not shown"]

    @property
    def shown(self) -> list[Line]:
        """The lines of the table; the file and the page also have those of single keys."""
        return [line for line in self.lines if not line.name.startswith(DETAIL)]

    def sheets(self) -> list[Sheet]:
        """A row for every line that is shown."""
        rows = tuple((line.part, *cells(line)) for line in self.shown)
        missing = ", ".join(self.not_shown)
        note = f"not shown: {missing}" if missing else ""
        return [Sheet(headings=("part", *HEADINGS), rows=rows, left=LEFT, note=note)]

    def rows(self) -> list[dict[str, object]]:
        """A row for every line."""
        rows = list[dict[str, object]]()
        for line in self.lines:
            low, high = line.interval or (None, None)
            plain = asdict(line) | {"verdict": str(line.verdict), "low": low, "high": high}
            del plain["interval"], plain["beside"]
            rows.append(plain | {f"beside: {name}": each for name, each in line.beside.items()})
        return rows

    def count(self, verdict: Verdict) -> int:
        """How many lines have this verdict."""
        return sum(line.verdict is verdict for line in self.lines)

    def find(self, part: str, name: str = "") -> list[Line]:
        """The lines of a part whose names begin like this."""
        return [line for line in self.lines if line.part == part and line.name.startswith(name)]

    def to_json(self) -> dict[str, object]:
        """The certificate as plain values."""
        return {"passed": self.passed, **asdict(self)}
