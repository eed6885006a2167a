"""`reasoning-gym:NAME`: any set of reasoning-gym, scored by its own `score_answer`."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.metadata import version
from typing import Any

from inwit.auditing.base import Item
from inwit.auditing.formats.files import text
from inwit.auditing.formats.options import read
from inwit.errors import InvalidOption, UnknownName
from inwit.extras import require


def open_target(reference: str, options: Mapping[str, Any]) -> "ReasoningGym":
    """Find the set, and check the options that `--set` gives it."""
    require("reasoning_gym", "reasoning-gym")
    known = import_module("reasoning_gym.factory").DATASETS
    if reference not in known:
        raise UnknownName("set of reasoning-gym", reference, known)
    given = {name: read(value) for name, value in dict(options.get("set") or {}).items()}
    _, kind = known[reference]
    allowed = [each.name for each in fields(kind) if each.name not in ("seed", "size")]
    for name in given:
        if name not in allowed:
            raise UnknownName(f"option of {reference}", name, allowed)
    return ReasoningGym(reference, given)


@dataclass(frozen=True, kw_only=True)
class Entry(Item):
    """An item, and the set that it was drawn from."""

    source: Any = None
    """The set, which scores replies."""


class ReasoningGym:
    """Graded text: entries of one set."""

    def __init__(self, name: str, options: Mapping[str, Any]) -> None:
        """Keep the name and the options of the set."""
        self.name, self.options = name, options
        source = self._made(1, 0)
        self.about = {
            "versions": {"reasoning-gym": version("reasoning-gym")},
            "range": [0.0, 1.0],
            "names": list(type(source).score_answer.__code__.co_varnames),
            "correctness": True,
        }

    def _made(self, count: int, seed: int) -> Any:
        create = import_module("reasoning_gym").create_dataset
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return create(self.name, size=count, seed=seed, **self.options)
        except (AssertionError, TypeError, ValueError) as error:
            given = ", ".join(f"{name}={value}" for name, value in self.options.items())
            asked = f"--set {given}" if given else "to be made without --set"
            raise InvalidOption(f"{self.name} refuses {asked}: {error}") from error

    def items(self, count: int, seed: int) -> list[Item]:
        """The entries of a set of that size and seed."""
        source = self._made(count, seed)
        entries = [source[place] for place in range(count)]
        return [
            Entry(
                question=str(entry["question"]),
                gold=text(entry["answer"]),
                fields=entry,
                source=source,
            )
            for entry in entries
        ]

    def score(self, reply: object, item: Item) -> float:
        """The score that the set gives."""
        assert isinstance(item, Entry)
        paid: float = item.source.score_answer(answer=reply, entry=item.fields)
        return paid
