"""`inwit sweep FILE.toml`: searches for good options."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from inwit.cli.commands.arguments import OrNone, Text
from inwit.cli.terminal import terminal
from inwit.cli.waiting import waiting
from inwit.errors import InvalidOption

if TYPE_CHECKING:
    from inwit.runs.sweeps import Plan, Row


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Search for good options; the same command resumes a stopped sweep."""

    file: Annotated[Positional[Path], arg(metavar="FILE.toml")]
    """TOML file that describes the search (docs/sweeps.md)."""
    out: OrNone[Path] = None
    """Folder of the trials; by default `runs/FILE`."""
    ray: Text = ""
    """Train on a Ray cluster: `auto` or its address."""

    def __call__(self) -> None:
        """Run the trials; print the table and the command of the dashboard."""
        from inwit.progress import counting
        from inwit.reports.columns import print_columns
        from inwit.runs.sweeps import read_plan, sweep, table
        from inwit.runs.sweeps.rows import best, command, show
        from inwit.runs.sweeps.study import dashboard

        console = terminal()
        plan, folder = read_plan(self.file), self.out or Path("runs") / self.file.stem
        begun, known, ended = time.monotonic(), set[int](), 0

        def report(row: "Row") -> None:
            nonlocal ended
            known.add(row.number)
            step.total = plan.trials - min(known)  # those of before have ended
            options = ", ".join(f"{name} {show(value)}" for name, value in row.options.items())
            value = "" if row.value is None else f" {row.value:.4g}"
            state = "begins" if row.state == "not finished" else row.state
            reason = f" ({row.reason})" if row.reason else ""
            say(f"trial {row.number} {state}{value}{reason}: {options}")
            if row.state != "not finished":
                ended += 1
                step.number = min(ended + 1, step.total)
                rest = plan.trials - min(known) - ended
                say(left(ended, rest, time.monotonic() - begun))

        def say(line: str) -> None:
            console.print(line, highlight=False, soft_wrap=True)

        say(f"{begun_with(plan, ray=self.ray)}, in {folder}")
        with waiting(f"searching by {plan.objective}"), counting("trial", plan.trials) as step:
            rows = sweep(plan, folder, ray=self.ray, report=report)
        console.print()
        print_columns(console, table(plan, rows), left=("state",))
        first = best(plan, rows)
        if first is not None:
            say(f"\nbest: trial {first.number}: {command(plan, first)}")
        say(f"plots: {dashboard(folder)}")
        if rows and all(row.state == "failed" for row in rows):
            raise InvalidOption(f"every trial failed, the first one with: {rows[0].reason}")


def begun_with(plan: "Plan", *, ray: str = "") -> str:
    """How many trials there are, and how many of their runs at a time."""
    from inwit.devices import usable_cores

    noun = "trial" if plan.trials == 1 else "trials"
    count = plan.jobs or usable_cores()
    most = "one run" if count == 1 else f"at most {count} runs"
    if plan.jobs is None and ray:
        most = "as many runs as the cluster has cores"
    return f"up to {plan.trials} {noun}, {most} at a time"


def left(ended: int, rest: int, seconds: float) -> str:
    """How far a sweep is: the trials that are left, and the time if they take as long."""
    if rest <= 0:
        return f"all trials have ended, after {seconds:.0f} s"
    noun = "trial" if rest == 1 else "trials"
    return f"{rest} {noun} left, about {seconds / ended * rest:.0f} s if they take as long"
