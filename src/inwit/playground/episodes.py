"""One episode as the page shows it: the probabilities of every press, and the machine after it."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

import torch
from torch import Tensor

from inwit.agent import Agent
from inwit.environment import Environment
from inwit.errors import InvalidOption, InvalidProblem
from inwit.machine.machine import State
from inwit.playground.counterfactual import Counterfactual, Origins
from inwit.playground.forecast import Forecast
from inwit.playground.switches import STATE, without
from inwit.playground.tape import Tape, read_tape
from inwit.policies import log_probabilities
from inwit.tasks import Problems
from inwit.tools import FAULT, show, to_float

MAX_SYMBOLS = 10_000
"""Symbols of the longest problem that the page shows."""
Value = float | str | None
"""A value of the machine: None if empty, `fault` after a failed tool."""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """A stored value that the user overwrites."""

    press: int
    """The press after which it happens, from 1."""
    place: int
    """The frame; the oldest is 0."""
    value: float
    """The new value."""

    def __post_init__(self) -> None:
        try:
            to_float(self.value)
        except InvalidOption as error:
            raise InvalidOption(f"a stored value is overwritten by a number: {error}") from error


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A frame that was stored at some time."""

    below: int
    """The frame beneath it, by its place in the list of frames; -1 for none."""
    pending: str
    """Its pending tool; empty for an opened parenthesis."""
    values: tuple[Value, ...]
    """The accumulator and the further arguments."""


