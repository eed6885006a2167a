"""`inwit audit` and `inwit tools`: what can be known of a task before any training."""

from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from tyro.conf import Positional

from inwit.cli.commands.arguments import positive, whole, write
from inwit.texts import to_json


@dataclass(frozen=True, kw_only=True)
class AuditTask:
    """Is a task worth training on? Its ceilings, traps and faults, before any training."""

    task: Positional[str]
    """The task; `tutorial` is the published environment with its faults."""
    levels: str = ""
    """The levels to be looked at, `1,2`; all if none are given."""
    problems: int = 1000
    """How many problems of each level are drawn."""
    budget: int = 300_000
    """Presses that a search for programs follows, before some are left out."""
    seed: int = 0
    """Which problems."""
    json: Path | None = None
    """Write all of it to this file, too."""

    def __call__(self) -> None:
        """Print the tables."""
        from inwit.auditing.exhaustive import audit_task
        from inwit.recipes import task_for
        from inwit.reports.audit import print_audit

        positive("budget", self.budget)
        levels = [whole("levels", part) for part in self.levels.split(",") if part.strip()]
        audit = audit_task(
            task_for(self.task),
            levels=levels or None,
            problems=self.problems,
            budget=self.budget,
            seed=self.seed,
        )
        audit = replace(audit, task=self.task)
        print_audit(Console(), audit)
        if self.json is not None:
            write(self.json, to_json(audit.to_json(), indent=2))


@dataclass(frozen=True, kw_only=True)
class ListTools:
    """The tools of a task: names, arguments and types."""

    task: Positional[str] = ""
    """A task, or FILE.py; the tools that are built in if none is given."""

    def __call__(self) -> None:
        """Print the table."""
        from inwit.cli.console import print_tools
        from inwit.recipes import task_for
        from inwit.tools import ARITHMETIC

        tools = task_for(self.task).rules.tools if self.task else ARITHMETIC
        print_tools(Console(), tools)
