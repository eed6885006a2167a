"""What would be right if a stored value were another number?

`Origins` keeps track of the operands that each value of the machine was made from. The part of the
problem with the same operands as an overwritten value is replaced by the new number, and the whole
is evaluated with fractions. Neither the agent nor the machine takes part.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from inwit.errors import InvalidProblem
from inwit.machine.rules import Rules
from inwit.tasks import infix
from inwit.tokens import ANSWER, CLEAR, READ, RECALL, STORE
from inwit.tools import show

Operands = frozenset[int]
SHOWN = 60
"""Characters up to which a part is written in full."""


@dataclass(frozen=True, kw_only=True)
class Counterfactual:
    """The right answer after stored values were overwritten."""

    exact: str | None
    """The right answer with all its digits; None if there is none."""
    value: float | None
    """The nearest float64."""
    note: str
    """Which part of the problem counts as which number, or why there is no right answer."""


@dataclass
class _Frame:
    values: list[Operands] = field(default_factory=list)
    arity: int = 0
    """Arity of the pending tool; 0 for none."""


class Origins:
    """The operands that each value of the machine was made from."""

    def __init__(self, rules: Rules) -> None:
        """Begin with an empty machine."""
        self.arity = {tool.name: tool.arity for tool in rules.tools}
        self.stream, self.reads = rules.stream, 0
        self.frame, self.memory = _Frame(), list[_Frame]()
        self.replaced: dict[Operands, float] = {}

    def press(self, key: str) -> None:
        """Follow a press that was legal."""
        if key == STORE:
            self.memory.append(self.frame)
            self.frame = _Frame()
        elif key == RECALL:
            top = self.memory.pop()
            if top.arity or not self.stream:
                value, self.frame = self.frame.values[0], top
                self._enter(value)
        elif key in self.arity:
            self.frame.arity = self.arity[key] if self.arity[key] > 1 else 0
        elif key == CLEAR:
            self.frame, self.memory = _Frame(), []
        elif key != ANSWER:
            self._enter(frozenset([self.reads if key == READ else int(key)]))
            self.reads += key == READ

    def _enter(self, value: Operands) -> None:
        frame = self.frame
        if not frame.arity:
            frame.values = [value]
            return
        frame.values.append(value)
        if len(frame.values) == frame.arity:
            self.frame = _Frame(values=[frozenset().union(*frame.values)])

    def overwrite(self, place: int, value: float) -> None:
        """Replace a stored value by another number."""
        self.replaced[self.memory[place].values[0]] = value

    def exact(self, problem: str) -> Counterfactual | None:
        """The right answer then; None if nothing was overwritten."""
        if not self.replaced:
            return None
        try:
            exact, note = _evaluate(infix.read(problem), self.replaced)
            value = float(exact)
        except InvalidProblem:
            return _unknown("this problem is not plain arithmetic")
        except (ZeroDivisionError, OverflowError):
            return _unknown("the changed problem has no value")
        if len(note) < len(self.replaced):
            return _unknown("what was stored is not part of the problem")
        return Counterfactual(exact=show(exact), value=value, note=", ".join(note.values()))


def _unknown(why: str) -> Counterfactual:
    return Counterfactual(exact=None, value=None, note=why)


@dataclass(frozen=True, kw_only=True)
class _Part:
    value: Fraction
    origin: Operands
    text: str


def _evaluate(
    expression: infix.Expression, replaced: dict[Operands, float]
) -> tuple[Fraction, dict[Operands, str]]:
    """The exact value with some parts replaced, and which part counts as which number."""
    note: dict[Operands, str] = {}
    parts: list[_Part] = []
    for item in expression.postfix:
        if isinstance(item, int):
            number = expression.numbers[item]
            part = _Part(value=Fraction(number), origin=frozenset([item]), text=number)
        else:
            right, left = parts.pop(), parts.pop()
            part = _join(item, left, right)
        if part.origin in replaced:
            value = replaced[part.origin]
            note[part.origin] = f"{part.text} counts as {show(value)}"
            part = replace(part, value=Fraction(repr(value)))
        parts.append(part)
    return parts[0].value, note


def _join(operator: str, left: _Part, right: _Part) -> _Part:
    """A larger part, written in full if it is short."""
    pair = infix.Expression(
        symbols=("n", operator, "n"),
        numbers=(str(left.value), str(right.value)),
        postfix=(0, 1, operator),
    )
    text = f"({left.text}{operator}{right.text})"
    return _Part(
        value=pair.value(),
        origin=left.origin | right.origin,
        text=text if len(text) <= SHOWN else f"({len(left.origin | right.origin)} numbers)",
    )
