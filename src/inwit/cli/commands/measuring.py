"""`inwit bench`: the time of one update, beside its matrix products alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inwit.cli.commands.arguments import OrNone, Text, check_writable, positive, whole, write
from inwit.cli.waiting import waiting
from inwit.texts import to_json

if TYPE_CHECKING:
    from inwit.bench.contenders import Contender
    from inwit.bench.results import Results


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Time one update beside its lower bound, its matrix products alone."""

    episodes: str = "192,2048,8192"
    """Episodes per update, separated by commas."""
    threads: str = "1,2"
    """Threads per process, separated by commas; each is pinned to a core of its own."""
    rounds: int = 7
    """Turns per contender, each some updates long."""
    contenders: Text = ""
    """Which implementations to time beside inwit and the lower bound; by default all."""
    json: OrNone[Path] = None
    """Also write every turn and the versions to this JSON file."""
    markdown: OrNone[Path] = None
    """Also write the tables to this Markdown file."""

    def __call__(self) -> None:
        """Measure inwit and print the tables."""
        from inwit.bench.contenders import CONTENDERS

        self.measure(CONTENDERS)

    def measure(self, among: "Sequence[Contender]") -> "Results":
        """Measure contenders; print and write the tables."""
        from inwit.bench.contenders import chosen
        from inwit.bench.session import measure
        from inwit.bench.tables import markdown
        from inwit.provenance import made_with

        positive("rounds", self.rounds)
        episodes, threads = numbers("episodes", self.episodes), numbers("threads", self.threads)
        check_writable(self.json, self.markdown)
        names = [name.strip() for name in self.contenders.split(",") if name.strip()]
        wanted = chosen(names, among)
        with waiting("timing updates"):
            results = measure(wanted, episodes, threads, self.rounds)
        made = made_with()
        made = {name: made[name] for name in ("inwit", "commit", "python", "machine", "processors")}
        tables = markdown(results, made)
        print(tables)
        if self.json is not None:
            write(self.json, to_json({"made": made} | results.to_json(), indent=2))
        if self.markdown is not None:
            write(self.markdown, tables)
        return results


def numbers(name: str, text: str) -> list[int]:
    """Whole numbers of at least 1, separated by commas.

    Raises:
        InvalidOption: one is not such a number, or there are none.
    """
    found = [whole(name, part) for part in text.split(",")]
    for number in found:
        positive(name, number)
    return found
