"""`gymnasium:ID`, `gymnasium:MODULE:ID`, `gymnasium:FILE.py:CLASS`: `reset(seed=...)` and `step`.

`--set` takes arguments of the environment, the range of its returns (`range=[low,high]`),
`train_seeds=0:1000`, `held_out_seeds=1000:1100` and `idle=ACTION`. If the environment has a method
`oracle()` that returns the right action, the audit uses it.
"""

import random
import re
import warnings
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from inwit.auditing.base import Step
from inwit.auditing.formats.calls import known_arguments
from inwit.auditing.formats.files import import_file, member, versions
from inwit.auditing.formats.options import read, stated_range
from inwit.auditing.formats.spaces import as_action, constants, illegal
from inwit.auditing.formats.worlds import RANGES, seeds
from inwit.errors import InvalidOption, UnknownName
from inwit.extras import import_named, require

OURS = ("range", *RANGES, "idle")
OF_MAKE = ("max_episode_steps",)
"""What `gymnasium.make` takes itself."""
NEAR = 8
"""Most names that an error suggests."""
COLOURS = re.compile(r"\x1b\[\d+m")


def open_target(reference: str, options: Mapping[str, Any]) -> "Environment":
    """Make the environment."""
    given = {name: read(value) for name, value in dict(options.get("set") or {}).items()}
    settings = {name: value for name, value in given.items() if name not in OURS}
    place, _, name = reference.rpartition(":")
    if place.endswith(".py"):
        kind = member(import_file(Path(place)), name, "class")
        known_arguments(kind, settings, name)
        made = kind(**settings)
    else:
        made = _registered(reference, place, settings)
    for each in ("reset", "step", "action_space"):
        if not hasattr(made, each):
            raise InvalidOption(f"{name} has no {each}: it is not a Gymnasium environment")
    return Environment(made, {name: given[name] for name in OURS if name in given})


def _registered(reference: str, module: str, settings: Mapping[str, Any]) -> Any:
    gymnasium: Any = require("gymnasium", "gymnasium")
    if module:
        import_named(module)
    known, name = gymnasium.registry, reference.rpartition(":")[2]
    if name not in known:
        near = get_close_matches(name, known, NEAR, 0.4) or sorted(known)[:NEAR]
        raise UnknownName("environment of Gymnasium", name, near, complete=False)
    if settings:
        point = known[name].entry_point
        kind = gymnasium.envs.registration.load_env_creator(point) if ":" in str(point) else point
        known_arguments(kind, settings, name, also=OF_MAKE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return gymnasium.make(name, disable_env_checker=True, **settings)


class Environment:
    """An environment with `reset(seed=...)` and `step(action)`."""

    def __init__(self, made: Any, given: Mapping[str, Any]) -> None:
        """Read its attributes and our own options."""
        self.made, self.space = made, made.action_space
        self.bare = getattr(made, "unwrapped", made)
        self.calls: dict[str, Callable[..., object]] = {"check": self.check}
        if hasattr(self.bare, "oracle"):
            self.oracle = self.bare.oracle
        limit = getattr(getattr(made, "spec", None), "max_episode_steps", None)
        self.about: dict[str, Any] = {
            "versions": versions("gymnasium"),
            "actions": constants(self.space),
            "illegal": illegal(self.space),
            "oracle": hasattr(self.bare, "oracle"),
            "max_steps": limit,
            "checker": "check_env of Gymnasium" if limit or _is_one(made) else None,
        }
        self.about |= {name: seeds(name, given[name]) for name in RANGES if name in given}
        self.about |= stated_range(given) | {
            name: given[name] for name in ("idle",) if name in given
        }

    def sample(self, draw: random.Random) -> Any:
        """A random action."""
        self.space.seed(draw.randrange(2**31))
        action = self.space.sample()
        return int(action) if hasattr(self.space, "n") and hasattr(action, "item") else action

    def reset(self, seed: int | None) -> object:
        """Begin an episode; its first observation."""
        return self.made.reset(seed=seed)[0]

    def step(self, action: object) -> Step:
        """Act once."""
        seen, reward, terminated, truncated, info = self.made.step(as_action(self.space, action))
        return Step(
            observation=seen,
            reward=reward,
            terminated=bool(terminated),
            truncated=bool(truncated),
            info=info,
        )

    def check(self) -> object:
        """The remarks of Gymnasium's checker on the bare environment."""
        checker = import_module("gymnasium.utils.env_checker")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                checker.check_env(self.bare, skip_render_check=True, skip_close_check=True)
            except Exception as error:
                return {"error": f"{type(error).__name__}: {error!s:.200}", "warnings": []}
        said = [COLOURS.sub("", str(each.message)).removeprefix("WARN: ") for each in caught]
        return {"error": "", "warnings": [" ".join(each.split()) for each in said]}


def _is_one(made: object) -> bool:
    return any(kind.__module__.startswith("gymnasium.") for kind in type(made).__mro__)
