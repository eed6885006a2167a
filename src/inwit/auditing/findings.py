"""The result of an audit of a foreign environment, and the findings that its author accepts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from inwit.auditing import rows
from inwit.auditing.base import Finding, Verdict, counted
from inwit.auditing.child.messages import plain
from inwit.auditing.groups import GROUP, members
from inwit.errors import InvalidOption
from inwit.tabular import Sheet, Tabular
from inwit.texts import read_text, to_json

SCHEMA = "inwit-audit/1"
"""The version of the schema of `TargetAudit.to_json`."""
SHOWN, BRIEF = 2000, 60
"""Maximum characters of a question or reply in JSON, and in a line."""
MOST = 2**24


@dataclass(frozen=True, kw_only=True, repr=False)
class TargetAudit(Tabular):
    """The audit of a foreign environment."""

    target: str
    """Its name, as given."""
    kind: str
    """`graded` text or `interactive`."""
    seed: int
    """Fixes the items."""
    items: int
    """The number of items."""
    findings: tuple[Finding, ...]
    """All findings, passes included."""
    skipped: tuple[str, ...] = ()
    """Probes skipped for lack of time."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The versions that the result depends on."""
    seconds: float = 0.0
    """Processor time of the target."""

    @property
    def verdict(self) -> Verdict:
        """The worst verdict that is not ignored."""
        found = {each.verdict for each in self.findings if not each.ignored}
        return next(each for each in reversed(Verdict) if each in found or each is Verdict.PASS)

    @property
    def headline(self) -> str:
        """The target, the verdict and the number of findings of each."""
        verdicts = ("ignored" if each.ignored else str(each.verdict) for each in self.findings)
        spent = f"{self.items} items, {self.seconds:.1f} s"
        return f"{self.target}: {self.verdict} ({counted(verdicts)}; {spent})"

    def sheets(self, *, passes: bool = False) -> list[Sheet]:
        """The findings, the worst first; those that pass only if asked for."""
        return [rows.findings(self.findings, passes=passes)]

    def rows(self) -> list[dict[str, object]]:
        """A row for every finding, passes included."""
        return [
            {
                "id": each.id,
                "verdict": str(each.verdict),
                "figure": each.figure,
                "low": each.bounds[0],
                "high": each.bounds[1],
                "count": each.count,
                "meaning": each.message,
                "question": each.item and each.item.question,
                "gold": each.item and each.item.gold,
                "reply": each.reply,
                "score": each.reading and each.reading.value,
                "ignored": each.ignored,
            }
            for each in self.findings
        ]

    def at_least(self, verdict: Verdict) -> tuple[Finding, ...]:
        """The findings with this verdict or a worse one that are not ignored."""
        order = list(Verdict)
        return tuple(
            each
            for each in self.findings
            if order.index(each.verdict) >= order.index(verdict) and not each.ignored
        )

    def find(self, id: str) -> Finding:
        """The finding with this name.

        Raises:
            KeyError: there is none.
        """
        return {each.id: each for each in self.findings}[id]

    def without(self, ignored: Mapping[str, str]) -> "TargetAudit":
        """The same audit with some findings accepted.

        Args:
            ignored: reasons by the names of findings, or of groups of them.
        """
        reasons = {id: why for name, why in ignored.items() for id in members(name)} | dict(ignored)
        marked = (replace(each, ignored=reasons.get(each.id, "")) for each in self.findings)
        return replace(self, findings=tuple(marked))

    def to_json(self) -> dict[str, Any]:
        """The audit as plain values, with the version of the schema."""
        return {
            "schema": SCHEMA,
            "target": self.target,
            "kind": self.kind,
            "verdict": str(self.verdict),
            "seed": self.seed,
            "items": self.items,
            "seconds": round(self.seconds, 3),
            "versions": dict(self.versions),
            "skipped": list(self.skipped),
            "findings": [_plain(each) for each in self.findings],
        }


def said(finding: Finding) -> str:
    """A finding in one line, with the reply that shows it and the gold."""
    line = f"{finding.verdict} {finding.id}: {finding.message}"
    if finding.item is not None and finding.reply is not None:
        gold = "none" if finding.item.gold is None else repr(finding.item.gold[:BRIEF])
        line += f"; reply {repr(finding.reply)[:BRIEF]}, gold {gold}"
    return line


def _plain(finding: Finding) -> dict[str, Any]:
    reading, item = finding.reading, finding.item
    return {
        "id": finding.id,
        "group": GROUP.get(finding.id, ""),
        "verdict": str(finding.verdict),
        "message": finding.message,
        "hits": finding.hits,
        "count": finding.count,
        "figure": finding.figure,
        "interval": list(finding.bounds),
        "ignored": finding.ignored,
        "item": item and {"question": item.question[:SHOWN], "gold": item.gold},
        "reply": finding.reply[:SHOWN] if isinstance(finding.reply, str) else finding.reply,
        "reading": reading
        and {
            "outcome": str(reading.outcome),
            "value": plain(reading.value),
            "message": reading.message,
            "frames": list(reading.frames),
        },
    }


def read_baseline(path: Path) -> dict[str, str]:
    """The findings that a baseline accepts, with the reasons.

    Raises:
        InvalidOption: it cannot be read, or is not a baseline.
    """
    try:
        found = json.loads(read_text(path, InvalidOption, MOST))
        return {str(each["id"]): str(each["because"]) for each in found["ignored"]}
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, InvalidOption):
            raise
        raise InvalidOption(
            f'{path} is not a baseline: {{"ignored": [{{"id": ..., "because": ...}}]}}'
        ) from None


def baseline_of(found: Sequence[Finding], because: str) -> str:
    """A baseline that accepts some findings."""
    ignored = [{"id": each.id, "because": because} for each in found]
    return to_json({"schema": SCHEMA, "ignored": ignored}, indent=2)
