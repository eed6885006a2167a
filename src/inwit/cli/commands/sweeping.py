"""`inwit sweep FILE.toml`: searches for good options."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from tyro.conf import Positional

from inwit.cli.commands.arguments import write

if TYPE_CHECKING:
    from inwit.runs.sweeps import Row

PAGE = "sweep.html"


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Search for good options; the same command resumes a stopped sweep."""

    file: Positional[Path]
    """FILE.toml, which describes the search."""
    out: Path | None = None
    """Folder of the trials; by default `runs/FILE`."""

    def __call__(self) -> None:
        """Run the trials, print the table and write the page."""
        from inwit.reports.columns import print_columns
        from inwit.runs.sweeps import read_plan, sweep, table
        from inwit.runs.sweeps.page import sweep_page
        from inwit.runs.sweeps.rows import best, command, show

        console = Console()
        plan, folder = read_plan(self.file), self.out or Path("runs") / self.file.stem

        def tell(row: "Row") -> None:
            options = ", ".join(f"{name} {show(value)}" for name, value in row.options.items())
            value = "" if row.value is None else f" {row.value:.4g}"
            told = "begins" if row.state == "not finished" else row.state
            reason = f" ({row.reason})" if row.reason else ""
            line = f"trial {row.number} {told}{value}{reason}: {options}"
            console.print(line, highlight=False, soft_wrap=True, markup=False)

        rows = sweep(plan, folder, report=tell)
        console.print()
        print_columns(console, table(plan, rows), left=("state",))
        first = best(plan, rows)
        if first is not None:
            told = f"\nbest: trial {first.number}: {command(plan, first)}"
            console.print(told, highlight=False, soft_wrap=True, markup=False)
        write(folder / PAGE, sweep_page(plan, rows).rstrip("\n"))
        told = f"page: {folder / PAGE}"
        console.print(told, highlight=False, soft_wrap=True, markup=False)
