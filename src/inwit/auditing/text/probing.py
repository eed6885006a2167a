"""From replies to a finding: score them, count the hits, show the first."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from inwit.auditing.base import Finding, Outcome, Reading, Verdict
from inwit.auditing.text.context import Context, Pair

Probe = Callable[[Context], Iterator[Finding]]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """Replies and their scores."""

    pairs: Sequence[Pair]
    """The number of an item, and a reply."""
    readings: Sequence[Reading]
    """Their scores."""

    def where(self, holds: Callable[[Reading], bool]) -> list[int]:
        """The places of the replies whose reading satisfies a condition."""
        return [place for place, each in enumerate(self.readings) if holds(each)]


def tried(context: Context, pairs: Sequence[Pair]) -> Tried:
    """Score replies; the result omits those that the time limit skipped."""
    readings = context.score(pairs)
    kept = [place for place, each in enumerate(readings) if each.outcome is not Outcome.SKIPPED]
    return Tried(
        pairs=[pairs[place] for place in kept], readings=[readings[place] for place in kept]
    )


def finding(
    context: Context, found: Tried, id: str, places: Sequence[int], verdict: Verdict, message: str
) -> Finding:
    """A finding that shows the first hit.

    Args:
        context: the audit.
        found: all replies that were tried.
        id: the name of the finding.
        places: the places of the hits in `found`.
        verdict: the verdict if there are hits; without hits it passes.
        message: the sentence.
    """
    shown = places[0] if places else None
    return Finding(
        id=id,
        verdict=verdict if places else Verdict.PASS,
        message=message,
        hits=len(places),
        count=len(found.pairs),
        item=None if shown is None else context.items[found.pairs[shown][0]],
        reply=None if shown is None else found.pairs[shown][1],
        reading=None if shown is None else found.readings[shown],
    )
