"""What a press does: a pocket calculator that anyone can extend, for B episodes at once.

The state of one episode is a *frame* (an accumulator, a pending tool and the arguments that it has
so far), a *memory* (a stack of frames) and, for streamed problems, a *cursor*. A key is legal when
it means something in that state; a press that is not legal changes nothing. See
`docs/architecture.md` for the table of keys, `control.py` for how it is held.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.machine.rules import Kind, Rules, Top
from inwit.machine.tables import (
    DONE,
    EMPTY,
    WORD,
    keys_of,
    legal_by_address,
    legal_in_stream,
    modes_of,
    packed,
    span_of,
)
from inwit.tokens import CLEAR, PADDING
from inwit.tools import checked

TWICE = 1 << 62
"""In a set of operands: one of them went in more than once."""
FEW = 8
"""With at most this many tools, all of them run on every row (no host synchronisation)."""


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A calculation under way."""

    values: Float[Tensor, "*shape A"]
    """The accumulator, then the further arguments of the pending tool; NaN where empty."""
    mode: Int[Tensor, "*shape"]
    """The pending tool, how many arguments it still needs, and whether a tool has run here, as one
    number (see `control`)."""

    @property
    def accumulator(self) -> Float[Tensor, "*shape"]:
        """The display of the calculator: NaN when empty, infinite after a fault."""
        return self.values[..., 0]

    @property
    def pending(self) -> Int[Tensor, "*shape"]:
        """Number of the pending tool; -1 for none."""
        return self.mode // span_of(self.values.shape[-1]) - 1

    @property
    def ran(self) -> Bool[Tensor, "*shape"]:
        """A tool has run in this frame."""
        return self.mode % 2 > 0


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
    available: Int[Tensor, "B K"]
    """The set of keys whose operand is there and has not been used up, and of all others."""
    left: Int[Tensor, " B"]
    """Operands that are left, where each is used once, less those that are kept for tools that are
    set aside; else nobody asks."""
    uses: Int[Tensor, "B S"]
    """The set of operands that went into the display, then those of each frame set aside, as bits,
    and `TWICE` where one went in more than once. S is 0 where nobody asks (`Rules.counted`)."""
    tries: Int[Tensor, " B"]
    """How often the machine may be cleared."""
    cursor: Int[Tensor, " B"]
    """Position in the streamed problem."""
    top_kind: Int[Tensor, " B"]
    """The kind of the frame on top of the memory (`Top`), for streamed problems."""
    meant: Bool[Tensor, " B"]
    """The last press meant something."""
    answered: Bool[Tensor, " B"]
    """`ANS` has been pressed: the accumulator is the answer."""
    legal: Int[Tensor, "B K"]
    """The set of the keys that mean something now (see `Machine.members`)."""
    called: Int[Tensor, " B"]
    """Number of the tool that ran at the last press; -1 for none."""
    arguments: Float[Tensor, "B A"]
    """What it was called with; anything where none ran."""
    failed: Bool[Tensor, " B"]
    """Whether it failed, with arguments that were not faults."""

    @property
    def top(self) -> Frame:
        """The frame on top of the memory (any, where the memory is empty)."""
        return _top(self.memory, self.depth)

    @property
    def held(self) -> Int[Tensor, "B S"]:
        """`uses`, empty for frames that are not there."""
        slot = torch.arange(self.uses.shape[1], device=self.depth.device)
        return self.uses.masked_fill(slot > self.depth[:, None], 0)


