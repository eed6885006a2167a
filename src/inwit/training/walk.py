"""Key sequences on a few problems at once; those that compute the same are followed once."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from inwit.environment import Environment
from inwit.machine.machine import Machine, State
from inwit.machine.rules import Kind
from inwit.machine.tables import span_of
from inwit.records import distinct, fingerprint, joined, map_tensors, take
from inwit.tasks import Problems
from inwit.tokens import ANSWER
from inwit.tools import HANDLES

OFTEN = 1 << 14
"""As often as the presses allow."""
ROWS = 1 << 17
"""Episodes that are pressed at once."""
SURE = 16
"""A key that changed nothing this often in situations of one kind is not pressed there again."""

Program = tuple[int, ...]
"""Keys, ending in `ANS`."""


@dataclass(frozen=True, order=True, kw_only=True)
class Breadth:
    """How far a search goes."""

    operands: int
    """How often the same operand may be entered."""
    tools: int
    """How often the same tool may be pressed."""
    frames: int
    """Maximum frames set aside."""
    start: tuple[int, ...] = ()
    """Keys that are pressed first; they count for none of the limits but that of frames."""


class Meaning:
    """Which keys mean something: given by the environment, or learnt from a search's own presses.

    A situation is what the meaning of a key depends on: the pending tool with its missing
    arguments, whether the memory is empty or full, and where operands are used once, how many
    are left.
    """

    def __init__(self, machine: Machine, *, given: bool) -> None:
        """Begin without knowledge, unless the legal keys are given."""
        self.machine, self.given = machine, given
        self.pressable = machine.keys.kind != Kind.NEVER
        self.counts = 1 + machine.rules.operands * machine.rules.once
        places = 4 * len(machine.modes.entered) * self.counts * len(self.pressable)
        self.idle = torch.zeros(places, dtype=torch.long, device=machine.device)
        self.useful = torch.zeros_like(self.idle, dtype=torch.bool)

    def keys(self, state: State) -> Bool[Tensor, "B V"]:
        """The keys to press next."""
        if self.given:
            return self.machine.members(state.legal)
        keys = torch.arange(len(self.pressable), device=self.idle.device)
        place = self._places(state)[:, None] + keys
        return self.pressable & (self.useful[place] | (self.idle[place] < SURE))

    def learn(self, state: State, key: Int[Tensor, " B"], changed: Bool[Tensor, " B"]) -> None:
        """Note which presses changed something."""
        place = self._places(state) + key
        self.useful[place[changed]] = True
        self.idle.index_add_(0, place, (~changed).long())

    def _places(self, state: State) -> Int[Tensor, " B"]:
        """Where the knowledge of each situation begins."""
        full = state.depth == state.memory.mode.shape[1] - 1
        situation = 4 * state.frame.mode + 2 * full + (state.depth > 0)
        if self.machine.rules.once:
            left = self.machine.members(state.available)[:, self.machine.keys.kind == Kind.OPERAND]
            situation = situation * self.counts + left.sum(1)
        return situation * len(self.pressable)


@dataclass(frozen=True, kw_only=True)
class Sequences:
    """Key sequences of one length, each followed on all problems."""

    before: Int[Tensor, " n"]
    """The sequence without its last key, of those that are one shorter."""
    key: Int[Tensor, " n"]
    """The last key."""
    mark: Int[Tensor, " n"]
    """The same number where the states are the same on all problems."""
    times: Int[Tensor, "n V"]
    """How often each key was pressed."""


class Walk:
    """All key sequences on a few problems, press by press."""

    def __init__(
        self, environment: Environment, problems: Problems, breadth: Breadth, meaning: Meaning
    ) -> None:
        """Begin with the sequence from which the breadth starts.

        Args:
            environment: where; its state is overwritten.
            problems: what is followed side by side.
            breadth: how far to go.
            meaning: which keys to press; it learns from the presses.
        """
        self.task, self.machine, self.meaning = environment.task, environment.machine, meaning
        self.presses, self.cut = 0, False
        environment.reset(problems, depth=breadth.frames)
        self.problems, self.state = environment.problems, environment.state
        self.start = breadth.start
        for key in self.start:
            self.state = self.machine.press(self.state, torch.full_like(self.state.depth, key))
        self.presses += len(self.start) * len(problems)
        self.end = self.machine.vocabulary[ANSWER]
        self.span = span_of(self.machine.rules.longest)
        kind = self.machine.keys.kind
        self.most = torch.full_like(kind, OFTEN, dtype=torch.int16)
        self.most[kind == Kind.OPERAND] = breadth.operands
        self.most[kind == Kind.TOOL] = breadth.tools
        none = torch.zeros(1, dtype=torch.long, device=self.machine.device)
        start = Sequences(
            before=none, key=none, mark=self._marks(self.state), times=self.most[None] * 0
        )
        self.layers, self.seen = [start], start.mark

    def __len__(self) -> int:
        """How many sequences continue."""
        return len(self.layers[-1].key)

    def press(self, presses: int) -> list[Program]:
        """Press once more in every sequence.

        Args:
            presses: how many presses may be made since the beginning; once they are spent, no
                sequence goes on.

        Returns:
            The programs that are right on all problems.
        """
        last, together = self.layers[-1], len(self.problems)
        chosen = self.meaning.keys(self.state).unflatten(0, (-1, together)).any(1)
        before, key = (chosen & (last.times < self.most)).nonzero(as_tuple=True)
        parts, found, at = [(take(last, key[:0]), take(self.state, key[:0]))], list[Program](), 0
        while at < len(key) and self.presses < presses:
            some = slice(at, at + max(1, min(ROWS, presses - self.presses) // together))
            part, right = self._press(before[some], key[some])
            found += [(*self.start, *self._keys(each), self.end) for each in right.tolist()]
            parts, at = [*parts, part], some.stop
        self.cut = at < len(key)
        parts = parts[:1] if self.cut else parts
        sequences = joined([part for part, _ in parts])
        first = distinct(sequences.mark)[0]
        self.state = take(joined([state for _, state in parts]), self._rows(first))
        self.layers.append(take(sequences, first))
        self.seen = torch.cat([self.seen, self.layers[-1].mark])
        return found

    def _press(
        self, before: Int[Tensor, " n"], key: Int[Tensor, " n"]
    ) -> tuple[tuple[Sequences, State], Int[Tensor, " r"]]:
        """Press one key after each sequence.

        Returns:
            The new sequences that go on with their states, and those that `ANS` has made right.
        """
        last, together = self.layers[-1], len(self.problems)
        old, keys = take(self.state, self._rows(before)), key.repeat_interleave(together)
        state = self.machine.press(old, keys)
        self.presses += len(keys)
        mark, answered = self._marks(state), state.answered.view(-1, together)
        changed = (mark != last.mark[before]) | answered.any(1)
        self.meaning.learn(take(self.state, before * together), key, changed)
        accepted = (state.answered & self.machine.accepts(state)).view(-1, together)
        ends = accepted.all(1).nonzero()[:, 0]
        right = ends[self._right(state.frame.accumulator.view(-1, together)[ends])]
        lost = state.frame.accumulator.isinf().view(-1, together).all(1)
        goes = changed & ~answered.any(1) & ~lost & ~torch.isin(mark, self.seen)
        goes_on = goes.nonzero()[:, 0]
        goes_on = goes_on[distinct(mark[goes_on])[0]]
        before_it, by = before[goes_on], key[goes_on]
        times = last.times[before_it] + one_hot(by, len(self.most)).to(torch.int16)
        sequences = Sequences(before=before_it, key=by, mark=mark[goes_on], times=times)
        return (sequences, take(state, self._rows(goes_on))), before[right]

    def _right(self, answer: Float[Tensor, "n together"]) -> Bool[Tensor, " n"]:
        """Which answers are right for all problems."""
        problems = map_tensors(
            lambda each: each.repeat(len(answer), *[1] * (each.dim() - 1)), self.problems
        )
        return self.task.score(answer.flatten(), problems).view_as(answer).all(1)

    def _keys(self, row: int) -> Program:
        """The keys of a sequence of the last layer, without those of the start."""
        keys = []
        for layer in reversed(self.layers[1:]):
            keys.append(int(layer.key[row]))
            row = int(layer.before[row])
        return tuple(reversed(keys))

    def _rows(self, sequences: Int[Tensor, " n"]) -> Int[Tensor, " rows"]:
        """Where the states of sequences are."""
        place = torch.arange(len(self.problems), device=sequences.device)
        return (sequences[:, None] * len(self.problems) + place).flatten()

    def _marks(self, state: State) -> Int[Tensor, " n"]:
        """A number for each sequence, shared where the same keys give the same answers."""
        memory = state.memory
        free = torch.arange(memory.mode.shape[1], device=memory.mode.device) >= state.depth[:, None]
        idle = free | (memory.mode < self.span)  # no tool waits there for what is recalled
        parts = [
            _rounded(state.frame.values),
            state.frame.mode[:, None],
            _rounded(memory.values).masked_fill(idle[..., None], 0).flatten(1),
            memory.mode.masked_fill(idle, 0).masked_fill(free, -1),
            state.depth[:, None],
            state.cursor[:, None],
            state.held,
        ]
        if self.machine.rules.once:
            parts.append(state.available)
        alone = fingerprint(torch.cat(parts, 1))
        return fingerprint(alone.view(-1, len(self.problems)))


def _rounded(values: Float[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
    """Values as whole numbers, those of numbers without the last bits of their mantissas."""
    number = values.abs() < HANDLES
    mantissa, exponent = values.where(number, 0.0).frexp()
    near = (mantissa * 2**40).round().long() * 4096 + exponent
    return near.where(number, values.view(torch.long))
