"""The run folder: configuration, metrics, weights. Nothing else touches weights on disk.

    RUN/config.json                       the recipe and what made it: versions, commit, machine
    RUN/metrics.jsonl                     one line per update
    RUN/weights.safetensors               the network
    RUN/checkpoints/UPDATE.safetensors    all that training needs to go on: the last two
    RUN/moments/UPDATE.safetensors        the network along the way, to be looked at

Everything is JSON or safetensors: nothing in a run folder can execute code. A file is written
beside its place, flushed to disk and renamed, so that a kill never leaves half of one. A checkpoint
states the hash of its content; one that does not agree with it is passed over.
"""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, save
from torch import Tensor

from inwit.errors import DamagedRun, InvalidOption
from inwit.recipe import Recipe, recipe_of

FORMAT = 1
CONFIG, METRICS, WEIGHTS = "config.json", "metrics.jsonl", "weights.safetensors"
CHECKPOINTS, KEPT = "checkpoints", 2
MOMENTS = "moments"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """All that a training needs to go on, bit for bit."""

    update: int
    """Updates made."""
    episodes: int
    """Attempts made."""
    seconds: float
    """Time spent."""
    curriculum: dict[str, float]
    """The curriculum's state."""
    tensors: dict[str, Tensor]
    """Weights, moments of the optimiser, found programs, random state; on the CPU."""