@dataclass(frozen=True, kw_only=True)
class Press:
    """One press."""

    key: int
    """The key that was pressed."""
    wasted: bool
    """Whether it was illegal in that state, and changed nothing."""
    probabilities: tuple[float, ...]
    """The probability of each key."""
    legal: tuple[bool, ...]
    """Which keys were legal."""
    value: float
    """The estimate, before the press, of the chance of a right answer."""
    forecast: tuple[tuple[int, float], ...]
    """What a probe read from the state before: this key and the next ones, each with its score."""
    values: tuple[Value, ...]
    """Afterwards: the accumulator and the further arguments of the pending tool."""
    pending: str
    """Afterwards: the pending tool; empty for none."""
    top: int
    """Afterwards: the frame on top of the memory; -1 for none."""
    cursor: int
    """Afterwards: the symbol under the cursor of a streamed problem."""


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One episode."""

    problem: str
    """As it was typed."""
    symbols: tuple[str, ...]
    """Symbol by symbol, or word by word."""
    entered_by: tuple[int, ...]
    """Which operand key enters each of them; -1 for none."""
    operands: tuple[str, ...]
    """What each operand key enters."""
    presses: tuple[Press, ...]
    """The presses in order."""
    frames: tuple[Frame, ...]
    """All frames that were ever stored."""
    answer: Value
    """The submitted answer."""
    answered: bool
    """Whether an answer was submitted."""
    exact: str | None
    """The right answer with all its digits; None if it is unknown."""
    right: bool
    """Whether the answer is right."""
    counterfactual: Counterfactual | None
    """The right answer after stored values were overwritten; None if none were."""

    def to_json(self) -> dict[str, object]:
        """The record in plain values."""
        return asdict(self)


@torch.no_grad()
def episode(
    agent: Agent,
    problem: str,
    *,
    drawn: Problems | None = None,
    off: Sequence[str] = (),
    edits: Sequence[Edit] = (),
    forecast: Forecast | None = None,
) -> Episode:
    """A greedy episode at a problem.

    Args:
        agent: the agent that presses.
        problem: the problem as typed.
        drawn: the problem in a batch of one, if it was drawn rather than typed.
        off: what the agent goes without; see `switches`.
        edits: stored values to overwrite during the episode.
        forecast: probes that read the next presses from the state.

    Raises:
        InvalidProblem: it cannot be read, or is longer than the page shows.
        UnknownName: a name in `off` is unknown.
        InvalidOption: there is no such stored value.
    """
    tape = read_tape(problem)
    if len(tape.symbols) > MAX_SYMBOLS:
        raise InvalidProblem(
            f"{len(tape.symbols):,} symbols: the page shows at most {MAX_SYMBOLS:,}"
        )
    problems = agent.environment.task.parse(problem) if drawn is None else drawn
    recorder = _Recorder(agent, problem, problems, tuple(off))
    for press in range(1, recorder.environment.limit + 1):
        recorder.press(forecast)
        for edit in edits:
            if edit.press == press:
                recorder.overwrite(edit)
        if bool(recorder.environment.ended[0]):
            break
    late = [edit.press for edit in edits if edit.press > len(recorder.presses)]
    if late:
        raise InvalidOption(f"press {late[0]}: there are {len(recorder.presses)} presses")
    return recorder.episode(problem, tape.of(agent.environment.task, problems))


@dataclass
class _Recorder:
    """An episode in progress."""

    agent: Agent
    problem: str
    problems: Problems
    off: tuple[str, ...]
    presses: list[Press] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    top: int = -1

    def __post_init__(self) -> None:
        self.environment: Environment = self.agent.environment.on(self.agent.environment.task)
        self.policy = without(self.agent.policy, self.environment, self.off)
        self.prompt, self.observation = self.environment.reset(self.problems)
        self.fresh = self.memory = self.policy.begin(self.prompt)
        self.names = self.environment.machine.vocabulary.names
        self.tools = [tool.name for tool in self.environment.task.rules.tools]
        self.seen: Tensor | None = None
        self.origins = Origins(self.environment.task.rules)

    def press(self, forecast: Forecast | None) -> None:
        """Press the most probable key."""
        observation, before = self.observation, self.environment.state
        memory = self.fresh if STATE in self.off else self.memory
        ahead = (
            forecast.read(self.policy, self.prompt, memory, observation, self.seen)
            if forecast
            else ()
        )
        scores, value, self.memory = self.policy.step(observation, memory)
        probabilities = log_probabilities(scores, observation.legal).exp()
        key = probabilities.argmax(1)
        self.observation, self.seen = self.environment.press(key)[0], observation.seen
        state = self.environment.state
        wasted = not bool(state.meant)
        if not wasted:
            self.origins.press(self.names[int(key)])
        self._follow(int(before.depth[0]), state)
        self.presses.append(
            Press(
                key=int(key),
                wasted=wasted,
                probabilities=tuple(probabilities[0].tolist()),
                legal=tuple(observation.legal[0].tolist()),
                value=float(value[0]),
                forecast=ahead,
                values=self._values(state.frame.values[0]),
                pending=self._tool(int(state.frame.pending[0])),
                top=self.top,
                cursor=int(state.cursor[0]) if self.environment.task.rules.stream else 0,
            )
        )

    def _follow(self, before: int, state: State) -> None:
        """Record a frame that was stored or recalled, or that all were cleared."""
        depth = int(state.depth[0])
        if depth < before:
            self.top = self.frames[self.top].below if depth else -1
        elif depth > before:
            top = state.top
            pending = self._tool(int(top.pending[0]))
            values = self._values(top.values[0])
            self._push(Frame(below=self.top, pending=pending, values=values))

    def _push(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.top = len(self.frames) - 1

    def overwrite(self, edit: Edit) -> None:
        """Write a value over a stored one."""
        state = self.environment.state
        stored = state.memory.values[0, : int(state.depth[0]), 0].tolist()
        if not 0 <= edit.place < len(stored) or math.isnan(stored[edit.place]):
            raise InvalidOption(
                f"frame {edit.place + 1} after press {edit.press}: no value is stored there"
            )
        values = state.memory.values.clone()
        values[0, edit.place, 0] = edit.value
        changed = replace(state, memory=replace(state.memory, values=values))
        self.environment.state = changed
        self.origins.overwrite(edit.place, edit.value)
        above: list[Frame] = []
        while len(above) < len(stored) - edit.place:
            above.append(self.frames[self.top])
            self.top = above[-1].below
        *rest, old = above
        self._push(replace(old, values=(edit.value, *old.values[1:])))
        for frame in reversed(rest):
            self._push(replace(frame, below=self.top))
        self.presses[-1] = replace(self.presses[-1], top=self.top)

    def episode(self, problem: str, tape: Tape) -> Episode:
        """The record of it all."""
        state = self.environment.state
        answered = bool(state.answered[0])
        return Episode(
            problem=problem,
            symbols=tape.symbols,
            entered_by=tape.entered_by,
            operands=tape.operands,
            presses=tuple(self.presses),
            frames=tuple(self.frames),
            answer=self._value(float(state.frame.accumulator[0])) if answered else None,
            answered=answered,
            exact=self._exact(),
            right=bool(self.environment.right[0]),
            counterfactual=self.origins.exact(problem),
        )

    def _exact(self) -> str | None:
        """The right answer, exact if the task can compute it from the typed problem."""
        answer = float(self.problems.answer[0])
        exact = self.environment.task.right_answer(self.problem, answer)
        return None if exact is None else show(exact)

    def _tool(self, number: int) -> str:
        return self.tools[number] if number >= 0 else ""

    def _value(self, value: float) -> Value:
        found = self.environment.task.objects.meaning(value)
        if not isinstance(found, float):
            return None if found is None else show(found)
        return "fault" if abs(found) == FAULT else found

    def _values(self, values: Tensor) -> tuple[Value, ...]:
        """The accumulator and the arguments that have been entered."""
        found = [self._value(value) for value in values.tolist()]
        return tuple(value for value in found if value is not None)
