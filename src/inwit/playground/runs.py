"""The runs that a page may show: loaded on request, by number, never by path."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from inwit.agent import Agent, load_agent
from inwit.errors import InvalidOption
from inwit.playground.forecast import Forecast, fit_forecast
from inwit.recipes import task_for
from inwit.training.run_folder import WEIGHTS, RunFolder

HELD = 24
"""Networks kept in memory."""


class Runs:
    """Run folders, some of which may still be training."""

    def __init__(self, paths: Sequence[Path], task: str = "") -> None:
        """Name the folders, and the file of their task unless it is built in."""
        self.task = task_for(task) if task else None
        self.folders = [RunFolder(path) for path in paths]
        self._load = lru_cache(HELD)(
            lambda path, snapshot, written: load_agent(path, task=self.task, snapshot=snapshot)
        )
        self._fitting = ThreadPoolExecutor(1, thread_name_prefix="probes")
        self._forecast = lru_cache(HELD)(self._fit)
        self._fitted = list[Future[Forecast | None]]()

    def folder(self, number: int) -> RunFolder:
        """The folder of a run.

        Raises:
            InvalidOption: there is no such run.
        """
        if not 0 <= number < len(self.folders):
            raise InvalidOption(f"run {number}: there are the runs 0 to {len(self.folders) - 1}")
        return self.folders[number]

    def agent(self, number: int, snapshot: int | None = None) -> Agent:
        """The agent of a run, or its snapshot at an update."""
        path = self.folder(number).path
        weights = path / WEIGHTS
        written = weights.stat().st_mtime_ns if snapshot is None and weights.exists() else 0
        return self._load(path, snapshot, written)

    def forecast(self, number: int) -> Future[Forecast | None]:
        """The probes of a run's agent; they are trained once, in the background."""
        return self._forecast(self.agent(number))

    def _fit(self, agent: Agent) -> Future[Forecast | None]:
        self._fitted.append(self._fitting.submit(fit_forecast, agent))
        return self._fitted[-1]

    @property
    def at_work(self) -> bool:
        """Whether probes are being trained."""
        return not all(each.done() for each in self._fitted)

    def names(self) -> list[dict[str, object]]:
        """The runs to choose from."""
        return [
            {"run": number, "name": folder.path.name, "snapshots": folder.snapshots()}
            for number, folder in enumerate(self.folders)
        ]
