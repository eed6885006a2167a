"""Programs found by what they compute: right or wrong alone, without a network or legal keys.

Key sequences are followed press by press on a few problems of one form at once. Sequences that
leave the machine in the same state on all of them compute the same, so one of them is followed on
(observational equivalence: Udupa et al. 2013, TRANSIT). A press that means nothing changes no
state, so it falls out by itself. What is right on these problems counts once it is right on others.

Searches grow in breadth: at first nothing is set aside and no operand is entered twice. All forms
share a budget, and a program of one form is tried on the others before they are searched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import one_hot

from inwit.environment import Environment
from inwit.machine.machine import Machine, State
from inwit.machine.rules import Kind
from inwit.machine.tables import span_of
from inwit.policies import Scripted, UniformRandom
from inwit.records import fingerprint, map_tensors
from inwit.tasks import Problems
from inwit.tokens import ANSWER
from inwit.tools import HANDLES
from inwit.training.rollout import play, rollout
from inwit.trajectory import Trajectory

OFTEN = 1 << 14
"""As often as the presses allow."""
TOGETHER = 3
"""Problems of a form that are followed side by side."""
OTHERS = 32
"""Further problems of a form on which a program has to be right."""
KEPT = 256
"""Problems of a form whose solved episodes are kept."""
SAMPLED = 4096
"""Problems that are drawn, equally many of every level, to see which forms there are."""
FORMS = 256
"""Maximum forms that are searched: the most frequent ones."""
SHARE = 0.25
"""Share of the presses after which problems are searched one by one, where values are seen."""
ALONE = 1024
"""Maximum problems that are searched one by one."""
FIRST, GROWTH, ROUNDS = 1 << 14, 4, 16
"""Presses that the narrowest search of one form may take in the first round, and how that grows."""
TIMES = ((1, 1), (1, 2), (1, OFTEN), (OFTEN, OFTEN))
"""How often a program may enter the same operand and press the same tool, from narrow to wide."""
ROWS = 1 << 17
"""Episodes that are pressed at once."""
SURE = 16
"""A key that changed nothing this often in situations of one kind is not pressed there again."""
RANDOM = 2048
"""Random episodes of each level that show how rare a right answer is."""
MOST = 64
"""Maximum programs of one length that are tried on further problems."""

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


@dataclass(kw_only=True)
class Form:
    """Problems that one program is to solve."""

    problems: Problems
    """Training problems of the form."""
    programs: list[Program] = field(default_factory=list)
    """Its shortest programs that were right on further problems, too."""
    closed: set[Breadth] = field(default_factory=set)
    """What was searched to the end without success."""

    @property
    def few(self) -> Problems:
        """The problems that are followed side by side."""
        return self.problems.part(slice(TOGETHER))

    @property
    def others(self) -> Problems:
        """The problems that a program is tried on; the few, if there are no others."""
        rest = self.problems.part(slice(TOGETHER, TOGETHER + OTHERS))
        return rest if len(rest) else self.few


class ProgramSearch:
    """A search for one program of every form."""

    def __init__(self, environment: Environment, generator: torch.Generator) -> None:
        """Draw training problems and group them by form.

        Args:
            environment: where; its state is overwritten.
            generator: draws the problems, on the CPU.
        """
        self.environment, self.task = environment, environment.task
        self.generator = generator
        self.meanings: dict[tuple[bool, ...], Meaning] = {}
        self.forms, self.presses, self.noun = self._forms(), 0, "forms"

    @property
    def solved(self) -> int:
        """How many forms have a program."""
        return sum(bool(form.programs) for form in self.forms)

    def __str__(self) -> str:
        found = f"programs for {self.solved} of {len(self.forms)} {self.noun}"
        return f"search: {found}, {self.presses:,} presses"

    @property
    def impossible(self) -> list[Form]:
        """The forms that were searched to the end without success."""
        return [form for form in self.forms if not form.programs and not self._breadths(form)]

    def why(self, form: Form) -> str:
        """That no program solves a form, in a sentence."""
        presses, frames = self.task.max_presses(form.few), self.task.max_depth(form.few)
        limits = f"{presses} presses and {frames} frames in memory"
        return f"no program of at most {limits} solves '{self.task.describe(form.few, 0):.60}'"

    def _forms(self) -> list[Form]:
        """The most frequent forms, those of low levels and with few operands first."""
        levels = torch.tensor(self.task.levels)
        drawn = self.task.sample(levels[torch.arange(SAMPLED) % len(levels)], self.generator)
        exist = ~drawn.operands.isnan()
        alike = drawn.level if self.task.programs_transfer else drawn.identity
        alike = fingerprint(torch.cat([alike[:, None], exist], 1))
        _, form, count = alike.unique(return_inverse=True, return_counts=True)
        frequent = count.argsort(descending=True, stable=True)[:FORMS].tolist()
        groups = [drawn.select((form == each).nonzero()[:, 0]) for each in frequent]
        groups.sort(key=lambda each: (int(each.level[0]), int((~each.operands[0].isnan()).sum())))
        return [Form(problems=each) for each in groups]

    def run(self, presses: int) -> Iterator[None]:
        """Search, and pause after every search of a form.

        Where a choice may depend on what is seen, no program may serve all problems of a form: then
        problems are searched one by one.

        Args:
            presses: how many presses all forms together may take.
        """
        if self.task.reveals_operands:
            yield from self._rounds(int(presses * SHARE))
            self._split()
        yield from self._rounds(presses)

    def _rounds(self, presses: int) -> Iterator[None]:
        """Search in rounds of growing length, until so many presses have been made."""
        for allowed in (FIRST * GROWTH**n for n in range(ROUNDS)):
            for form in self.forms:
                for place, breadth in enumerate(self._breadths(form)):
                    if form.programs or self.presses >= presses:
                        break
                    self._follow(form, breadth, min(allowed >> place, presses - self.presses))
                    yield
            if self.presses >= presses or not self._left():
                return

    def _left(self) -> bool:
        """Whether there is anything left to search."""
        return any(self._breadths(form) for form in self.forms if not form.programs)

    def _split(self) -> None:
        """Make each problem a form of its own where a form has no program."""
        known = [form for form in self.forms if form.programs]
        rest = [form.problems for form in self.forms if not form.programs]
        if not rest or max(map(len, rest)) == 1:
            return
        problems = _joined(rest)
        problems = problems.select(_first_of_each(self.task.identity(problems)))
        order = torch.randperm(len(problems), generator=self.generator)[:ALONE]
        alone = [Form(problems=problems.select(row)) for row in order.split(1)]
        alone.sort(key=lambda form: int(form.problems.level))
        self.forms, self.noun = [*known, *alone], "problems"

    def _share(self, program: Program) -> None:
        """Try a program on all forms that have none."""
        forms = [form for form in self.forms if not form.programs]
        if forms:
            problems = _joined([form.others for form in forms])
            given = Scripted(self._spelt([program]).expand(len(problems), -1).T)
            right = play(given, self.environment, problems).split(
                [len(form.others) for form in forms]
            )
            self.presses += len(problems) * len(program)
            for form, each in zip(forms, right, strict=True):
                form.programs = [program] if bool(each.all()) else []

    def _search(self, form: Form, presses: int) -> Iterator[None]:
        """Search breadth by breadth, and try what is found on all other forms."""
        for place, breadth in enumerate(self._breadths(form)):
            if form.programs:
                return
            self._follow(form, breadth, presses >> place)
            if form.programs:
                self._share(form.programs[0])
            yield

    def _breadths(self, form: Form) -> list[Breadth]:
        """What is left to search of a form."""
        most = self.task.max_depth(form.few)
        breadths = [
            Breadth(operands=operands, tools=tools, frames=frames)
            for operands, tools in TIMES
            for frames in sorted({0, min(1, most), most})
        ]
        return [breadth for breadth in breadths if breadth not in form.closed]

    def _meaning(self, form: Form) -> "Meaning":
        """What is known of keys where the same operands are there."""
        there = tuple((~form.problems.operands[0].isnan()).tolist())
        machine, given = self.environment.machine, self.environment.masks
        return self.meanings.setdefault(there, Meaning(machine, given=given))

    def _follow(self, form: Form, breadth: Breadth, presses: int) -> None:
        """Follow all key sequences, shortest first, until one of them is right."""
        walk = Walk(self.environment, form.few, breadth, self._meaning(form))
        for _ in range(self.task.max_presses(form.few)):
            programs = walk.press(presses)[:MOST]
            form.programs = self._right(form, programs) if programs else []
            if form.programs or not len(walk):
                break
        if not walk.cut:
            form.closed.add(breadth)
        self.presses += walk.presses
        if form.programs:
            self._share(form.programs[0])

    def _right(self, form: Form, programs: Sequence[Program]) -> list[Program]:
        """Those programs that are right on further problems."""
        others, keys = form.others, self._spelt(programs)
        given = Scripted(keys.repeat(len(others), 1).T)
        right = play(given, self.environment, others.repeat(len(keys)))
        self.presses += keys.numel() * len(others)
        always = right.view(len(others), len(keys)).all(0).tolist()
        return [program for program, each in zip(programs, always, strict=True) if each]

    def _spelt(self, programs: Sequence[Program]) -> Int[Tensor, "n T"]:
        padding, length = self.environment.padding, max(map(len, programs))
        rows = [[*keys, *[padding] * (length - len(keys))] for keys in programs]
        return torch.tensor(rows, device=self.environment.device)

    def episodes(self) -> Trajectory | None:
        """The solved episodes of one program of each form; None if no form has one."""
        solved = [form for form in self.forms if form.programs]
        if not solved:
            return None
        parts = [form.problems.part(slice(KEPT)) for form in solved]
        keys = self._spelt([form.programs[0] for form in solved])
        row = torch.arange(len(parts)).repeat_interleave(torch.tensor([*map(len, parts)]))
        problems = _joined(parts)
        episodes, _ = rollout(Scripted(keys[row].T), self.environment, problems)
        return episodes.select(episodes.right.nonzero()[:, 0]).trimmed()


def solved_at_random(environment: Environment, generator: torch.Generator) -> tuple[float, int]:
    """The share of uniformly random episodes that are right, at the hardest level.

    Args:
        environment: where; its state is overwritten.
        generator: draws problems and keys, on the CPU.

    Returns:
        The share, and how many episodes were played.
    """
    shares = []
    for level in environment.task.levels:
        problems = environment.task.sample(torch.full((RANDOM,), level), generator)
        right = play(UniformRandom(), environment, problems, generator)
        shares.append(float(right.float().mean()))
    return min(shares), RANDOM * len(shares)


class Meaning:
    """Which keys mean something: given by the environment, or learnt from a search's own presses.

    A situation is what the meaning of a key depends on: the pending tool with its missing
    arguments, and whether the memory is empty or full.
    """

    def __init__(self, machine: Machine, *, given: bool) -> None:
        """Begin without knowledge, unless the legal keys are given."""
        self.machine, self.given = machine, given
        self.pressable = machine.keys.kind != Kind.NEVER
        places = 4 * len(machine.modes.entered) * len(self.pressable)
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
        """Begin with the empty sequence.

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
        """How many sequences go on."""
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
        parts, found, at = [(_take(last, key[:0]), _take(self.state, key[:0]))], list[Program](), 0
        while at < len(key) and self.presses < presses:
            some = slice(at, at + max(1, min(ROWS, presses - self.presses) // together))
            part, right = self._press(before[some], key[some])
            found += [(*self._keys(each), self.end) for each in right.tolist()]
            parts, at = [*parts, part], some.stop
        self.cut = at < len(key)
        parts = parts[:1] if self.cut else parts
        sequences = _joined([part for part, _ in parts])
        first = _first_of_each(sequences.mark)
        self.state = _take(_joined([state for _, state in parts]), self._rows(first))
        self.layers.append(_take(sequences, first))
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
        old, keys = _take(self.state, self._rows(before)), key.repeat_interleave(together)
        state = self.machine.press(old, keys)
        self.presses += len(keys)
        mark, answered = self._marks(state), state.answered.view(-1, together)
        changed = (mark != last.mark[before]) | answered.any(1)
        self.meaning.learn(_take(self.state, before * together), key, changed)
        ends = answered.all(1).nonzero()[:, 0]
        right = ends[self._right(state.frame.accumulator.view(-1, together)[ends])]
        lost = state.frame.accumulator.isinf().view(-1, together).all(1)
        goes = changed & ~answered.any(1) & ~lost & ~torch.isin(mark, self.seen)
        goes_on = goes.nonzero()[:, 0]
        goes_on = goes_on[_first_of_each(mark[goes_on])]
        before_it, by = before[goes_on], key[goes_on]
        times = last.times[before_it] + one_hot(by, len(self.most)).to(torch.int16)
        sequences = Sequences(before=before_it, key=by, mark=mark[goes_on], times=times)
        return (sequences, _take(state, self._rows(goes_on))), before[right]

    def _right(self, answer: Float[Tensor, "n together"]) -> Bool[Tensor, " n"]:
        """Which answers are right for all problems."""
        problems = map_tensors(
            lambda each: each.repeat(len(answer), *[1] * (each.dim() - 1)), self.problems
        )
        return self.task.score(answer.flatten(), problems).view_as(answer).all(1)

    def _keys(self, row: int) -> Program:
        """The keys of a sequence of the last layer."""
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
        ]
        if self.machine.rules.once:
            parts.append(state.available)
        alone = fingerprint(torch.cat(parts, 1))
        return fingerprint(alone.view(-1, len(self.problems)))


Record = TypeVar("Record")


def _joined(records: Sequence[Record]) -> Record:
    return map_tensors(lambda *each: torch.cat(each), *records)


def _take(record: Record, rows: Int[Tensor, " n"]) -> Record:
    """Some of the episodes, copied: a press writes into its memory in place."""
    return map_tensors(lambda tensor: tensor.index_select(0, rows), record)


def _first_of_each(mark: Int[Tensor, " n"]) -> Int[Tensor, " m"]:
    """The first row of each mark, in order."""
    marks, which = mark.unique(return_inverse=True)
    rows = torch.arange(len(mark), device=mark.device)
    first = torch.full_like(marks, len(mark)).scatter_reduce(0, which, rows, "amin")
    return first.sort().values


def _rounded(values: Float[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
    """Values as whole numbers, those of numbers without the last bits of their mantissas."""
    number = values.abs() < HANDLES
    mantissa, exponent = values.where(number, 0.0).frexp()
    near = (mantissa * 2**40).round().long() * 4096 + exponent
    return near.where(number, values.view(torch.long))
