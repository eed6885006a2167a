"""One episode of a language model at one problem: its calls, its answer, the outcome."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from inwit.answers import Outcome, grade_text, read_number, read_texts
from inwit.errors import InwitError
from inwit.llm.derivation import Step, is_made
from inwit.llm.functions import Function
from inwit.llm.toolbox import ANSWER, RECALL, STORE, Toolbox
from inwit.llm.values import Fault, Plain, Values
from inwit.tasks import FunctionTask, Problems
from inwit.tools import show, text_of
from inwit.tools.numbers import NUMBER_LIMIT
from inwit.tools.signatures import MISSING


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call."""

    name: str
    """The function."""
    arguments: Mapping[str, object]
    """Its arguments, as the model wrote them."""
    result: Plain = ""
    """Its result."""
    fault: str = ""
    """Why it failed; empty if it succeeded."""


@dataclass(kw_only=True)
class Episode:
    """The state of one episode. A mistake of the model is a `Fault`, and recorded."""

    toolbox: Toolbox
    """The functions at the problem's level."""
    problem: Problems
    """The problem, in a batch of one."""
    limit: int = 0
    """Maximum number of calls; 0: as many as the machine allows presses."""
    calls: list[Call] = field(default_factory=list)
    """The calls so far."""
    memory: list[object] = field(default_factory=list)
    """The stored values, the latest on top."""
    values: Values = field(default_factory=Values)
    """The names of objects."""
    answer: object = None
    """The answer: of a call, as written; in words, as it was read. None before."""
    outcome: Outcome | None = None
    """Right, wrong or unread; None before."""

    def __post_init__(self) -> None:
        task = self.toolbox.task
        self.limit = self.limit or task.max_presses(self.problem)
        slots = max(tool.arity for tool in task.rules.tools) - 1
        self.depth = max(1, task.max_depth(self.problem)) * max(1, slots)
        self.question = self._question()

    @property
    def right(self) -> bool:
        """The answer is right."""
        return self.outcome is Outcome.RIGHT

    @property
    def ended(self) -> bool:
        """An answer was given, or no call is left."""
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
        """Record a call that failed or could not be parsed."""
        if not self.ended:
            self.calls.append(Call(name=name, arguments=dict(arguments), fault=reason))

    def say(self, text: str) -> None:
        """Answer in words: what can be read in them counts (see `inwit.answers`)."""
        if self.answer is None:
            self.outcome = self._judged(text)
            if self.outcome is not Outcome.UNREAD:
                self.answer = self._said(text)

    def _said(self, text: str) -> object:
        """The answer that was read in words, for display."""
        if self.toolbox.kinds == (float,):
            return self.values.write(float(read_number(text).values[-1]))
        return (read_texts(text) or ("",))[-1]

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
            self.memory.append(_held(given["value"]))
            return "stored"
        if name == RECALL:
            if not self.memory:
                raise Fault("the memory is empty")
            return self.values.write(self.memory.pop(), self.toolbox.value)
        assert name == ANSWER
        self._submit(arguments["value"])
        return "answered"

    def _read(self, function: Function, arguments: Mapping[str, object]) -> dict[str, object]:
        """The arguments, converted to their types."""
        known = {each.name: each for each in function.parameters}
        needed = {name for name, each in known.items() if each.default is MISSING}
        if not needed <= set(arguments) <= set(known):
            wanted = ", ".join(name if name in needed else f"{name} (optional)" for name in known)
            given = ", ".join(arguments) or "nothing"
            raise Fault(f"{function.name} takes {wanted or 'nothing'}: given was {given:.200}")
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
        self.answer, self.outcome = given, self._judged(given)

    def _judged(self, given: object) -> Outcome:
        """The outcome of an answer: right if the task accepts one of its readings."""
        task = self.toolbox.task
        exact = task.objects.meaning(float(self.problem.answer[0]))
        if isinstance(exact, str) and getattr(task, "verify", None) is None:
            return grade_text(str(given), exact, cased=self.toolbox.cased)
        verdicts = list(self._verdicts(given))
        if not verdicts:
            return Outcome.UNREAD
        return Outcome.RIGHT if any(verdicts) else Outcome.WRONG

    def _verdicts(self, given: object) -> Iterator[bool]:
        """Whether each possible value of an answer is right: one number, or a value of the task.

        Values that cannot be answers are left out.
        """
        texts = (given, *read_texts(given)) if isinstance(given, str) else (given,)
        for kind in self.toolbox.kinds:
            readings: tuple[object, ...] = texts
            if kind is float and isinstance(given, str):
                readings = tuple(map(float, read_number(given).values))
            for reading in readings:
                try:
                    value = self.values.read(reading, kind)
                    yield self.toolbox.task.accepts(value, self.problem) and self._made(value)
                except (Fault, InwitError):
                    continue

    def _made(self, value: object) -> bool:
        """Whether the calls have made an answer that the problem states; true where it does not."""
        task = self.toolbox.task
        if not task.states_answer or not isinstance(value, float):
            return not task.states_answer
        operands = self.problem.operands[0, : task.rules.operands]
        return is_made(value, operands[~operands.isnan()].tolist(), self._steps())

    def _steps(self) -> Iterator[Step]:
        """The calls of tools that succeeded, in numbers."""
        for call in self.calls:
            function = self.toolbox.named.get(call.name)
            if function is None or function.tool is None or call.fault:
                continue
            result = self.values.read(call.result, float)
            given = [self.values.read(each, float) for each in call.arguments.values()]
            yield [float(each) for each in given], float(result)  # type: ignore[arg-type]

    def _question(self) -> str:
        """The problem as text; an object that has none is called by its name."""
        task = self.toolbox.task
        if not isinstance(task, FunctionTask):
            return task.describe(self.problem, 0)
        return task.problem(self.problem, 0).question(self._written)

    def _written(self, value: object) -> str:
        return str(self.values.write(value)) if text_of(value) is None else show(value)


def _held(value: object) -> object:
    """A value as the memory holds it.

    Raises:
        Fault: it is infinite, NaN or a number beyond those of the machine.
    """
    if isinstance(value, (int, float)) and not abs(value) < NUMBER_LIMIT:
        raise Fault("a number must be finite and below 2^1000 (about 1.07e301)")
    return value
