"""`openenv:MODULE:CLASS`, `openenv:FILE.py:CLASS`, and `openenv:URL` for a running server.

An action is an object of the action's JSON schema. `oracle()` of the class is a right action.
`--set train_seeds=0:1000 held_out_seeds=1000:1100` states the seeds for training and validation.
"""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

from inwit.auditing.base import Step
from inwit.auditing.formats.calls import known_arguments
from inwit.auditing.formats.files import import_file, member, versions
from inwit.auditing.formats.openenv_server import Server
from inwit.auditing.formats.options import known
from inwit.auditing.formats.worlds import RANGES, ranges, records, rest
from inwit.errors import InvalidOption
from inwit.extras import import_named, require

APART = ("done", "reward", "metadata")


def open_target(reference: str, options: Mapping[str, Any]) -> "OpenEnv":
    """Make the environment, or connect to the server."""
    require("openenv", "openenv")
    given = dict(options.get("set") or {})
    if "://" in reference:
        known(given, RANGES)
        return OpenEnv(Server(reference), given)
    place, _, name = reference.rpartition(":")
    module = import_file(Path(place)) if place.endswith(".py") else import_named(place)
    kind = member(module, name, "class")
    for each in ("reset", "step"):
        if not hasattr(kind, each):
            raise InvalidOption(f"{name} has no {each}: it is not an OpenEnv environment")
    known_arguments(kind, rest(given), name)
    return OpenEnv(Here(kind(**rest(given))), given)


class Here:
    """An environment in this process."""

    def __init__(self, env: Any) -> None:
        """Find the class of its actions.

        Raises:
            InvalidOption: neither the base class nor `step` states it.
        """
        self.env, self.oracle = env, getattr(env, "oracle", None)
        stated: list[Any] = [
            each
            for base in getattr(type(env), "__orig_bases__", ())
            for each in get_args(base)
            if inspect.isclass(each)
        ]
        stated.append(get_type_hints(env.step).get("action"))
        if not hasattr(stated[0], "model_json_schema"):
            name = type(env).__name__
            raise InvalidOption(f"{name} does not say what an action is: Environment[Action, ...]")
        self.action = stated[0]
        self.schema = self.action.model_json_schema()

    def reset(self, seed: int | None) -> Mapping[str, Any]:
        """The first observation."""
        return _dumped(self.env.reset(seed=seed))

    def step(self, action: Any) -> Mapping[str, Any]:
        """The next one; an action that does not fit the schema raises."""
        return _dumped(self.env.step(self.action.model_validate(action)))


class OpenEnv:
    """An interactive environment."""

    def __init__(self, env: "Here | Server", given: Mapping[str, Any]) -> None:
        """List its actions."""
        self.env, self.oracle = env, env.oracle
        actions = records(env.schema, skipped=("metadata",))
        self.about = {
            "versions": versions("openenv-core", "openenv"),
            "actions": actions,
            "oracle": self.oracle is not None,
            "remote": isinstance(env, Server),
            **ranges(given),
        }

    def reset(self, seed: int | None) -> object:
        """Begin an episode."""
        return {name: each for name, each in self.env.reset(seed).items() if name not in APART}

    def step(self, action: object) -> Step:
        """Act; a step without a reward earns 0."""
        found = self.env.step(action)
        seen = {name: each for name, each in found.items() if name not in APART}
        return Step(
            observation=seen,
            reward=float(found.get("reward") or 0.0),
            terminated=bool(found.get("done")),
            info=dict(found.get("metadata") or {}),
        )


def _dumped(observation: Any) -> Mapping[str, Any]:
    return dict(observation.model_dump())
