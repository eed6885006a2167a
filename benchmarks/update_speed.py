"""How fast an update is: ours, other libraries, and the matrix products alone.

    python benchmarks/update_speed.py                # all contenders that are installed
    python benchmarks/update_speed.py --episodes 192 --contenders jax,sb3 --plot told.svg

As `inwit bench`, which measures ours alone; `contenders/` holds the others.
"""

from dataclasses import dataclass
from pathlib import Path

import tyro

from contenders import OTHERS
from inwit.bench.contenders import CONTENDERS
from inwit.cli.commands.arguments import check_writable, write
from inwit.cli.commands.measuring import Bench
from inwit.cli.main import prepare_process
from inwit.cli.mistakes import mistakes_in_a_line
from pictures import session_picture


@dataclass(frozen=True, kw_only=True)
class Compare(Bench):
    """One update beside other libraries: a process for each, in turns, on the same work."""

    plot: Path | None = None
    """Draw the times beside the floor into this file, as SVG."""

    def __call__(self) -> None:
        """Measure all, and print the tables."""
        check_writable(self.plot)
        results = self.measure((*CONTENDERS, *OTHERS))
        if self.plot is not None:
            write(self.plot, session_picture(results))


def main() -> None:
    with mistakes_in_a_line():
        prepare_process()
        tyro.cli(Compare)()


if __name__ == "__main__":
    main()
