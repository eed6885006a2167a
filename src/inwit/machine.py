"""What a key does: a pocket calculator that anyone can extend, for B episodes at once.

The state of one episode is a *frame* (an accumulator, a pending tool and the arguments that it has
so far), a *memory* (a stack of frames) and, for streamed problems, a *cursor*. A key is legal when
it means something in that state; a press that is not legal changes nothing. See
`docs/architecture.md` for the table of keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.errors import InvalidOption
from inwit.tokens import ANSWER, CONTEXT, PADDING, READ, RECALL, STORE, Vocabulary
from inwit.tools import Tool, checked

FEW = 8
"""So many tools are called on every row, which waits for no device; more, each on its own rows."""


class Kind(IntEnum):
    """What sort of key it is."""

    NEVER = 0
    OPERAND = 1
    READ = 2
    TOOL = 3
    STORE = 4
    RECALL = 5
    ANSWER = 6


class Symbol(IntEnum):
    """What sort of symbol is under the cursor of a streamed problem."""

    NUMBER = 0
    OPERATOR = 1
    OPEN = 2
    CLOSE = 3
    END = 4


class Top(IntEnum):
    """What sort of frame is on top of the memory."""

    NONE = 0
    PAREN = 1
    TERM = 2


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A calculation under way."""

    values: Float[Tensor, "*shape A"]
    """The accumulator, then the further arguments of the pending tool; NaN where empty."""
    pending: Int[Tensor, "*shape"]
    """Number of the pending tool; -1 for none."""
    ran: Bool[Tensor, "*shape"]
    """A tool has run in this frame."""

    @property
    def accumulator(self) -> Float[Tensor, "*shape"]:
        """The display of the calculator: NaN when empty, infinite after a fault."""
        return self.values[..., 0]


