"""`gymnasium:ID`: copies of an environment that is registered with Gymnasium.

Those of one process are stepped one after another: a copy whose episode is over waits for its turn,
and every episode begins from a seed of its own. `processes` has several groups of them.
"""

import json
import os
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from jaxtyping import Bool, Int
from pydantic import BeforeValidator

from inwit.errors import STOPS, InvalidOption, InwitError, UnknownName, explained
from inwit.extras import import_named, require, working_folder
from inwit.games import calls
from inwit.games.base import Copies, Outcome, Seen, World
from inwit.games.spaces import Actions, Observed, spec_of
from inwit.parts import register
from inwit.texts import to_json

PREFIX = "gymnasium:"
NEAR = 8
"""How many names are suggested."""


def _as_json(given: object) -> object:
    """A dict as JSON, or the JSON of one, in one spelling; empty without arguments."""
    if isinstance(given, dict):
        for name, value in given.items():
            if not _is_json(value):
                allowed = "finite numbers, texts, truth values, None, lists, dicts by texts"
                raise ValueError(f"{name} is {value!r:.40}, give what JSON has: {allowed}")
        return to_json(given, sort_keys=True) if given else ""
    if isinstance(given, str) and given:
        read = _read_json(given)
        if not isinstance(read, dict):
            raise ValueError('give JSON such as {"size": 4}')
        return _as_json(read)
    return given


def _is_json(value: object) -> bool:
    """Whether it comes back from JSON as it was: `nan`, a tuple or a number as key does not."""
    try:
        return bool(json.loads(to_json(value)) == value)
    except (TypeError, ValueError, RecursionError):  # the last two: it has itself
        return False


