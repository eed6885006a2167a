"""Logs metrics to TensorBoard, trackio or Weights & Biases.

A tracker is a `report` callback. Names are those of `metrics.jsonl`, the step is the update, the
configuration is the recipe. Updates in the run folder that the tracker lacks are written
first, so an interrupted run continues in the same place, and a run that was not tracked from its
first update is complete.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Literal, Protocol
from uuid import uuid4

from inwit import files
from inwit.errors import DamagedRun, InvalidOption, UnknownName
from inwit.extras import require
from inwit.texts import to_json
from inwit.training.metrics import Report
from inwit.training.run_folder import RunFolder

TrackerName = Literal["tensorboard", "trackio", "wandb"]
PROJECT = "inwit"
FOLDER, IDENTITY = "tensorboard", "tracking.json"
"""In the run folder: TensorBoard's events, and the run's name in other trackers."""


class Writer(Protocol):
    """The interface of a tracker."""

    first: int
    """The first missing update."""

    def log(self, metrics: Mapping[str, float], update: int) -> None:
        """Add the metrics of an update."""

    def close(self) -> None:
        """Finish writing."""


class TensorBoard:
    """Events in the run folder; resuming rewrites them and purges the old ones."""

    def __init__(self, module: ModuleType, path: Path, recipe: Mapping[str, Any]) -> None:
        """Start an event file."""
        self.first = 1
        place = path / FOLDER
        self.writer = module.SummaryWriter(str(place), purge_step=1 if place.exists() else None)
        text = to_json(dict(recipe), indent=2)
        self.writer.add_text("recipe", f"```\n{text}\n```", 0)

    def log(self, metrics: Mapping[str, float], update: int) -> None:
        """Add the metrics of an update."""
        for name, value in metrics.items():
            self.writer.add_scalar(name, value, update)

    def close(self) -> None:
        """Finish writing."""
        self.writer.close()


class Trackio:
    """A local run under `TRACKIO_DIR`; nothing is sent anywhere."""

    def __init__(self, module: ModuleType, path: Path, recipe: Mapping[str, Any]) -> None:
        """Start or resume a run."""
        name = f"{path.name}-{_identity(path)}"
        last = module.SQLiteStorage.get_max_step_for_run(PROJECT, name)
        self.first = 1 if last is None else last + 1
        self.run = module.init(
            project=PROJECT,
            name=name,
            config=dict(recipe),
            resume="allow",
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )

    def log(self, metrics: Mapping[str, float], update: int) -> None:
        """Add the metrics of an update."""
        self.run.log(dict(metrics), step=update)

    def close(self) -> None:
        """Finish writing."""
        self.run.finish()


class Wandb:
    """A run at Weights & Biases, or a local one with `WANDB_MODE=offline`."""

    def __init__(self, module: ModuleType, path: Path, recipe: Mapping[str, Any]) -> None:
        """Start or resume a run."""
        try:
            self.run = module.init(
                project=PROJECT,
                name=path.name,
                id=_identity(path),
                dir=str(path),
                config=dict(recipe),
                resume="allow",
            )
        except module.Error as error:
            raise InvalidOption(f"--track wandb: {error}; or set WANDB_MODE=offline") from error
        self.first = self.run.step

    def log(self, metrics: Mapping[str, float], update: int) -> None:
        """Add the metrics of an update."""
        self.run.log(dict(metrics), step=update)

    def close(self) -> None:
        """Finish writing."""
        self.run.finish()


WRITERS: dict[str, tuple[str, Any]] = {
    "tensorboard": ("torch.utils.tensorboard", TensorBoard),
    "trackio": ("trackio", Trackio),
    "wandb": ("wandb", Wandb),
}


class Tracker:
    """A callback for `inwit.train(report=...)` and `inwit.resume`; a context manager.

    with Tracker("tensorboard", "runs/mine") as tracker:
        inwit.train("stages", out="runs/mine", report=tracker)
    """

    def __init__(self, name: str, run: str | Path) -> None:
        """Choose a tracker and the run folder; the first report opens the tracker.

        Args:
            name: `tensorboard`, `trackio` or `wandb`.
            run: the folder of the run.

        Raises:
            UnknownName: there is no such tracker.
            InvalidOption: it is not installed.
        """
        if name not in WRITERS:
            raise UnknownName("tracker", name, WRITERS)
        require(name, name)
        module, self._make = WRITERS[name]
        self._module = require(module, name)
        self.path = Path(run)
        self.writer: Writer | None = None

    def __enter__(self) -> "Tracker":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __call__(self, report: Report) -> None:
        """Add the metrics of an update; the first call also adds those that the tracker lacks."""
        if self.writer is None:
            folder = RunFolder(self.path)
            self.writer = self._make(self._module, self.path, folder.plain())
            for line in folder.metrics():
                if self.writer.first <= line["update"] < report.update:
                    self._log(line)
        if report.update >= self.writer.first:
            self._log({"update": report.update, "episodes": report.episodes} | report.metrics)

    def close(self) -> None:
        """Finish writing."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None

    def _log(self, line: Mapping[str, float]) -> None:
        assert self.writer is not None
        metrics = {name: value for name, value in line.items() if name != "update"}
        self.writer.log(metrics, int(line["update"]))


def _identity(path: Path) -> str:
    """The run's name in the tracker: drawn once, stored in its folder."""
    place = path / IDENTITY
    if place.exists():
        try:
            name = str(json.loads(files.read(place, 2**10))["run"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DamagedRun(f"{place} is damaged: {error!r}") from error
        if not (name.isalnum() and name.isascii() and len(name) <= 32):
            raise DamagedRun(f"{place} is damaged: it must hold letters and digits")
        return name
    name = uuid4().hex[:12]
    files.write(path, IDENTITY, to_json({"run": name}).encode())
    return name
