"""The run folder: configuration, metrics, weights. Nothing else touches weights on disk.

    RUN/config.json                       the recipe and what made it: versions, commit, machine
    RUN/metrics.jsonl                     one line per update
    RUN/weights.safetensors               the network
    RUN/checkpoints/UPDATE.safetensors    what training needs to continue: the last two, the best
    RUN/snapshots/UPDATE.safetensors      the network along the way
    RUN/diverged.safetensors              the episodes and weights of a loss that was not finite

Everything is JSON or safetensors: nothing in a run folder can execute code. `files` says how it is
written. Weights and checkpoints state their hash and the recipe that they belong to; a checkpoint
that was damaged is passed over, and what belongs to another run or format is refused.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import fields
from pathlib import Path
from shlex import quote
from typing import Any

import torch
from torch import Tensor

from inwit import files
from inwit.errors import DamagedRun, InvalidOption
from inwit.extras import working_folder
from inwit.parts import is_whole
from inwit.policies import MOST_BYTES
from inwit.provenance import made_with
from inwit.recipe import Recipe, RunRecipe
from inwit.tasks import Task
from inwit.texts import to_json
from inwit.training.checkpoint import Checkpoint
from inwit.training.configuration import (
    CONFIG,
    FORMAT,
    MAX_BYTES,
    identity,
    read_config,
    recipe_of,
    source_of,
)
from inwit.training.placing import make, new_place, refused
from inwit.training.weights import fill

CHECKPOINT_FORMAT = 3
METRICS, WEIGHTS = "metrics.jsonl", "weights.safetensors"
CHECKPOINTS, SNAPSHOTS, KEPT, DIVERGED = "checkpoints", "snapshots", 2, "diverged.safetensors"
LARGEST = {CONFIG: MAX_BYTES, METRICS: 2**32, WEIGHTS: MOST_BYTES + 2**20, CHECKPOINTS: 2**33}
"""Bytes; a larger file is refused before it is read. A checkpoint has the weights three times, with
the moments of the optimiser."""


class RunFolder:
    """One run on disk."""

    def __init__(self, path: Path, *, new: bool = False) -> None:
        """Name a folder; nothing is read or written yet.

        Args:
            path: the folder.
            new: it was made for this run.
        """
        self._path, self._from, self.new = path, working_folder(), new

    @property
    def path(self) -> Path:
        """The folder, as it was named while that leads there: a user's code may go elsewhere."""
        if self._path.is_absolute() or self._from is None or self._from == working_folder():
            return self._path
        return self._from / self._path

    @classmethod
    @contextmanager
    def fresh(cls, recipe: RunRecipe, **facts: str) -> Iterator["RunFolder"]:
        """The folder of a new run, with the configuration in it, and more facts; held meanwhile.

        Raises:
            InvalidOption: the place holds something already, or cannot be written.
        """
        made = made_with(recipe.device) | recipe.facts | facts
        content = {"format": FORMAT, "recipe": recipe.dump(), "made": made}
        new = make(recipe.out) if recipe.out else True
        path = recipe.out or new_place(recipe)
        with ExitStack() as stack:
            try:
                stack.enter_context(files.held(path))
                if any(path.iterdir()):
                    raise InvalidOption(f"--out {path}: the folder is not empty; name a new one")
                files.write(path, CONFIG, to_json(content, indent=2).encode())
            except OSError as error:
                if new:
                    with suppress(OSError):
                        path.rmdir()
                raise refused(path, error) from error
            yield cls(path, new=new)

    @classmethod
    def create(cls, recipe: RunRecipe) -> "RunFolder":
        """As `fresh`, but not held."""
        with cls.fresh(recipe) as folder:
            return folder

    def discard(self) -> None:
        """Remove what a run that trained nothing wrote, and the folder if it was made for it."""
        inner = [self.path / name for name in (CHECKPOINTS, SNAPSHOTS)]
        own = [self.path / name for name in (CONFIG, WEIGHTS)]
        for path in (*own, *(each for folder in inner for each in _numbered(folder))):
            with suppress(OSError):
                path.unlink()
        for folder in (*inner, *([self.path] if self.new else [])):
            with suppress(OSError):  # it holds what somebody else wrote
                folder.rmdir()

    @property
    def trained(self) -> bool:
        """Whether an update was made."""
        return os.path.exists(self.path / METRICS)

    def held(self) -> AbstractContextManager[None]:
        """While it lasts, no other process trains in this folder.

        Raises:
            InvalidOption: another one does.
        """
        return files.held(self.path)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint; the last two and the best are kept.

        Raises:
            DamagedRun: it cannot be written; those before it are whole.
        """
        facts = {each.name: getattr(checkpoint, each.name) for each in fields(checkpoint)}
        header = {"format": str(CHECKPOINT_FORMAT), "run": self._identity()}
        content = files.pack(facts.pop("tensors"), {**header, "facts": to_json(facts)})
        with self._writing(CHECKPOINTS):
            if (self.path / METRICS).exists():
                files.sync(self.path / METRICS)
            self._write(f"{CHECKPOINTS}/{checkpoint.update:08d}.safetensors", content)
            earlier = _numbered(self.path / CHECKPOINTS)[:-KEPT]
            best = self.best().update if earlier else None
            for path in earlier:
                if int(path.stem) != best:
                    path.unlink()

    def latest(self) -> Checkpoint:
        """The last checkpoint that is whole.

        Raises:
            DamagedRun: there is none, or one is of another run or format.
        """
        return self._whole()[-1]

    def best(self) -> Checkpoint:
        """The checkpoint with the highest accuracy at the hardest level.

        Raises:
            DamagedRun: there is none, or one is of another run or format.
        """
        if not _numbered(self.path / CHECKPOINTS):
            raise DamagedRun(f"{self.path} has no checkpoints, hence no best one: leave out --best")
        return max(self._whole(), key=lambda each: (each.level, each.accuracy, each.update))

    def rewind(self, update: int) -> None:
        """Forget the metrics of later updates, and what a kill has left of a line.

        Raises:
            DamagedRun: an earlier line cannot be read.
        """
        end = 0
        for line, place in self._lines():
            if line["update"] > update:
                break
            end = place
            if line["update"] == update:
                break
        with self._writing(METRICS), self._own(METRICS).open("ab") as file:
            file.truncate(end)
            os.fsync(file.fileno())

    def recipe(self, task: Task | None = None) -> Recipe:
        """The recipe that the run was made from.

        Args:
            task: what it was trained on; needed where that is not built in.

        Raises:
            DamagedRun: there is no run here, or its configuration cannot be read.
            MissingTask, MissingPart: the task is not given, or no file that registers a part.
            InvalidOption: it is no task, but an environment.
        """
        return recipe_of(self.path, self.plain(), task)

    def plain(self) -> dict[str, Any]:
        """The recipe as JSON has it; no task has to be known.

        Raises:
            DamagedRun: there is no run here, or its configuration cannot be read.
        """
        plain: dict[str, Any] = self._config()["recipe"]
        for name, kind in (("updates", int), ("source", str), ("device", str)):
            if not isinstance(plain.get(name), kind):
                raise DamagedRun(f"{self.path / CONFIG} is damaged: {name} is missing or wrong")
        return plain

    def resume_command(self) -> str:
        """The command that continues the run."""
        source = source_of(self.plain())
        task = f" --task {quote(source)}" if source else ""
        return f"inwit resume {quote(str(self.path))}{task}"

    def made(self) -> dict[str, str | int]:
        """What the run was made with: versions, commit, machine, threads.

        Raises:
            DamagedRun: there is no run here, or its configuration cannot be read.
        """
        return dict(self._config().get("made", {}))

    def resumed(self, update: int) -> None:
        """Record that the run continues with other versions or on another machine."""
        config, made = self._config(), made_with(self.plain()["device"])
        before = [config.get("made", {}), *config.get("resumed", [])]
        if not made.items() <= before[-1].items():
            config["resumed"] = [*before[1:], {"update": update, **made}]
            self._write(CONFIG, to_json(config, indent=2).encode())

    def append(self, metrics: Mapping[str, float]) -> None:
        """Add one line to the metrics.

        Raises:
            DamagedRun: it cannot be written.
        """
        with self._writing(METRICS), self._own(METRICS).open("ab") as file:
            file.write(to_json(metrics).encode() + b"\n")

    def metrics(self) -> Iterator[dict[str, float]]:
        """The metrics, line by line; a last line that was cut short is left out.

        Raises:
            DamagedRun: another line cannot be read.
        """
        return (line for line, _ in self._lines())

    def save(self, network: torch.nn.Module, snapshot: int | None = None) -> None:
        """Write the network's weights: the run's, or those of one update on the way.

        Raises:
            DamagedRun: they cannot be written; those before are whole.
        """
        header = {"format": "pt", "run": self._identity()}
        self._write(_weights(snapshot), files.pack(network.state_dict(), header))

    def write_diverged(self, tensors: Mapping[str, Tensor]) -> Path:
        """Write the weights and the episodes of a loss that was not finite."""
        self._write(DIVERGED, files.pack(tensors, {"run": self._identity()}))
        return self.path / DIVERGED

    def snapshots(self) -> list[int]:
        """The updates on the way whose weights were kept."""
        return [int(path.stem) for path in _numbered(self.path / SNAPSHOTS)]

    def load(self, network: torch.nn.Module, snapshot: int | None = None) -> None:
        """Read the network's weights: the run's, or those of one update on the way.

        Raises:
            DamagedRun: they are missing, damaged or of another network.
            InvalidOption: there is no such snapshot.
        """
        if snapshot is not None:
            self._check_snapshot(snapshot)
        path = self.path / _weights(snapshot)
        if not os.path.exists(path):
            raise DamagedRun(f"{self.path} has no {_weights(snapshot)}: the run did not finish")
        content = files.read(path, LARGEST[WEIGHTS])
        try:
            tensors, header = files.unpack(content)
            if header.get("run", self._identity()) != self._identity():
                raise ValueError(f"it is of another run, or {CONFIG} was edited since")
            fill(network, tensors)
        except ValueError as error:
            raise DamagedRun(f"{path} is damaged or foreign: {error}") from error

    def _config(self) -> dict[str, Any]:
        return read_config(self.path)

    def _identity(self) -> str:
        return identity(self._config())

    def _check_snapshot(self, snapshot: object) -> None:
        kept = self.snapshots()
        if not is_whole(snapshot) or snapshot not in kept:
            listed = ", ".join(map(str, kept)) or "none"
            raise InvalidOption(f"{self.path} has no snapshot {snapshot!r:.40}: it has {listed}")

    def _whole(self) -> list[Checkpoint]:
        """The checkpoints that are whole, the earliest first; there is one."""
        found = _numbered(self.path / CHECKPOINTS)
        whole = [each for each in map(self._checkpoint, found) if each is not None]
        if not whole:
            reason = "none of its checkpoints is whole" if found else "it has no checkpoint"
            advice = "remove it and train again"
            raise DamagedRun(f"{self.path} cannot be resumed: {reason}: {advice}")
        return whole

    def _checkpoint(self, path: Path) -> Checkpoint | None:
        """What a file holds, if it is whole.

        Raises:
            DamagedRun: it is of another run or format.
        """
        try:
            tensors, header = files.unpack(files.read(path, LARGEST[CHECKPOINTS]))
            stated, run, facts = header["format"], header["run"], json.loads(header["facts"])
        except (ValueError, KeyError):
            return None
        advice = "remove it to go on from another one"
        if stated != str(CHECKPOINT_FORMAT):
            form = f"has format {stated}; this version reads {CHECKPOINT_FORMAT}"
            raise DamagedRun(f"{path} {form}; {advice}")
        if run != self._identity():
            edited = f"if {CONFIG} was edited since, restore that"
            raise DamagedRun(f"{path} is of another run: {edited}; else {advice}")
        return Checkpoint(**facts, tensors=tensors)

    def _lines(self) -> Iterator[tuple[dict[str, float], int]]:
        """The lines of metrics, and where in the file each one ends."""
        path, end = self.path / METRICS, 0
        for number, line in enumerate(files.lines(path, LARGEST[METRICS]), 1):
            end += len(line)
            try:
                metrics = files.read_numbers(line)
                if type(metrics["update"]) is not int:
                    raise TypeError("an update is a whole number")
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                raise DamagedRun(f"{path}: line {number} is damaged") from error
            yield metrics, end

    def _write(self, name: str, content: bytes) -> None:
        with self._writing(name):
            self._own(name).parent.mkdir(exist_ok=True)
            files.write(self.path, name, content)

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        """Tell a full disk and the like as what they are."""
        try:
            yield
        except OSError as error:
            how = f"no checkpoint was kept yet: mend that, remove {self.path} and train again"
            if _numbered(self.path / CHECKPOINTS):
                whole = "what was kept before is whole: mend that and continue with"
                how = f"{whole}: {self.resume_command()}"
            message = f"{self.path / name} cannot be written: {error.strerror}; {how}"
            raise DamagedRun(message) from error

    def _own(self, name: str) -> Path:
        """A place to write to. Links may lead out of the folder: they are refused."""
        path = self.path / name
        for each in {path, path.parent} - {self.path}:
            if each.is_symlink():
                raise DamagedRun(f"{each} is a link: a run writes into its own folder alone")
        return path


def _numbered(folder: Path) -> list[Path]:
    """The files of a folder that are named by an update, the earliest first."""
    found = [path for path in folder.glob("*.safetensors") if path.stem.isdecimal()]
    return sorted(found, key=lambda path: int(path.stem))


def _weights(snapshot: int | None) -> str:
    return WEIGHTS if snapshot is None else f"{SNAPSHOTS}/{snapshot:08d}.safetensors"
