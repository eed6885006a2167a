"""`inwit sweep FILE.toml`: searches for good options."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from tyro.conf import Positional

if TYPE_CHECKING:
    from inwit.runs.sweeps import Row


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Search for good options; the same command resumes a stopped sweep."""

    file: Positional[Path]
    """FILE.toml, which describes the search."""
    out: Path | None = None
    """Folder of the trials; by default `runs/FILE`."""

    def __call__(self) -> None:
        """Run the trials; print the table and the command of the dashboard."""
        from inwit.reports.columns import print_columns
        from inwit.runs.sweeps import read_plan, sweep, table
        from inwit.runs.sweeps.rows import best, command, show
        from inwit.runs.sweeps.study import dashboard

        console = Console()
        plan, folder = read_plan(self.file), self.out or Path("runs") / self.file.stem

        def report(row: "Row") -> None:
            options = ", ".join(f"{name} {show(value)}" for name, value in row.options.items())
            value = "" if row.value is None else f" {row.value:.4g}"
            state = "begins" if row.state == "not finished" else row.state
            reason = f" ({row.reason})" if row.reason else ""
            say(f"trial {row.number} {state}{value}{reason}: {options}")

        def say(line: str) -> None:
            console.print(line, highlight=False, soft_wrap=True, markup=False)

        rows = sweep(plan, folder, report=report)
        console.print()
        print_columns(console, table(plan, rows), left=("state",))
        first = best(plan, rows)
        if first is not None:
            say(f"\nbest: trial {first.number}: {command(plan, first)}")
        say(f"plots: {dashboard(folder)}")
