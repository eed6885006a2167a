"""One episode, press by press: what a person reads to see an agent think."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from math import isclose

import torch

from inwit.environment import Environment
from inwit.machine.machine import Frame, State
from inwit.policies import Policy, log_probabilities
from inwit.tabular import Sheet, Tabular
from inwit.tasks import Problems, Task
from inwit.tools import ObjectTable, Tool, show


@dataclass(frozen=True, kw_only=True)
class Press:
    """One press and the machine after it."""

    key: str
    """The key's name."""
    probability: float
    """How likely the policy was to press it."""
    value: float
    """The policy's estimate, before the press, of the chance of a right answer."""
    accumulator: object
    """What the display shows: None when empty, infinite after a fault."""
    pending: str
    """The pending tool and the arguments that it has, `ADD 21 _`; empty for none."""
    memory: tuple[str, ...]
    """The frames set aside, oldest first, as `pending` is written."""
    fault: str
    """Why a tool failed at this press; empty if none did."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Trace(Tabular):
    """One episode at one problem."""

    problem: str
    """The problem as people write it."""
    presses: tuple[Press, ...]
    """What was pressed."""
    answer: object
    """What was submitted: None if nothing was, infinite for a fault."""
    exact: object
    """The right answer, a fraction where float64 does not hold it; None where nobody knows it."""
    right: bool
    """Whether the answer is known to be right."""
    note: str = ""
    """What was chosen where the text of the problem leaves a choice."""
    valued: bool = True
    """Whether the learner trains the values; otherwise they mean nothing and are not shown."""

    @property
    def keys(self) -> str:
        """The program."""
        return " ".join(press.key for press in self.presses)

    @property
    def verdict(self) -> str:
        """`right`, `right but for rounding`, `wrong`, or `not checked` where nobody knows."""
        answer, exact = self.answer, self.exact
        if exact is None:
            return "not checked"
        if not self.right:
            return "wrong"
        if isinstance(answer, float) and isinstance(exact, (float, Fraction)):
            rounded = show(answer) != show(exact) and isclose(answer, exact)
            return "right but for rounding" if rounded else "right"
        return "right"

    @property
    def headline(self) -> str:
        """The problem, the answer and whether it is right."""
        exact = f", exactly {show(self.exact)}" if self.verdict == "wrong" else ""
        return f"{self.problem} = {show(self.answer)}, {self.verdict}{exact}"

    def sheets(self) -> list[Sheet]:
        """A row for every press."""
        headings = ("press", "key", "probability", "accumulator", "pending", "memory", "value")
        rows = (
            (
                str(count),
                press.key,
                f"{press.probability:.4f}",
                show(press.accumulator),
                press.pending or "-",
                " | ".join(press.memory) or "-",
                f"{press.value:.3f}" if self.valued else "-",
            )
            for count, press in enumerate(self.presses, 1)
        )
        left = ("key", "pending", "memory")
        return [Sheet(headings=headings, rows=tuple(rows), left=left, note=self.note)]

    def rows(self) -> list[dict[str, object]]:
        """A row for every press."""
        rows = [{"press": count, **asdict(each)} for count, each in enumerate(self.presses, 1)]
        return rows if self.valued else [row | {"value": None} for row in rows]


@torch.no_grad()
def trace(
    policy: Policy,
    environment: Environment,
    problems: Problems,
    *,
    texts: Sequence[str] | None = None,
) -> list[Trace]:
    """Greedy episodes at problems, press by press.

    Args:
        policy: chooses the keys.
        environment: where.
        problems: the problems.
        texts: how the problems are shown; by default as the task describes them.
    """
    prompt, observation = environment.reset(problems)
    memory = policy.begin(prompt)
    names, tools = environment.machine.vocabulary.names, environment.task.rules.tools
    objects = environment.task.objects
    presses: list[list[Press]] = [[] for _ in range(len(problems))]
    while not bool(environment.ended.all()):
        running = (~environment.ended).tolist()
        scores, value, memory = policy.step(observation, memory)
        probability, key = log_probabilities(scores, observation.legal).exp().max(1)
        observation = environment.press(key)[0]
        state, labels = environment.state, [tool.name for tool in tools]
        failed = state.failed.tolist()
        for row in (row for row, runs in enumerate(running) if runs):
            frame = state.frame
            presses[row].append(
                Press(
                    key=names[int(key[row])],
                    probability=float(probability[row]),
                    value=float(value[row]),
                    accumulator=objects.meaning(float(frame.accumulator[row])),
                    pending=(
                        written(frame, (row,), labels, objects) if frame.pending[row] >= 0 else ""
                    ),
                    memory=_memory(state, row, labels, objects),
                    fault=explained(state, row, tools) if failed[row] else "",
                )
            )
    state = environment.state
    return [
        Trace(
            problem=text,
            presses=tuple(presses[row]),
            answer=objects.meaning(float(state.frame.accumulator[row]))
            if state.answered[row]
            else None,
            exact=environment.task.right_answer(text, float(problems.answer[row])),
            right=bool(environment.right[row]),
        )
        for row, text in enumerate(texts or _described(environment.task, problems))
    ]


def trace_typed(policy: Policy, environment: Environment, text: str) -> Trace:
    """A greedy episode at a problem that a person typed; it is shown as it was typed.

    Raises:
        InvalidProblem: it cannot be read, or is not of the environment's task.
    """
    task = environment.task
    (made,) = trace(policy, environment, task.parse(text), texts=[text.strip()])
    return replace(made, note=task.note(text))


def _described(task: Task, problems: Problems) -> list[str]:
    return [task.describe(problems, row) for row in range(len(problems))]


def written(frame: Frame, place: tuple[int, ...], tools: list[str], objects: ObjectTable) -> str:
    """A frame as people read it: `SUB 21 _`."""
    values = [objects.meaning(value) for value in frame.values[place].tolist()]
    entered = [show(value) for value in values if value is not None]
    pending = int(frame.pending[place])
    return " ".join([tools[pending], *entered, "_"]) if pending >= 0 else " ".join(entered)


def explained(state: State, row: int, tools: Sequence[Tool]) -> str:
    """Why the tool that ran at the last press failed."""
    return tools[int(state.called[row])].explain(state.arguments[row].tolist())


def _memory(state: State, row: int, tools: list[str], objects: ObjectTable) -> tuple[str, ...]:
    return tuple(
        written(state.memory, (row, place), tools, objects) or "("
        for place in range(int(state.depth[row]))
    )
