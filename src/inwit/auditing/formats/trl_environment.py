"""`trl:FILE.py:CLASS`: `reset(**row)`, public methods as tools, `get_reward()`.

As the trainer does it: one instance, reset often; what a tool raises is handed to the model as an
error. With `--data` a row is passed to `reset`; without, `reset()` is called. `--set turns=8` is
the most calls of an episode, `--set range=[0,1]` states what is paid.
"""

import inspect
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from inwit.auditing.base import Step
from inwit.auditing.formats.calls import WORDS, awaited, guessed, parameters
from inwit.auditing.formats.files import GOLDS, import_file, member, read_rows, versions
from inwit.auditing.formats.options import stated_range
from inwit.errors import InvalidOption, UnknownName

TURNS, SHOWN = 8, 24
READ = ("data", "set")
"""The options that it reads."""


def open_target(reference: str, options: Mapping[str, Any]) -> "TrlEnvironment":
    """Import the class and read the rows, if there are any."""
    for each in options:
        if each not in READ:
            raise UnknownName("option of an environment", each, READ)
    path, _, name = reference.rpartition(":")
    rows = read_rows(str(options["data"])) if options.get("data") else [{}]
    made = member(import_file(Path(path)), name, "class")
    return TrlEnvironment(made, rows, dict(options.get("set") or {}))


class TrlEnvironment:
    """An episode is a row; an action is a call of a tool."""

    def __init__(
        self, kind: type, rows: Sequence[Mapping[str, Any]], given: Mapping[str, Any]
    ) -> None:
        """Make the one instance and list its tools, as the trainer does.

        Raises:
            InvalidOption: it owns no reward, or `reset` needs a column that there is not.
        """
        self.made, self.rows = kind(), rows
        methods = dict(inspect.getmembers(kind, predicate=inspect.isfunction))
        if "get_reward" not in methods:
            raise InvalidOption(f"{kind.__name__} has no get_reward(): nothing says what is paid")
        try:
            inspect.signature(self.made.reset).bind(**rows[0])
        except TypeError as error:
            there = ", ".join(rows[0]) or "none: name a file with --data"
            raise InvalidOption(f"{kind.__name__}.reset: {error}; columns: {there}") from None
        public = [name for name in methods if not name.startswith("_")]
        tools = [name for name in public if name not in ("reset", "get_reward")]
        self.tools: dict[str, Callable[..., Any]] = {
            name: getattr(self.made, name) for name in tools
        }
        self.words = [*WORDS, *sorted({str(value) for row in rows for value in row.values()})[:20]]
        self.gold = next((name for name in GOLDS if name in rows[0]), "")
        self.about: dict[str, Any] = {
            "versions": versions("trl"),
            "actions": [],
            "tools": sorted(self.tools),
            "turns": int(given.get("turns", TURNS)),
            "guesses": [row[self.gold] for row in rows[:SHOWN]] if self.gold else [],
            "seeded": False,  # another row may be seen in the prompt only
        }
        self.about |= stated_range(given)

    def reset(self, seed: int | None) -> object:
        """Begin with the row of that number."""
        return awaited(self.made.reset(**dict(self.rows[(seed or 0) % len(self.rows)])))

    def step(self, action: object) -> Step:
        """Call a tool; its errors are what the model would see."""
        call = action if isinstance(action, Mapping) else {}
        name, arguments = str(call.get("tool")), call.get("arguments")
        try:
            if name not in self.tools:
                raise ValueError(f"no tool {name}")
            seen = awaited(self.tools[name](**dict(arguments or {})))
        except Exception as error:
            seen = {"error": str(error)}
        return Step(observation=seen, reward=0.0, terminated=False)

    def finish(self) -> float:
        """What the episode is paid."""
        paid: float = awaited(self.made.get_reward())
        return paid

    def sample(self, draw: random.Random) -> object:
        """A call by chance: a tool of the environment, arguments of the stated types."""
        name = draw.choice(sorted(self.tools)) if self.tools else ""
        hints = parameters(self.tools[name]) if name else {}
        return {"tool": name, "arguments": guessed(hints, self.words, draw)}
