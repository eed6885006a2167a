"""One audit of an interactive environment: child process, actions, episodes played so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inwit.auditing.base import Finding, Item, Outcome, Reading, Verdict
from inwit.auditing.child.process import Child

LIMIT, SECONDS = 500, 10.0
"""Most steps of an episode, and seconds for the call that plays it."""
MOST_EPISODES, MOST_CONSTANTS, FEW = 24, 12, 8


@dataclass(frozen=True, kw_only=True)
class Episode:
    """The record of an episode."""

    seed: int | None
    """Its seed."""
    policy: Mapping[str, Any]
    """The policy that acted."""
    reading: Reading
    """The call that played it."""
    first: str = ""
    """A digest of the first observation."""
    seen: str = ""
    """A digest of all others."""
    text: str = ""
    """The first observation as a text."""
    rewards: tuple[float, ...] = ()
    """The reward of each step."""
    actions: tuple[object, ...] = ()
    """Its first actions."""
    terminated: bool = False
    """Whether the last step terminated it."""
    truncated: bool = False
    """Whether the last step truncated it."""
    both: bool = False
    """Whether some step did both."""
    success: bool | None = None
    """The last report of success in `info`."""
    fault: str = ""
    """The exception that ended it."""
    fault_at: str = ""
    """`reset`, `step` or `reward`."""

    @property
    def sum(self) -> float:
        """Its return."""
        return sum(self.rewards)

    @property
    def complete(self) -> bool:
        """Whether it was played without a fault."""
        return self.reading.outcome is Outcome.VALUE and not self.fault

    @property
    def ended(self) -> bool:
        """Whether the environment ended it."""
        return self.terminated or self.truncated

    def same(self, other: "Episode") -> bool:
        """Whether two records agree."""
        mine = (self.first, self.seen, repr(self.rewards), self.ended, self.fault)
        return mine == (other.first, other.seen, repr(other.rewards), other.ended, other.fault)


@dataclass
class Context:
    """What the probes share."""

    child: Child
    """The process that plays."""
    about: Mapping[str, Any]
    """The adapter's description of the environment."""
    count: int
    """Episodes of each policy."""
    seed: int = 0
    """The first seed."""
    played: list[Episode] = field(default_factory=list)
    """All episodes with legal actions."""
    lost: list[Episode] = field(default_factory=list)
    """Episodes that hung or ended the process."""

    @property
    def seeds(self) -> list[int]:
        """The seeds of the episodes."""
        return list(range(self.seed, self.seed + min(self.count, MOST_EPISODES)))

    @property
    def actions(self) -> list[Any]:
        """The actions that constant policies repeat."""
        return list(self.about["actions"])

    @property
    def tools(self) -> bool:
        """Whether the actions are calls of tools."""
        return bool(self.about.get("tools"))

    def random(self) -> list[Episode]:
        """Random play, one episode for each seed."""
        known = [each for each in self.played if each.policy["kind"] == "random"]
        if known:
            return known
        return self.keep([self.play(seed, {"kind": "random", "seed": seed}) for seed in self.seeds])

    def play(
        self,
        seed: int | None,
        policy: Mapping[str, Any],
        child: Child | None = None,
        limit: int = LIMIT,
    ) -> Episode:
        """Play one episode, in this child process or another."""
        asked = [(seed, policy, limit)]
        reading = (child or self.child).ask("play", asked, seconds=SECONDS)[0]
        made = episode(seed, policy, reading)
        if reading.outcome in (Outcome.TIMEOUT, Outcome.DEATH):
            self.lost.append(made)
        return made

    def keep(self, episodes: Sequence[Episode]) -> list[Episode]:
        """Keep episodes that were played with legal actions."""
        self.played += episodes
        return list(episodes)


def episode(seed: int | None, policy: Mapping[str, Any], reading: Reading) -> Episode:
    """The record that the child process returned; empty if it returned none."""
    found = reading.value if isinstance(reading.value, dict) else {}
    lists = {name: tuple(found[name]) for name in ("rewards", "actions") if name in found}
    return Episode(seed=seed, policy=policy, reading=reading, **{**found, **lists})


def finding(
    id: str,
    verdict: Verdict,
    words: str,
    found: Sequence[Episode],
    count: int,
    reading: Reading | None = None,
) -> Finding:
    """A finding that shows the first of some episodes; it passes if there are none.

    Args:
        id: `group/probe`.
        verdict: the verdict if there are any.
        words: the sentence.
        found: the episodes that show it.
        count: how many were examined.
        reading: the result of a call, if not of the one that played the first episode.
    """
    shown = found[0] if found else None
    return Finding(
        id=id,
        verdict=verdict if shown else Verdict.PASS,
        message=words,
        hits=len(found),
        count=count,
        item=Item(question=shown.text, fields={"seed": shown.seed}) if shown else None,
        reply=[dict(shown.policy), *shown.actions[:5]] if shown else None,
        reading=reading or (Reading(value=shown.sum, message=shown.fault) if shown else None),
    )
