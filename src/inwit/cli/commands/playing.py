"""The page: `inwit play`, and `inwit train --watch`."""

import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

from tyro.conf import Positional, arg

from inwit.cli.agents import SHIPPED
from inwit.cli.commands.arguments import TaskFile, default_hint
from inwit.cli.mistakes import mistakes_in_a_line
from inwit.errors import InvalidOption

if TYPE_CHECKING:
    from inwit.playground.server import Server

PORT = 4680


@dataclass(frozen=True, kw_only=True)
class Play:
    """Serve a page on which you can watch and break agents."""

    runs: Annotated[
        Positional[tuple[Path, ...]], arg(metavar="[RUN ...]", help_behavior_hint=default_hint)
    ] = ()
    """Run folders; by default the agent shipped with inwit."""
    task: TaskFile = ""
    """File of the runs' task, unless built in; its code is run."""
    port: int = PORT
    """Port of the page; 0 for any free one."""
    browser: bool = True
    """Open the page in the browser."""

    def __call__(self) -> None:
        """Serve the page until Ctrl-C."""
        from inwit.playground.server import Server
        from inwit.training.run_folder import RunFolder

        paths = list(self.runs or [SHIPPED])
        for path in paths:
            if "environment" in RunFolder(path).plain():
                shown = f"inwit trace {quote(str(path))} shows its episodes"
                raise InvalidOption(f"{path} was trained in an environment, not on a task; {shown}")
        server = Server(paths, self.port, self.task)
        with nobody_waits(server), server:
            print(f"inwit plays at {server.address} (Ctrl-C ends it)", flush=True)
            if self.browser and not _open(server.address):
                raise InvalidOption(
                    f"no browser could be opened: give --no-browser and open the page yourself, "
                    f"{server.address}"
                )
            server.wait()


@contextmanager
def nobody_waits(server: "Server") -> Iterator[None]:
    """End the process with the block if the server is still at work.

    The interpreter would wait for its threads: for probes and reports that nobody will see.
    """
    try:
        with mistakes_in_a_line():
            yield
    except SystemExit as end:
        _leave(server, end.code if isinstance(end.code, int) else 1)
        raise
    _leave(server, 0)


def _leave(server: "Server", code: int) -> None:
    if server.at_work:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def watch(run: Path) -> "Server":
    """Serve the page of a training that is about to start."""
    from inwit.playground.server import Server

    server = Server([run], 0)
    address = f"{server.address}watch.html"
    opened = "" if _open(address) else "; open it in a browser"
    print(f"watch it learn at {address}{opened}", flush=True)
    return server


def _open(address: str) -> bool:
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False
