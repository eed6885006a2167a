"""`verifiers:MODULE` or `verifiers:FILE.py`: a taskset of verifiers 0.4 (`verifiers.v1`).

Its tasks are the items; their `@vf.reward` functions that need no runtime are the grader. A
reply is the trace's last reply. `verifiers:MODULE:CLASS` names one taskset of several.
"""

import asyncio
import importlib
import inspect
import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inwit.auditing.base import Item
from inwit.auditing.formats.files import GOLDS, as_question, import_file, text, versions
from inwit.errors import InvalidOption, UnknownName
from inwit.extras import import_named, require

ENDLESS = 2000


def open_target(reference: str, options: Mapping[str, Any]) -> "Verifiers":
    """Find the taskset."""
    require("verifiers", "verifiers")
    place, _, name = reference.rpartition(":") if ":" in reference else (reference, "", "")
    module = import_file(Path(place)) if place.endswith(".py") else import_named(place)
    base = importlib.import_module("verifiers.v1").Taskset
    found = {
        each.__name__: each
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, base) and not inspect.isabstract(each)
    }
    if name and name not in found:
        raise UnknownName("taskset", name, found or ["(the module has none)"])
    if not name and len(found) != 1:
        raise InvalidOption(f"{place} has {len(found)} tasksets: name one of {', '.join(found)}")
    return Verifiers(found[name or next(iter(found))], options)


@dataclass(frozen=True, kw_only=True)
class Asked(Item):
    """An item, and the task that it stands for."""

    task: Any = None
    """Grades replies."""


class Verifiers:
    """Graded text: tasks, and the sum of their rewards."""

    def __init__(self, kind: Any, options: Mapping[str, Any]) -> None:
        """Load the taskset with its default configuration, or with `--set`."""
        self.vf = importlib.import_module("verifiers.v1")
        self.trace = importlib.import_module("verifiers.v1.trace")
        self.types = importlib.import_module("verifiers.v1.types")
        config = importlib.import_module("verifiers.v1.utils.generic").concrete_type
        wanted = config(kind, self.vf.TasksetConfig) or self.vf.TasksetConfig
        self.taskset = kind(wanted(**(options.get("set") or {})))
        self.tasks = list(itertools.islice(iter(self.taskset), ENDLESS))
        if not self.tasks:
            raise InvalidOption(f"{kind.__name__}.load() yields no tasks")
        names = list(type(self.tasks[0].data).model_fields)
        if options.get("gold") and options["gold"] not in names:
            raise UnknownName("field", options["gold"], names)
        self.gold = options.get("gold") or next((each for each in GOLDS if each in names), None)
        self.about = {
            "versions": versions("verifiers"),
            "names": names,
            "correctness": self.gold is not None,
            "fixed": not self.taskset.INFINITE,
            "only_texts": True,
        }

    def items(self, count: int, seed: int) -> list[Item]:
        """Some tasks, in their order."""
        some = min(count, len(self.tasks))
        chosen = sorted(random.Random(seed).sample(range(len(self.tasks)), some))
        return [self._item(self.tasks[place]) for place in chosen]

    def _item(self, task: Any) -> Asked:
        fields = task.data.model_dump(mode="json", exclude_none=True)
        gold = text(fields.get(self.gold)) if self.gold else None
        asked = as_question(task.data.prompt_text)
        return Asked(question=asked, gold=gold, fields=fields, task=task)

    def score(self, reply: object, item: Item) -> float:
        """The sum of the rewards that need no runtime."""
        assert isinstance(item, Asked)
        trace = self._trace(item.task, str(reply))
        asyncio.run(item.task.score(trace))
        return float(trace.reward)

    def _trace(self, task: Any, reply: str) -> Any:
        """A finished rollout of one message: the prompt was asked, and this came back."""
        agent = self.trace.AgentInfo(config=self.vf.AgentConfig())
        asked = self.trace.TraceTask(type=type(task).__name__, data=task.data)
        message = self.types.AssistantMessage(content=reply)
        node = self.vf.MessageNode(message=message, sampled=True)
        return self.trace.Trace(task=asked, agent=agent, nodes=[node], is_completed=True, ok=True)
