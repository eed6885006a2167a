"""`inwit train --seeds 0-7`: trains several seeds at once and prints one table."""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from inwit.cli.console import REFRESH, Pace
from inwit.cli.games import Lines
from inwit.cli.terminal import terminal
from inwit.cli.waiting import waiting
from inwit.errors import Diverged
from inwit.games.recipe import ready
from inwit.recipe import Recipe, RunRecipe
from inwit.reports.columns import print_columns
from inwit.runs.seeds import SEEDS, check_folder, check_seeds, run_seeds, table
from inwit.runs.workers import Finished, Message, Progressed
from inwit.training.placing import reserved

COLUMNS = ("seed", "update", "level", "exploring", "episodes/s", "time left", "")
GAME_COLUMNS = ("seed", "update", "return", "actions/s", "time left", "")
"""Of runs in an environment: the mean return of the episodes that ended last."""
PARTS = 4
"""Lines per seed if the table is not live."""


@dataclass(frozen=True, kw_only=True)
class SeveralSeeds:
    """The values of `--seeds`, `--jobs` and `--ray`."""

    seeds: tuple[int, ...]
    """The seeds."""
    jobs: int | None
    """Runs at once; by default one per usable core."""
    ray: str = ""
    """`auto` or the address of a Ray cluster; by default this machine."""

    def train(self, recipe: RunRecipe) -> None:
        """Train all seeds, show their progress and print the table.

        Raises:
            InvalidOption: an option is out of range.
            Diverged: a seed did not complete.
            Interrupted: the user asked to stop.
        """
        check_seeds(self.seeds, self.jobs)
        with waiting("before the first update"):
            recipe = ready(recipe)
        check_folder(recipe, self.seeds)
        with ExitStack() as stack:
            if recipe.out is None:
                recipe = recipe.but(out=stack.enter_context(reserved(recipe, SEEDS)))
            self._train(recipe)

    def _train(self, recipe: RunRecipe) -> None:
        console = terminal()
        text = f"{len(self.seeds)} seeds, up to {recipe.updates} updates each, in {recipe.out}"
        console.print(text, highlight=False, soft_wrap=True)
        with ExitStack() as stack:
            progress = stack.enter_context(SeedsProgress(console, recipe, self.seeds))
            preparing = stack.enter_context(ExitStack())
            preparing.enter_context(waiting("before the first update"))

            def report(seed: int, message: Message) -> None:
                preparing.close()
                progress(seed, message)

            results = run_seeds(recipe, self.seeds, jobs=self.jobs, ray=self.ray, report=report)
        rows = table(results)
        failed = [result for result in results if not result.scores]
        if not failed:
            rows = [row[:-1] for row in rows]
        scored = "greedy, on held-out problems"
        if not isinstance(recipe, Recipe):
            best = "; MMER: the best mean in training" if "MMER" in rows[0] else ""
            scored = f"mean returns of fresh episodes{best}"
        console.print(f"\n{scored}:", highlight=False)
        print_columns(console, rows, left=("",))
        console.print(f"\nrun folders: {recipe.out}/seed-*", highlight=False, soft_wrap=True)
        if failed:
            reasons = "; ".join(f"seed {result.seed}: {result.failure}" for result in failed)
            raise Diverged(f"{len(failed)} of {len(results)} seeds are not complete: {reasons}")


class SeedsProgress:
    """One row per seed: a live table on a terminal, elsewhere lines at first and each quarter."""

    def __init__(self, console: Console, recipe: RunRecipe, seeds: Sequence[int]) -> None:
        """Follow these seeds of a recipe."""
        self.console, self.updates = console, recipe.updates
        self.game = not isinstance(recipe, Recipe)
        self.columns = GAME_COLUMNS if self.game else COLUMNS
        empty = [""] * (len(self.columns) - 2)
        self.lines: dict[int, list[str]] = {seed: [str(seed), *empty, "-"] for seed in seeds}
        self.part = dict.fromkeys(seeds, -1)
        self.paces = {seed: Pace(recipe.updates) for seed in seeds}
        self.games = {seed: Lines(recipe.updates) for seed in seeds}
        self.warned: set[tuple[int, str]] = set()
        self.drawn = 0.0
        self.live: Live | None = None

    def __enter__(self) -> "SeedsProgress":
        if self.console.is_terminal:
            self.live = Live(self._table(), console=self.console, auto_refresh=False)
            self.live.start()
        else:
            self._print(self.columns)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.live is not None:
            self.live.update(self._table(), refresh=True)
            self.live.stop()

    def __call__(self, seed: int, message: Message) -> None:
        """Show a seed's message."""
        line, part = self.lines[seed], self.part[seed]
        if isinstance(message, Progressed):
            line = self._line(seed, message)
            part = PARTS * message.report.update // self.updates
            self._warn(seed, message.report.warnings)
        elif isinstance(message, Finished):
            line = [*line[:-2], "", f"complete, {message.cpu:.1f} CPU s"]
        else:
            line = [*line[:-2], "", message.reason]
        self.lines[seed] = line
        shown = part > self.part[seed] or not isinstance(message, Progressed)
        self.part[seed] = part
        if self.live is None and shown:
            self._print(line)
        elif self.live is not None and (shown or time.monotonic() - self.drawn > REFRESH):
            self.drawn = time.monotonic()
            self.live.update(self._table(), refresh=True)

    def _line(self, seed: int, message: Progressed) -> list[str]:
        report = message.report
        if self.game:
            cells = self.games[seed](report)[:2]
        else:
            right = f"{report.metrics['episodes/accuracy']:.1%}"
            cells = [f"{report.update}/{self.updates}", str(report.level), right]
        return [str(seed), *cells, *self.paces[seed](report), ""]

    def _warn(self, seed: int, warnings: Mapping[str, str]) -> None:
        for name in warnings:
            if (seed, name) not in self.warned:
                self.warned.add((seed, name))
                text = f"seed {seed}: warning: {warnings[name]}"
                self.console.print(text, style="yellow", highlight=False)

    def _print(self, line: Sequence[str]) -> None:
        text = "".join(f"{cell:>12}" for cell in line[:-1]) + f"  {line[-1]}"
        self.console.print(text.rstrip(), soft_wrap=True, highlight=False)

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        for name in self.columns:
            table.add_column(name, justify="right" if name else "left", no_wrap=bool(name))
        for line in self.lines.values():
            table.add_row(*line)
        return table