@dataclass(frozen=True, kw_only=True)
class State:
    """B episodes between two presses."""

    operands: Float[Tensor, "B N"]
    """By operand key, or by position of a streamed problem; NaN where there is none."""
    symbols: Int[Tensor, "B L"]
    """Kinds of the symbols of a streamed problem (`Symbol`), padded with END; else L is 0."""
    frame: Frame
    """The calculation under way; fields (B,)."""
    memory: Frame
    """The frames set aside, oldest first; fields (B, D + 1), written in place by `press`."""
    depth: Int[Tensor, " B"]
    """How many frames are set aside."""
    used: Bool[Tensor, "B N"]
    """Operands that have been entered, where each is to be used once; else nobody asks."""
    cursor: Int[Tensor, " B"]
    """Position in the streamed problem."""
    answered: Bool[Tensor, " B"]
    """`ANS` has been pressed: the accumulator is the answer."""
    legal: Bool[Tensor, "B V"]
    """The keys that mean something now."""
    called: Int[Tensor, " B"]
    """Number of the tool that ran at the last press; -1 for none."""
    arguments: Float[Tensor, "B A"]
    """What it was called with; anything where none ran."""

    @property
    def failed(self) -> Bool[Tensor, " B"]:
        """Whether a tool failed at the last press, with arguments that were no faults."""
        fault = (self.called >= 0) & self.frame.accumulator.isinf()
        return fault & ~self.arguments.isinf().any(1)

    @property
    def top(self) -> Frame:
        """The frame on top of the memory (any, where the memory is empty)."""
        rows, last = torch.arange(len(self.depth), device=self.depth.device), self.depth - 1
        values, pending, ran = self.memory.values, self.memory.pending, self.memory.ran
        return Frame(values=values[rows, last], pending=pending[rows, last], ran=ran[rows, last])

    @property
    def top_kind(self) -> Int[Tensor, " B"]:
        """The kind of the frame on top of the memory (`Top`)."""
        kind = torch.where(self.top.pending >= 0, Top.TERM, Top.PAREN)
        return torch.where(self.depth > 0, kind, Top.NONE)

    @property
    def symbol(self) -> Int[Tensor, " B"]:
        """The kind of the symbol under the cursor (`Symbol`)."""
        return self.symbols.gather(1, self.cursor[:, None])[:, 0]


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a machine is made from."""

    tools: tuple[Tool, ...]
    """What can be called."""
    operands: int = 0
    """Number of operand keys; 0 makes it a machine for streamed problems."""
    once: bool = False
    """Every operand is to be used exactly once: an operand key is legal once, and only where it
    overwrites nothing; a tool only while operands for its arguments are left; `STO` only with a
    tool pending and two operands left; `RCL` only after a tool has run in the frame; `ANS` only
    when all operands are used and nothing is pending or set aside. An operand that a tool set
    aside will need, besides the value that is recalled, does not count as left."""
    spare: bool = False
    """With `once`: operands may be left over; `ANS` asks that a tool has run instead."""

    def __post_init__(self) -> None:
        names = [tool.name for tool in self.tools]
        if len(set(names)) < len(names) or not names:
            raise InvalidOption(f"tools {names}: at least one, each with a name of its own")
        taken = {CONTEXT, ANSWER, STORE, RECALL, PADDING, READ} & {*names}
        if taken:
            raise InvalidOption(f"tool '{taken.pop()}': this is the name of another key")

    @property
    def stream(self) -> bool:
        """Whether problems are read symbol by symbol."""
        return self.operands == 0

    @property
    def vocabulary(self) -> Vocabulary:
        """The names and numbers of the keys."""
        names = tuple(tool.name for tool in self.tools)
        return Vocabulary(operands=self.operands, tools=names, stream=self.stream)


class Machine:
    """The keys, and what they do."""

    def __init__(self, rules: Rules, device: torch.device | str = "cpu") -> None:
        """Lay out the keys on a device."""
        self.rules, self.device = rules, torch.device(device)
        self.vocabulary = rules.vocabulary
        self._slots = max(1, max(tool.arity for tool in rules.tools) - 1)
        kinds = {ANSWER: Kind.ANSWER, STORE: Kind.STORE, RECALL: Kind.RECALL, READ: Kind.READ}
        tools = {tool.name: number for number, tool in enumerate(rules.tools)}
        kinds |= dict.fromkeys(tools, Kind.TOOL)
        others = self.vocabulary.names[rules.operands :]
        digits = [Kind.OPERAND] * rules.operands
        self.kinds = self._table(digits + [kinds.get(name, Kind.NEVER) for name in others])
        self._tool = self._table([-1] * rules.operands + [tools.get(name, -1) for name in others])
        # The last entry is what -1, "no tool", finds.
        self._arity = self._table([tool.arity for tool in rules.tools] + [0])
        # How many operands must be left for each key, where each is used once.
        self._needs = (self._arity[self._tool] - 1).clamp(min=0)

    def _table(self, entries: Sequence[int]) -> Int[Tensor, " entries"]:
        return torch.tensor(entries, dtype=torch.long, device=self.device)

    def reset(
        self,
        operands: Float[Tensor, "B N"],
        symbols: Int[Tensor, "B L"] | None = None,
        *,
        depth: int,
    ) -> State:
        """A fresh machine in front of each problem.

        Args:
            operands: float64, by operand key, or by position of a streamed problem; NaN where
                there is none.
            symbols: kinds of the symbols of streamed problems (`Symbol`), ending in END.
            depth: how many frames the memory holds.
        """
        batch, device = len(operands), self.device
        if symbols is None:
            symbols = torch.empty(batch, 0, dtype=torch.long, device=device)
        state = State(
            operands=operands,
            symbols=symbols,
            frame=self._empty(batch),
            memory=self._empty(batch, depth + 1),
            depth=torch.zeros(batch, dtype=torch.long, device=device),
            used=torch.zeros_like(operands, dtype=torch.bool),
            cursor=torch.zeros(batch, dtype=torch.long, device=device),
            answered=torch.zeros(batch, dtype=torch.bool, device=device),
            legal=torch.empty(batch, 0, dtype=torch.bool, device=device),
            called=torch.full((batch,), -1, device=device),
            arguments=self._nothing(batch, self._slots + 1),
        )
        return replace(state, legal=self._legal(state))

    def _empty(self, *shape: int) -> Frame:
        return Frame(
            values=self._nothing(*shape, self._slots),
            pending=torch.full(shape, -1, device=self.device),
            ran=torch.zeros(shape, dtype=torch.bool, device=self.device),
        )

    def _nothing(self, *shape: int) -> Float[Tensor, "*shape"]:
        return torch.full(shape, torch.nan, dtype=torch.double, device=self.device)

    def press(self, state: State, key: Int[Tensor, " B"]) -> State:
        """The state after one press in each episode.

        A press that is not legal changes nothing. The memory is written in place: `state` must
        not be used again.
        """
        allowed = state.legal.gather(1, key[:, None])[:, 0] & ~state.answered
        kind = torch.where(allowed, self.kinds[key], Kind.NEVER)
        tool = torch.where(kind == Kind.TOOL, self._tool[key], -1)
        store, recall = kind == Kind.STORE, kind == Kind.RECALL
        load = (kind == Kind.OPERAND) | (kind == Kind.READ)

        top = state.top
        resume = recall & (top.pending >= 0) if self.rules.stream else recall
        # Keys that enter no operand look one up, too; what they find is not used.
        address = state.cursor if self.rules.stream else key
        address = address.clamp(max=state.operands.shape[1] - 1)[:, None]
        operand = state.operands.gather(1, address)[:, 0]
        value = torch.where(load, operand, state.frame.accumulator)
        before = _choose(resume, top, state.frame)
        frame, called, arguments = self._calculate(before, value, load | resume, tool)

        after = replace(
            state,
            frame=Frame(
                values=frame.values.masked_fill(store[:, None], torch.nan),
                pending=frame.pending.masked_fill(store, -1),
                ran=frame.ran & ~store,
            ),
            memory=_write(state.memory, state.depth, state.frame),
            depth=state.depth + store.long() - recall.long(),
            used=self._use(state.used, address, load),
            cursor=self._move(state, kind, resume),
            answered=state.answered | (kind == Kind.ANSWER),
            called=called,
            arguments=arguments,
        )
        return replace(after, legal=self._legal(after))

    def _calculate(
        self,
        frame: Frame,
        value: Float[Tensor, " B"],
        entering: Bool[Tensor, " B"],
        tool: Int[Tensor, " B"],
    ) -> tuple[Frame, Int[Tensor, " B"], Float[Tensor, "B A"]]:
        """Enter a value where there is one to enter, and press a tool where one is pressed.

        Returns:
            The frame, the number of the tool that ran, and what it was called with.
        """
        count = (~frame.values.isnan()).sum(1)
        waiting = frame.pending >= 0
        position = torch.where(waiting, count, 0)[:, None]
        # (B, A + 1): the last argument of the longest tool needs no slot in a frame.
        arguments = torch.cat([frame.values, torch.full_like(frame.values[:, :1], torch.nan)], 1)
        entered = torch.where(entering, value, arguments.gather(1, position)[:, 0])
        arguments = arguments.scatter(1, position, entered[:, None])

        complete = entering & waiting & (count + 1 == self._arity[frame.pending])
        at_once = self._arity[tool] == 1
        running = torch.where(complete, frame.pending, torch.where(at_once, tool, -1))
        ran = running >= 0
        values = arguments[:, :-1].masked_fill(ran[:, None], torch.nan)
        values[:, 0] = torch.where(ran, self._run(running, arguments), values[:, 0])
        pending = torch.where((tool >= 0) & ~at_once, tool, frame.pending)
        after = Frame(values=values, pending=pending.masked_fill(ran, -1), ran=frame.ran | ran)
        return after, running, arguments

    def _run(
        self, running: Int[Tensor, " B"], arguments: Float[Tensor, "B A"]
    ) -> Float[Tensor, " B"]:
        """What the tools give, each for its own rows."""
        result, tools = arguments[:, 0], self.rules.tools
        if len(tools) <= FEW and all(tool.everywhere for tool in tools):
            for number, tool in enumerate(tools):
                given = arguments[:, : tool.arity].unbind(1)
                result = torch.where(running == number, tool.function(*given), result)
            return checked(result, arguments)
        for number in running.unique().tolist():
            if number >= 0:
                rows = (running == number).nonzero()[:, 0]
                result = result.index_copy(0, rows, tools[number].call(arguments[rows]))
        return result

    def _use(
        self, used: Bool[Tensor, "B N"], address: Int[Tensor, "B 1"], load: Bool[Tensor, " B"]
    ) -> Bool[Tensor, "B N"]:
        """Only where somebody asks: a copy a press costs the square of a long problem."""
        if self.rules.stream or not self.rules.once:
            return used
        return used.scatter(1, address, used.gather(1, address) | load[:, None])

    def _move(
        self, state: State, kind: Int[Tensor, " B"], resume: Bool[Tensor, " B"]
    ) -> Int[Tensor, " B"]:
        """The cursor of a streamed problem passes what was read, called, opened or closed."""
        if not self.rules.stream:
            return state.cursor
        opened = (kind == Kind.STORE) & (state.frame.pending < 0)
        closed = (kind == Kind.RECALL) & ~resume
        passed = (kind == Kind.READ) | (kind == Kind.TOOL) | opened | closed
        return state.cursor + passed.long()

    def _legal(self, state: State) -> Bool[Tensor, "B V"]:
        """Which keys mean something in this state."""
        if self.rules.stream:
            return self._legal_in_stream(state)[:, self.kinds]
        unused = ~state.operands.isnan() & ~state.used
        left = unused.sum(1) - self._awaited(state.memory, state.depth)
        legal = self._legal_by_address(state, left)[:, self.kinds]
        legal[:, : self.rules.operands] &= unused
        return legal & (left[:, None] >= self._needs) if self.rules.once else legal

    def _awaited(self, memory: Frame, depth: Int[Tensor, " B"]) -> Int[Tensor, " B"]:
        """Operands that the tools set aside need besides the values that will be recalled."""
        if self._slots == 1:  # none takes more than two arguments
            return torch.zeros_like(depth)
        aside = torch.arange(memory.pending.shape[1], device=depth.device) < depth[:, None]
        return ((self._missing(memory) - 1) * aside).sum(1)

    def _missing(self, frame: Frame) -> Int[Tensor, "*shape"]:
        """How many arguments the pending tool has not got."""
        return self._arity[frame.pending] - (~frame.values.isnan()).sum(-1)

    def _legal_by_address(self, state: State, left: Int[Tensor, " B"]) -> Bool[Tensor, "B kinds"]:
        filled, waiting = ~state.frame.accumulator.isnan(), state.frame.pending >= 0
        ready, stored = filled & ~waiting, state.depth > 0
        store = filled & (state.depth < state.memory.pending.shape[1] - 1)
        operand, recall, answer = torch.ones_like(ready), ready & stored, ready
        if self.rules.once:
            operand = waiting | ~filled
            store = store & waiting & (left > self._missing(state.frame))
            recall = recall & state.frame.ran
            answer = answer & ~stored & (state.frame.ran if self.rules.spare else left == 0)
        never = torch.zeros_like(ready)
        return torch.stack([never, operand, never, ready, store, recall, answer], 1)

    def _legal_in_stream(self, state: State) -> Bool[Tensor, "B kinds"]:
        symbol, top = state.symbol, state.top_kind
        empty, waiting = state.frame.accumulator.isnan(), state.frame.pending >= 0
        ready = ~empty & ~waiting
        number, opening = symbol == Symbol.NUMBER, symbol == Symbol.OPEN
        operator, end = symbol == Symbol.OPERATOR, symbol == Symbol.END
        room = state.depth < state.memory.pending.shape[1] - 1
        store = room & ((waiting & (number | opening)) | (empty & opening))
        closing = symbol == Symbol.CLOSE
        due = (top == Top.TERM) & (operator | end | closing) | (top == Top.PAREN) & closing
        read = number & (empty | waiting)
        never = torch.zeros_like(ready)
        return torch.stack(
            [never, never, read, ready & operator, store, ready & due, ready & end], 1
        )


def _choose(mask: Bool[Tensor, " B"], yes: Frame, no: Frame) -> Frame:
    return Frame(
        values=torch.where(mask[:, None], yes.values, no.values),
        pending=torch.where(mask, yes.pending, no.pending),
        ran=torch.where(mask, yes.ran, no.ran),
    )


def _write(memory: Frame, depth: Int[Tensor, " B"], frame: Frame) -> Frame:
    """Write each frame into the first free slot, whether or not it will be kept there."""
    rows = torch.arange(len(depth), device=depth.device)
    memory.values[rows, depth] = frame.values
    memory.pending[rows, depth] = frame.pending
    memory.ran[rows, depth] = frame.ran
    return memory