def _read_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@register
@dataclass(frozen=True, kw_only=True)
class Registered(World):
    """An environment that is registered in Gymnasium."""

    id: str
    """Its name, or `MODULE:ID`: the module is imported first."""
    arguments: Annotated[str, BeforeValidator(_as_json)] = ""
    """Keyword arguments of the environment, as JSON: `{"size": 4}`; from Python also a dict."""

    name = "gymnasium"
    fixed = frozenset({"id"})

    @property
    def label(self) -> str:
        """`gymnasium:ID`."""
        return PREFIX + self.id

    @property
    def module(self) -> str:
        """The module of `MODULE:ID`; empty without one."""
        return self.id.rpartition(":")[0]

    def imported(self) -> "Registered":
        """Itself, after the import of its module, which may also register parts of a recipe.

        Raises:
            InvalidOption: the module cannot be imported, or Gymnasium is missing.
        """
        if self.module:
            self.registry()
        return self

    def dump(self) -> dict[str, Any]:
        """Its name and options as plain JSON values."""
        return super().dump() | {"id": self.id}

    def open(self, count: int) -> Copies:
        """Open `count` copies.

        Raises:
            UnknownName: there is no environment of this name.
            InvalidOption: it cannot be made, or its spaces are not supported.
        """
        here = working_folder()
        return Singles([self._make() for _ in range(count)], here)

    def opener(self) -> Callable[[int], Copies]:
        """`open` for another process, in which the environment need not be registered.

        Raises:
            UnknownName: there is no environment of this name.
            InvalidOption: its module cannot be imported.
        """
        return partial(_open_registered, self, self.registry()[self._find()])

    def _make(self) -> Any:
        gymnasium: Any = require("gymnasium", "gymnasium")
        name, arguments = self._find(), json.loads(self.arguments or "{}")
        spec = self.registry()[name]
        if spec.entry_point is None and spec.vector_entry_point is not None:
            how = f"inwit.train(gymnasium.make_vec('{name}', num_envs=8))"
            raise InvalidOption(f"{self.label} is a vector environment alone: from Python, {how}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return gymnasium.make(name, disable_env_checker=True, **arguments)
            except STOPS:
                raise
            except BaseException as error:  # whatever its constructor raises
                raise InvalidOption(f"{self.label} cannot be made: {explained(error)}") from error

    def _find(self) -> str:
        """Its name in the registry of Gymnasium."""
        registry, name = self.registry(), self.id.rpartition(":")[2]
        if name not in registry:
            near = get_close_matches(name, registry, NEAR, 0.4) or sorted(registry)[:NEAR]
            own = f"where a module of yours registers it, give {PREFIX}MODULE:{name}; what a script"
            hint = "" if self.module else f"{own} registers is known there alone"
            raise UnknownName("environment", name, near, complete=False, hint=hint)
        return name

    def registry(self) -> dict[str, Any]:
        """The registry of Gymnasium after the import of its module.

        Raises:
            InvalidOption: the module cannot be imported.
        """
        registry: dict[str, Any] = require("gymnasium", "gymnasium").registry
        module = self.module
        if module:
            try:
                import_named(module)
            except STOPS:
                raise
            except BaseException as error:  # whatever the module raises
                why = str(error) if isinstance(error, InwitError) else explained(error)
                words = f"{module} cannot be imported: {why}"
                if module.endswith(".py"):
                    name = ".".join(Path(module).with_suffix("").parts).lstrip("./")
                    given = f"{PREFIX}{name}:{self.id.rpartition(':')[2]}"
                    words = f"a file is not accepted; name it as in an import, {given}"
                raise InvalidOption(f"{self.label}: {words}") from error
        return registry


def _open_registered(world: Registered, spec: Any, count: int) -> Copies:
    """Open copies of what was registered in another process."""
    world.registry()[spec.id] = spec
    return world.open(count)


def nearest(name: str) -> list[str]:
    """`gymnasium:ID` of the environment with nearly this name; empty without it or Gymnasium."""
    if find_spec("gymnasium") is None:
        return []
    registry: Any = require("gymnasium", "gymnasium").registry
    known = {each.lower(): each for each in registry}
    return [PREFIX + known[each] for each in get_close_matches(name.lower(), known, 1, 0.7)]


class Singles(Copies):
    """Single environments, stepped one after another."""

    def __init__(self, made: Sequence[Any], here: Path | None = None) -> None:
        """Put environments of one kind side by side.

        Args:
            made: the environments, freshly made.
            here: where the process was before: some go where their files are.
        """
        self.made, self.count, self.here = made, len(made), here
        self.observed, self.actions = (
            Observed(getattr(made[0], "observation_space", None)),
            Actions(getattr(made[0], "action_space", None)),
        )
        self.spec = spec_of(self.observed, self.actions)
        self._fields = np.zeros((self.count, len(self.spec.fields)), np.int64)
        self._values = np.zeros((self.count, self.spec.values), np.float32)

    def reset(self, rows: Sequence[int], seeds: Sequence[int]) -> None:
        """Begin an episode in some copies, each from its seed."""
        pairs = zip(rows, seeds, strict=True)
        self._show(rows, [calls.reset(self.made[row], seed=int(seed)) for row, seed in pairs])

    def step(self, actions: Int[np.ndarray, " B"], active: Bool[np.ndarray, " B"]) -> Outcome:
        """Act in the copies that are active."""
        reward = np.zeros(self.count)
        terminated, truncated = np.zeros(self.count, np.bool_), np.zeros(self.count, np.bool_)
        rows, shown = np.flatnonzero(active).tolist(), []
        for row in rows:
            action = self.actions.one(int(actions[row]))
            raw, earned, over, cut, _ = calls.step(self.made[row], action)
            reward[row], terminated[row] = calls.reward(earned), calls.end(over, "terminated")
            truncated[row] = calls.end(cut, "truncated") and not terminated[row]
            shown.append(raw)
        self._show(rows, shown)
        return Outcome(reward=reward, terminated=terminated, truncated=truncated)

    def _show(self, rows: Sequence[int], shown: Sequence[Any]) -> None:
        """Keep what some copies show."""
        if rows:
            seen = self.observed.read_several(shown)
            self._fields[rows], self._values[rows] = seen.fields, seen.values

    def see(self) -> Seen:
        """What all copies show now."""
        return Seen(fields=self._fields.copy(), values=self._values.copy())

    def close(self) -> None:
        """Close the environments."""
        for each in self.made:
            calls.close(each)
        if self.here is not None:
            with suppress(OSError):  # it is gone
                os.chdir(self.here)
