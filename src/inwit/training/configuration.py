"""`config.json` of a run folder: the recipe, and what the run was made with."""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from inwit import files
from inwit.errors import DamagedRun, InvalidOption
from inwit.recipe import Recipe
from inwit.recipes import read_recipe
from inwit.tasks import Task, is_built_in
from inwit.texts import to_json

FORMAT, CONFIG, MAX_BYTES = 2, "config.json", 2**20
LANGUAGE_MODEL = "language_model.json"
"""The recipe in the run folder of a language model, which is no run of this kind."""


def read_config(folder: Path) -> dict[str, Any]:
    """The configuration of a run, as it was written.

    Raises:
        DamagedRun: there is no run here, or its configuration cannot be read.
    """
    path = folder / CONFIG
    if os.path.isfile(folder / LANGUAGE_MODEL):
        raise DamagedRun(f"{folder} is the training of a language model{_model(folder)}")
    if not os.path.isfile(path):
        reason = f"it has no {CONFIG}" if os.path.isdir(folder) else "there is no such folder"
        reason = "it is a file" if os.path.isfile(folder) else reason
        raise DamagedRun(f"{folder} is not a run folder: {reason}{_nearest()}")
    content = files.read(path, MAX_BYTES)
    try:
        config: dict[str, Any] = json.loads(content)
        stated, made = config["format"], [config.get("made", {}), *config.get("resumed", [])]
        if not all(isinstance(each, dict) for each in (config["recipe"], *made)):
            raise TypeError("recipe, made and resumed are objects")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DamagedRun(f"{path} is damaged: {error!r}") from error
    if stated != FORMAT:
        advice = "train it again, or read it with inwit 0.1" if stated == 1 else "update inwit"
        raise DamagedRun(f"{path} has format {stated}; this version reads {FORMAT}: {advice}")
    return config


def identity(config: dict[str, Any]) -> str:
    """A hash of the recipe: what belongs to another run has another."""
    plain = to_json(config["recipe"], sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def recipe_of(folder: Path, plain: dict[str, Any], task: Task | None) -> Recipe:
    """The recipe of a run on a task; see `RunFolder.recipe`."""
    if "environment" in plain:
        raise InvalidOption(f"{folder} was trained in an environment, not on a task")
    try:
        return read_recipe(plain, task).but(out=folder)
    except (KeyError, TypeError) as error:
        raise DamagedRun(f"{folder / CONFIG} is damaged: {error!r}") from error
    except InvalidOption as error:
        raise DamagedRun(f"{folder / CONFIG} cannot be followed: {error}") from error


def source_of(plain: Mapping[str, Any]) -> str:
    """The file of a run's task; empty where it is built in, or an environment."""
    part = plain.get("task")
    name = part.get("type") if isinstance(part, Mapping) else None
    unknown = isinstance(name, str) and not is_built_in(name)  # of a script or a notebook
    return plain["source"] or ("FILE.py" if unknown else "")


def _model(folder: Path) -> str:
    """How the latest model of such a folder is scored; empty if it has none yet."""
    made = sorted(folder.glob(f"*/{CONFIG}"), key=lambda path: path.stat().st_mtime)
    if not made:
        return ""
    return f": inwit evaluate --agent {quote(f'llm:{made[-1].parent}')} --task TASK"


def _nearest() -> str:
    runs = sorted(Path("runs").glob(f"*/{CONFIG}"), key=lambda path: path.stat().st_mtime)
    return f"; the latest run is {runs[-1].parent}" if runs else ""
