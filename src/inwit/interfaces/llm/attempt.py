"""One attempt of a language model at one problem: what it calls, and whether it is right."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from inwit.errors import InwitError
from inwit.interfaces.llm.functions import Function
from inwit.interfaces.llm.toolbox import ANSWER, RECALL, STORE, Toolbox
from inwit.interfaces.llm.values import Fault, Plain, Values
from inwit.tasks import Drawn, Problems
from inwit.tools.signatures import MISSING

PLACE = re.compile(r"\{(\d+)\}")
NUMBER = re.compile(r"[-+]?(?:\d[\d,]*)?\.?\d+(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call."""

    name: str
    """What was called."""
    arguments: Mapping[str, object]
    """What with, as the model wrote it."""
    result: Plain = ""
    """What it gave."""
    fault: str = ""
    """Why it failed; empty if it did not."""


@dataclass(kw_only=True)
class Attempt:
    """The state of one attempt. What a model does wrong is a `Fault`, and kept."""

    toolbox: Toolbox
    """What can be called, at the problem's level."""
    problem: Problems
    """The problem, in a batch of one."""
    limit: int = 0
    """How many calls may be made; as many as the machine allows presses if 0."""
    calls: list[Call] = field(default_factory=list)
    """What was called."""
    memory: list[object] = field(default_factory=list)
    """What is set aside, the last on top."""
    values: Values = field(default_factory=Values)
    """The names of objects."""
    answer: object = None
    """What was answered, as the model wrote it; None before."""
    right: bool = False
    """Whether that is right."""

    def __post_init__(self) -> None:
        task = self.toolbox.task
        self.limit = self.limit or task.max_presses(self.problem)
        slots = max(tool.arity for tool in task.rules.tools) - 1
        self.depth = max(1, task.max_depth(self.problem)) * max(1, slots)
        self.question = self._question()

    @property
    def ended(self) -> bool:
        """Whether an answer was given, or no call is left."""
        return self.answer is not None or len(self.calls) >= self.limit

    def call(self, name: str, arguments: Mapping[str, object]) -> Plain:
        """Call a function.

        Raises:
            Fault: the call failed; the message says why.
        """
        if self.ended:
            raise Fault("the problem is over" if self.answer is not None else "no call is left")
        try:
            result = self._call(name, arguments)
        except Fault as fault:
            self.refuse(name, arguments, str(fault))
            raise
        self.calls.append(Call(name=name, arguments=dict(arguments), result=result))
        return result

    def refuse(self, name: str, arguments: Mapping[str, object], reason: str) -> None:
        """Keep a call that failed, or that could not even be read."""
        if not self.ended:
            self.calls.append(Call(name=name, arguments=dict(arguments), fault=reason))

    def say(self, text: str) -> None:
        """Answer in words: what stands after the last `answer`, or the last number, counts."""
        if self.answer is None:
            words = re.split(r"answer\W*(?:is\W*)?", text, flags=re.IGNORECASE)[-1].strip()
            numbers = NUMBER.findall(text if self.toolbox.kinds == (float,) else "")
            said = numbers[-1].replace(",", "") if numbers else words.rstrip(".")
            if said and (numbers or self.toolbox.kinds != (float,)):
                self._submit(said)

    def _call(self, name: str, arguments: Mapping[str, object]) -> Plain:
        function = self.toolbox.named.get(name)
        if function is None:
            raise Fault(f"there is no {name:.60}: call {', '.join(self.toolbox.named)}")
        given = self._read(function, arguments)
        if function.tool is not None:
            return self.values.write(function.run(given), function.result)
        if name == STORE:
            if len(self.memory) >= self.depth:
                raise Fault(f"the memory is full: it holds {self.depth}")
            self.memory.append(given["value"])
            return "stored"
        if name == RECALL:
            if not self.memory:
                raise Fault("nothing is set aside")
            return self.values.write(self.memory.pop(), self.toolbox.value)
        assert name == ANSWER
        self._submit(arguments["value"])
        return "answered"

    def _read(self, function: Function, arguments: Mapping[str, object]) -> dict[str, object]:
        """The arguments, each of its type."""
        known = {each.name: each for each in function.parameters}
        needed = {name for name, each in known.items() if each.default is MISSING}
        if not needed <= set(arguments) <= set(known):
            due = ", ".join(name if name in needed else f"{name} (optional)" for name in known)
            given = ", ".join(arguments) or "nothing"
            raise Fault(f"{function.name} takes {due or 'nothing'}: given was {given:.200}")
        if function.tool is None:  # a value of any type
            return {name: self._any(value) for name, value in arguments.items()}
        return {
            name: self.values.read(value, known[name].kind) for name, value in arguments.items()
        }

    def _any(self, given: object) -> object:
        if isinstance(given, str):
            return self.values.objects.get(given, given)
        if isinstance(given, (int, float)) and not isinstance(given, bool):
            return given
        raise Fault(f"{given!r:.60} is neither a number nor a text")

    def _submit(self, given: object) -> None:
        self.answer = given
        task = self.toolbox.task
        for kind in self.toolbox.kinds:
            try:
                value = self.values.read(given, kind)
                self.right = self.right or task.accepts(value, self.problem)
            except (Fault, InwitError):
                continue

    def _question(self) -> str:
        """The problem in words, with the operands that do not stand in it."""
        task = self.toolbox.task
        if not isinstance(task, Drawn):
            return task.describe(self.problem, 0)
        problem = task.problem(self.problem, 0)
        shown = [str(self.values.write(value)) for value in problem.operands]
        text = PLACE.sub(lambda place: shown[int(place[1])], problem.prompt)
        inside = {int(place) for place in PLACE.findall(problem.prompt)}
        others = [value for place, value in enumerate(shown) if place not in inside]
        return f"{text}\nAlso given: {', '.join(others)}" if others else text
