"""`inwit tools`: lists the tools of a task."""

from dataclasses import dataclass
from typing import Annotated

from tyro.conf import Positional, arg

from inwit.cli.commands.arguments import default_hint
from inwit.cli.terminal import terminal


@dataclass(frozen=True, kw_only=True)
class ListTools:
    """List the tools of a task: names, arguments and types."""

    task: Annotated[Positional[str], arg(metavar="[TASK]", help_behavior_hint=default_hint)] = ""
    """A task or FILE.py; by default the built-in tools."""

    def __call__(self) -> None:
        """Print the table."""
        from inwit.cli.console import print_tools
        from inwit.recipes import task_for
        from inwit.tools import ARITHMETIC

        tools = task_for(self.task).rules.tools if self.task else ARITHMETIC
        print_tools(terminal(), tools)
