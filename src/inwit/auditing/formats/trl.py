"""`trl:FILE.py:NAME --data FILE.jsonl`: reward functions `(completions, **columns) -> list`.

`NAME` may be several names with commas (`--set weights=[1,0.5]`), or a list of functions; the file
may be a module (`trl:trl.rewards:accuracy_reward`). A class is an environment.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from inwit.auditing.base import Item
from inwit.auditing.formats.calls import accepted, awaited, takes_all
from inwit.auditing.formats.files import Rows, import_file, member, mentions, versions
from inwit.auditing.formats.options import numbers, stated_range
from inwit.errors import InvalidOption, UnknownName
from inwit.extras import import_named

GIVEN = ("prompts", "completions", "completion_ids", "trainer_state", "log_extra", "log_metric")
"""What the trainer passes beside the columns."""
Reward = Callable[..., Any]


def open_target(reference: str, options: Mapping[str, Any]) -> Any:
    """Import the functions and read the rows; a class with `reset` is an environment."""
    place, _, named = reference.rpartition(":")
    module = import_file(Path(place)) if place.endswith(".py") else import_named(place or named)
    found: list[Any] = []
    for name in named.split(","):
        value = member(module, name, "function or class")
        found += value if isinstance(value, (list, tuple)) else [value]
    if inspect.isclass(found[0]) and hasattr(found[0], "reset"):
        opener = import_module("inwit.auditing.formats.trl_environment").open_target
        return opener(reference, options)
    return Rewards(found, Rows(options), dict(options.get("set") or {}))


class Rewards:
    """Graded text: rows, and reward functions whose weighted sum is paid."""

    def __init__(self, functions: Sequence[Reward], rows: Rows, options: Mapping[str, Any]) -> None:
        """Check signatures, columns and weights.

        Raises:
            InvalidOption: something does not fit.
        """
        self.functions, self.rows = functions, rows
        self.items, self.held_out = rows.items, rows.held_out
        self.weights = numbers(options, "weights", len(functions)) or [1.0] * len(functions)
        self.columns = [name for name in rows.columns if name not in ("prompt", "completion")]
        for function in functions:
            self._check(function)
        used = rows.gold is not None and any(mentions(each, rows.gold) for each in functions)
        self.about = {
            "versions": versions("trl"),
            "names": [],
            "correctness": used,
            "fixed": True,
            "held_out": bool(rows.apart),
            "only_texts": True,
            "together": True,
            **stated_range(options),
        }

    def _check(self, function: Reward) -> None:
        name = getattr(function, "__name__", type(function).__name__)
        if not callable(function):
            raise InvalidOption(f"{name} is not a function: (completions, **columns) -> list")
        signature = inspect.signature(function)
        needed = signature.parameters.values()
        if "completions" not in signature.parameters and not takes_all(function):
            raise InvalidOption(f"{name}{signature}: it must take (completions, **columns)")
        for each in needed:
            named = each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
            if named and each.default is each.empty and each.name not in (*GIVEN, *self.columns):
                raise UnknownName(f"column for {name}", each.name, self.columns)

    def score(self, reply: object, item: Item) -> float:
        """The weighted sum for one completion, as the trainer has it."""
        return self.score_together([reply], [item])[0]

    def score_together(self, replies: Sequence[object], items: Sequence[Item]) -> list[float]:
        """The weighted sums for a batch of completions."""
        given = self._arguments(replies, items)
        sums = [0.0] * len(replies)
        for function, weight in zip(self.functions, self.weights, strict=True):
            paid = function(**accepted(function, given))
            paid = list(awaited(paid))
            if len(paid) != len(replies):
                raise TypeError(f"{len(paid)} rewards for {len(replies)} completions")
            for place, each in enumerate(paid):  # None: it says nothing about this row
                sums[place] += 0.0 if each is None else weight * float(each)
        return sums

    def _arguments(self, replies: Sequence[object], items: Sequence[Item]) -> dict[str, Any]:
        rows = [item.fields for item in items]
        completions = [
            [{"role": "assistant", "content": reply}] if _conversational(row) else reply
            for reply, row in zip(replies, rows, strict=True)
        ]
        columns = {name: [row.get(name) for row in rows] for name in self.columns}
        return {
            "prompts": [row.get("prompt") for row in rows],
            "completions": completions,
            "completion_ids": [list(str(each).encode(errors="replace")) for each in replies],
            "trainer_state": None,
            "log_extra": lambda *_: None,
            "log_metric": lambda *_: None,
            **columns,
        }


def _conversational(row: Mapping[str, Any]) -> bool:
    """Whether a prompt is a list of messages; completions are, then, too."""
    prompt = row.get("prompt")
    return isinstance(prompt, list) and bool(prompt) and isinstance(prompt[0], Mapping)