class RunFolder:
    """One run on disk."""

    def __init__(self, path: Path) -> None:
        """Name a folder; nothing is read or written yet."""
        self.path = path

    @classmethod
    def create(cls, recipe: Recipe) -> "RunFolder":
        """A new folder, with the configuration in it.

        Raises:
            InvalidOption: the place holds something already, or cannot be written.
        """
        path = recipe.out or cls.place(recipe)
        try:
            path.mkdir(parents=True, exist_ok=True)
            if any(path.iterdir()):
                raise InvalidOption(f"--out {path}: the folder is not empty; name a new one")
            content = {"format": FORMAT, "recipe": asdict(recipe.but(out=None)), "made": _made()}
            _write(path / CONFIG, json.dumps(content, indent=2).encode())
        except OSError as error:
            raise InvalidOption(f"--out {path}: {error.strerror}; name another folder") from error
        return cls(path)

    @staticmethod
    def place(recipe: Recipe) -> Path:
        """Where a run goes that has not been given a folder."""
        stamp = f"{recipe.task}-{recipe.seed}-{datetime.now():%Y%m%d-%H%M%S}"
        return _unused(Path("runs") / stamp)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Write a checkpoint; the last two are kept."""
        folder = self.path / CHECKPOINTS
        folder.mkdir(exist_ok=True)
        names = ("update", "episodes", "seconds", "curriculum")
        facts = json.dumps({name: getattr(checkpoint, name) for name in names})
        told = {"format": str(FORMAT), "facts": facts, "hash": _hash(facts, checkpoint.tensors)}
        _write(folder / f"{checkpoint.update:08d}.safetensors", save(checkpoint.tensors, told))
        for old in sorted(folder.glob("*.safetensors"))[:-KEPT]:
            old.unlink()

    def latest(self) -> Checkpoint:
        """The last checkpoint that is whole.

        Raises:
            DamagedRun: there is none.
        """
        found = sorted((self.path / CHECKPOINTS).glob("*.safetensors"), reverse=True)
        for path in found:
            try:
                return _checkpoint(path)
            except (SafetensorError, ValueError, KeyError, TypeError, OSError):
                continue
        reason = "none of its checkpoints is whole" if found else "it has no checkpoint"
        raise DamagedRun(f"{self.path} cannot be resumed: {reason}")

    def rewind(self, update: int) -> None:
        """Forget the metrics of later updates."""
        lines = [json.dumps(line) + "\n" for line in self.metrics() if line["update"] <= update]
        _write(self.path / METRICS, "".join(lines).encode())

    def recipe(self) -> Recipe:
        """The recipe that the run was made from.

        Raises:
            DamagedRun: there is no run here, or its configuration cannot be read.
        """
        if not (self.path / CONFIG).is_file():
            raise DamagedRun(
                f"{self.path} is not a run folder: it has no {CONFIG}{self._nearest()}"
            )
        try:
            content = json.loads(self._read(CONFIG))
            if content["format"] != FORMAT:
                raise DamagedRun(
                    f"{self.path} has format {content['format']}; this version reads {FORMAT}"
                )
            return recipe_of(content["recipe"])
        except InvalidOption as error:
            raise DamagedRun(f"{self.path / CONFIG}: {error}") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            if isinstance(error, DamagedRun):
                raise
            raise DamagedRun(f"{self.path / CONFIG} is damaged: {error!r}") from error

    def made(self) -> dict[str, str | int]:
        """What the run was made with: versions, commit, machine.

        Raises:
            DamagedRun: there is no run here, or its configuration cannot be read.
        """
        self.recipe()
        made = json.loads(self._read(CONFIG)).get("made")
        return made if isinstance(made, dict) else {}

    def append(self, metrics: Mapping[str, float]) -> None:
        """Add one line to the metrics."""
        with (self.path / METRICS).open("a", encoding="utf8") as file:
            file.write(json.dumps(metrics) + "\n")

    def metrics(self) -> Iterator[dict[str, float]]:
        """The metrics, line by line; a last line that was cut short is left out.

        Raises:
            DamagedRun: another line cannot be read.
        """
        if not (self.path / METRICS).is_file():
            return
        lines = self._read(METRICS).decode(errors="replace").split("\n")
        for number, line in enumerate(lines[:-1], 1):
            try:
                metrics = json.loads(line)
            except ValueError as error:
                reason = f"line {number} is damaged"
                raise DamagedRun(f"{self.path / METRICS}: {reason}") from error
            yield metrics

    def save(self, network: torch.nn.Module, moment: int | None = None) -> None:
        """Write the network's weights: the run's, or those of one update on the way."""
        tensors = {name: value.cpu().contiguous() for name, value in network.state_dict().items()}
        path = self.path / _weights(moment)
        path.parent.mkdir(exist_ok=True)
        _write(path, save(tensors, metadata={"format": "pt"}))

    def moments(self) -> list[int]:
        """The updates on the way whose weights were kept."""
        return sorted(int(path.stem) for path in (self.path / MOMENTS).glob("*.safetensors"))

    def load(self, network: torch.nn.Module, moment: int | None = None) -> None:
        """Read the network's weights: the run's, or those of one update on the way.

        Raises:
            DamagedRun: they are missing, damaged or of another network.
        """
        name = _weights(moment)
        if not (self.path / name).is_file():
            raise DamagedRun(f"{self.path} has no {name}: the run did not finish")
        try:
            tensors: dict[str, Tensor] = load(self._read(name))
            network.load_state_dict(tensors)
        except (SafetensorError, RuntimeError, KeyError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise DamagedRun(f"{self.path / name} is damaged or foreign: {reason}") from error
        if not all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values()):
            raise DamagedRun(f"{self.path / name} holds numbers that are not finite")

    def _read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise DamagedRun(f"{self.path / name}: {error.strerror}") from error

    def _nearest(self) -> str:
        runs = sorted(Path("runs").glob(f"*/{CONFIG}"), key=lambda path: path.stat().st_mtime)
        return f"; the latest run is {runs[-1].parent}" if runs else ""


def _weights(moment: int | None) -> str:
    return WEIGHTS if moment is None else f"{MOMENTS}/{moment:08d}.safetensors"


def _unused(path: Path) -> Path:
    number, candidate = 2, path
    while candidate.exists():
        candidate, number = path.with_name(f"{path.name}-{number}"), number + 1
    return candidate


def _checkpoint(path: Path) -> Checkpoint:
    with safe_open(path, framework="pt") as file:
        told = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    if told["format"] != str(FORMAT) or told["hash"] != _hash(told["facts"], tensors):
        raise ValueError(f"{path} is not what was written")
    return Checkpoint(**json.loads(told["facts"]), tensors=tensors)


def _hash(facts: str, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(facts.encode())
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype} {tuple(tensors[name].shape)}".encode())
        digest.update(tensors[name].contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _made() -> dict[str, str | int]:
    """What a result depends on besides the recipe."""
    return {
        "inwit": version("inwit"),
        "commit": commit(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count() or 0,
    }


def commit() -> str:
    """The commit of the source tree, empty when installed from a package."""
    where = Path(__file__).parent
    command = ["git", "-C", str(where), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