class Machine:
    """The keys, and what they do."""

    def __init__(self, rules: Rules, device: torch.device | str = "cpu") -> None:
        """Lay out the keys on a device."""
        self.rules, self.device = rules, torch.device(device)
        self.vocabulary = rules.vocabulary
        self.keys, self.modes = keys_of(rules, self.device), modes_of(rules, self.device)
        legal = (legal_in_stream if rules.stream else legal_by_address)(rules, self.keys)
        self._span, self._legal = len(legal), packed(legal.flatten(0, -2))
        """How many modes share a pending tool; the legal keys of each situation."""
        mode = torch.arange(len(self.modes.entered), device=self.device)
        self._row = mode % self._span * (len(self._legal) // self._span)
        """Where in that table the situations of a mode begin."""
        self._bits = self.keys.sets.sum(1)
        self._idle = self.vocabulary[PADDING]
        # Added to a result these make a frame: the result itself, to the bit, and nothing else.
        alone = [-0.0, *[torch.nan] * (rules.longest - 1)]
        self._alone = torch.tensor(alone, dtype=torch.double, device=self.device)

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
        zeros = torch.zeros(batch, dtype=torch.long, device=device)
        no = torch.zeros(batch, dtype=torch.bool, device=device)
        if symbols is None:
            symbols = torch.empty(batch, 0, dtype=torch.long, device=device)
        available, left = self._all(operands)
        frame = self._empty(batch)
        state = State(
            operands=operands,
            symbols=symbols,
            frame=frame,
            memory=self._empty(batch, depth + 1),
            depth=zeros,
            available=available,
            left=left,
            uses=zeros[:, None].expand(-1, (depth + 2) * self.rules.counted),
            tries=zeros + (self.rules.tries - 1),
            cursor=zeros,
            top_kind=zeros,
            meant=no,
            answered=no,
            legal=available,
            called=zeros - 1,
            arguments=frame.values,
            failed=no,
        )
        return replace(state, legal=self._legal_keys(state))

    def _all(self, operands: Float[Tensor, "B N"]) -> tuple[Int[Tensor, "B K"], Int[Tensor, " B"]]:
        """The set of all keys but those of operands that are not there; how many there are."""
        exist = ~operands[:, : self.rules.operands].isnan()
        keys, others = self.keys.sets.split_with_sizes(
            [exist.shape[1], len(self.vocabulary) - exist.shape[1]]
        )
        return (exist[..., None] * keys).sum(1) + others.sum(0), exist.sum(1)

    def _empty(self, *shape: int) -> Frame:
        size, device = (*shape, self.rules.longest), self.device
        return Frame(
            values=torch.full(size, torch.nan, dtype=torch.double, device=device),
            mode=torch.full(shape, EMPTY, device=device),
        )

    def press(self, state: State, key: Int[Tensor, " B"]) -> State:
        """The state after one press in each episode.

        A press that is not legal changes nothing. The memory is written in place: `state` must
        not be used again.
        """
        means = (state.legal & self.keys.sets.index_select(0, key)).any(1)
        key = key.masked_fill(~means | state.answered, self._idle)
        loads, stores, recalls, answers, moves = self.keys.flags.index_select(1, key)
        address, at_once, missing, deeper, spent = self.keys.numbers.index_select(1, key)
        frame, top = state.frame, state.top
        resumes = recalls & (top.mode >= self._span) if self.rules.stream else recalls

        # Enter a value, where there is one, into the frame that continues.
        if self.rules.stream:
            address = state.cursor.clamp(max=state.operands.shape[1] - 1)
        operand = state.operands.gather(1, address[:, None])[:, 0]
        value = torch.where(loads, operand, frame.accumulator)
        before = torch.where(resumes, top.mode, frame.mode)
        values = torch.where(resumes[:, None], top.values, frame.values)
        enters = loads | resumes
        place = self.modes.place.index_select(0, before) & enters[:, None]
        arguments = torch.where(place, value[:, None], values)
        mode = torch.where(enters, self.modes.entered.index_select(0, before), before + missing)

        # Run the tool that has all its arguments, where there is one.
        called = torch.where(enters, self.modes.runs.index_select(0, before), at_once)
        runs = called >= 0
        result, failed = self._run(called, arguments)
        shown = result.masked_fill(stores, torch.nan)[:, None] + self._alone
        frame_after = Frame(
            values=torch.where((runs | stores)[:, None], shown, arguments),
            mode=mode.masked_fill(runs, DONE).masked_fill(stores, EMPTY),
        )
        depth, memory = state.depth + deeper, _write(state.memory, state.depth, frame)

        # What is used up, or passed over.
        changed: dict[str, Tensor] = {}
        if self.rules.stream:
            moves = moves | (stores & (frame.mode < self._span)) | (recalls & ~resumes)
            changed["cursor"] = state.cursor + moves
            changed["top_kind"] = self._kind_of_top(memory, depth)
        elif self.rules.once:
            changed["left"] = state.left - spent
            if self.rules.longest > 2:
                changed["left"] += self._kept(top, recalls) - self._kept(frame, stores)
            changed["available"] = state.available ^ self.keys.used.index_select(0, key)
        if self.rules.counted:
            used = torch.where(loads, 1 << address, state.uses[:, 0])
            changed["uses"] = _used(state, used, enters, recalls, stores, before >= self._span)
        after = replace(
            state,
            frame=frame_after,
            memory=memory,
            depth=depth,
            meant=means,
            answered=state.answered | answers,
            called=called,
            arguments=arguments,
            failed=failed & runs,
            **changed,
        )
        if self.rules.tries > 1:
            after = self._cleared(after, self.keys.kind.index_select(0, key) == Kind.CLEAR)
        return replace(after, legal=self._legal_keys(after))

    def accepts(self, state: State) -> Bool[Tensor, " B"]:
        """Whether an answer with what is on the display may count, by how it was made (B,)."""
        if not self.rules.counted:
            return torch.ones_like(state.answered)
        exist = ~state.operands[:, : self.rules.operands].isnan()
        bits = 1 << torch.arange(exist.shape[1], device=exist.device)
        return state.uses[:, 0] == (exist * bits).sum(1)

    def _cleared(self, state: State, rows: Bool[Tensor, " B"]) -> State:
        """A machine as in the beginning in some rows, with one try less."""
        tries, (available, left) = state.tries - rows.long(), self._all(state.operands)
        available = available - (tries == 0)[:, None] * self.keys.sets[self.vocabulary[CLEAR]]
        frame = state.frame
        return replace(
            state,
            frame=Frame(
                values=frame.values.masked_fill(rows[:, None], torch.nan),
                mode=frame.mode.masked_fill(rows, EMPTY),
            ),
            depth=state.depth.masked_fill(rows, 0),
            available=torch.where(rows[:, None], available, state.available),
            left=torch.where(rows, left, state.left),
            uses=state.uses.masked_fill(rows[:, None], 0),
            tries=tries,
        )

    def _run(
        self, called: Int[Tensor, " B"], arguments: Float[Tensor, "B A"]
    ) -> tuple[Float[Tensor, " B"], Bool[Tensor, " B"]]:
        """What the tools give, each for its own rows, and whether that is a fault of their own."""
        tools = self.rules.tools
        if len(tools) <= FEW and all(tool.everywhere for tool in tools):
            columns = arguments.unbind(1)
            results = torch.stack([tool.function(*columns[: tool.arity]) for tool in tools])
            return checked(results.gather(0, called.clamp(min=0)[None])[0], arguments)
        result = arguments[:, 0]
        for number in called.unique().tolist():
            if number >= 0:
                rows = (called == number).nonzero()[:, 0]
                result = result.index_copy(0, rows, tools[number].call(arguments[rows]))
        return result, result.isinf() & ~arguments.isinf().any(1)

    def _kept(self, frame: Frame, rows: Bool[Tensor, " B"]) -> Int[Tensor, " B"]:
        """How many operands are kept for these frames while they are set aside."""
        return self.modes.reserved.index_select(0, frame.mode) * rows

    def members(self, sets: Int[Tensor, "*shape K"]) -> Bool[Tensor, "*shape V"]:
        """Which keys are in each set."""
        if sets.shape[-1] > 1:
            sets = sets.repeat_interleave(WORD, -1)[..., : len(self.vocabulary)]
        return (sets & self._bits) > 0

    def _legal_keys(self, state: State) -> Int[Tensor, "B K"]:
        """Which keys mean something in this state."""
        row = self._row.index_select(0, state.frame.mode)
        full = state.depth == state.memory.mode.shape[1] - 1
        if self.rules.stream:
            row = row + 2 * len(Top) * self._symbol(state) + 2 * state.top_kind + full
            return self._legal.index_select(0, row)
        row = row.add(full, alpha=2) + state.depth.clamp(max=1)
        if self.rules.once:
            row = row.add(state.left.clamp(max=self.rules.longest), alpha=4)
        return self._legal.index_select(0, row) & state.available

    def _symbol(self, state: State) -> Int[Tensor, " B"]:
        """The kind of the symbol under the cursor (`Symbol`)."""
        return state.symbols.gather(1, state.cursor[:, None])[:, 0]

    def _kind_of_top(self, memory: Frame, depth: Int[Tensor, " B"]) -> Int[Tensor, " B"]:
        """The kind of the frame on top of the memory (`Top`)."""
        waiting = _top(memory, depth).mode >= self._span
        return torch.where(waiting, Top.TERM, Top.PAREN).masked_fill(depth == 0, Top.NONE)


def _top(memory: Frame, depth: Int[Tensor, " B"]) -> Frame:
    """The last frame of each memory (any, where it is empty)."""
    place = (_places(memory, depth) - 1).clamp(min=0)
    return Frame(
        values=memory.values.flatten(0, 1).index_select(0, place),
        mode=memory.mode.flatten().index_select(0, place),
    )


def _write(memory: Frame, depth: Int[Tensor, " B"], frame: Frame) -> Frame:
    """Write each frame into the first free slot, whether or not it will be kept there."""
    place = _places(memory, depth)
    memory.values.view(-1, memory.values.shape[2]).index_copy_(0, place, frame.values)
    memory.mode.view(-1).index_copy_(0, place, frame.mode)
    return memory


def _used(
    state: State,
    entered: Int[Tensor, " B"],
    enters: Bool[Tensor, " B"],
    recalls: Bool[Tensor, " B"],
    stores: Bool[Tensor, " B"],
    waits: Bool[Tensor, " B"],
) -> Int[Tensor, "B S"]:
    """The operands that went into each frame, after a press.

    Args:
        state: before the press.
        entered: those of the value that is entered.
        enters: a value is entered, into the frame on top of the memory where it `recalls`.
        recalls: the frame on top of the memory continues.
        stores: the display is set aside.
        waits: a tool waits there for the value; else it replaces what was there.
    """
    shown, aside = state.uses[:, 0], state.uses[:, 1:]
    top = aside.gather(1, (state.depth - 1).clamp(min=0)[:, None])[:, 0]
    with_it = torch.where(recalls, top, shown).masked_fill(~waits, 0)
    twice = ((with_it & entered & (TWICE - 1)) > 0) * TWICE
    shown_after = torch.where(enters, with_it | entered | twice, shown).masked_fill(stores, 0)
    aside = aside.scatter(1, state.depth[:, None], shown[:, None])
    return torch.cat([shown_after[:, None], aside], 1)


def _places(memory: Frame, depth: Int[Tensor, " B"]) -> Int[Tensor, " B"]:
    """Where the slots of this depth are if all memories are laid one after another."""
    slots = memory.mode.shape[1]
    return torch.arange(0, len(depth) * slots, slots, device=depth.device) + depth
