"""What each key does, and when it means something, as tables: the control of the machine.

Everything in a frame except its values is packed into one number, its *mode*:

    mode = span (tool + 1) + 2 missing + ran

`tool` is the pending one, -1 for none; `missing` is 0 for an empty frame, 1 for a filled one, 1 + m
where m arguments of the pending tool are missing; `ran` says whether a tool has run in the frame.
A press, and the keys that are legal after it, are then a few look-ups for all episodes at once.
Sets of keys are packed, too: into K numbers of `WORD` bits, one bit per key.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from inwit.machine.rules import Kind, Rules, Symbol, Top
from inwit.tokens import ANSWER, CLEAR, READ, RECALL, STORE

EMPTY, DONE = 0, 3
"""The modes of an empty frame, and of one that a tool has just filled."""
WORD = 62
"""Keys packed into one number of a set."""


def span_of(longest: int) -> int:
    """The number of modes per pending tool, where a tool takes at most `longest` arguments."""
    return 2 * (longest + 1)


@dataclass(frozen=True, kw_only=True)
class Keys:
    """By key: what it does."""

    kind: Int[Tensor, " V"]
    """What sort of key it is (`Kind`)."""
    tool: Int[Tensor, " V"]
    """Number of the tool that it calls; -1 for none."""
    needs: Int[Tensor, " V"]
    """How many operands must be left for it, where each is used once."""
    flags: Bool[Tensor, "5 V"]
    """Does it enter an operand, store, recall, answer, move the cursor?"""
    numbers: Int[Tensor, "5 V"]
    """Which operand it enters (others: any), which tool runs at once (-1: none), how much it adds
    to the mode and to the depth of the memory, how many operands it uses."""
    sets: Int[Tensor, "V K"]
    """The set that it alone makes."""
    used: Int[Tensor, "V K"]
    """The keys that it uses up where each operand is used once: itself, if it is one."""


@dataclass(frozen=True, kw_only=True)
class Modes:
    """By mode of a frame: what it means to enter a value there."""

    entered: Int[Tensor, " modes"]
    """The mode after it, unless a tool runs."""
    runs: Int[Tensor, " modes"]
    """The tool that runs then; -1 for none."""
    place: Bool[Tensor, "modes A"]
    """Which argument it becomes, one-hot."""
    reserved: Int[Tensor, " modes"]
    """How many operands the frame will need, when it is set aside, besides the value recalled."""


def keys_of(rules: Rules, device: torch.device) -> Keys:
    """The table of keys of a machine."""
    names = rules.vocabulary.names
    tools = {tool.name: number for number, tool in enumerate(rules.tools)}
    kinds = dict.fromkeys(names[: rules.operands], Kind.OPERAND) | dict.fromkeys(tools, Kind.TOOL)
    kinds |= {ANSWER: Kind.ANSWER, STORE: Kind.STORE, RECALL: Kind.RECALL, READ: Kind.READ}
    kinds |= {CLEAR: Kind.CLEAR}

    kind = torch.tensor([kinds.get(name, Kind.NEVER) for name in names], device=device)
    tool = torch.tensor([tools.get(name, -1) for name in names], device=device)
    arity = _arities(rules, device)[tool]
    operand, stores, recalls = kind == Kind.OPERAND, kind == Kind.STORE, kind == Kind.RECALL
    reads, answers = kind == Kind.READ, kind == Kind.ANSWER
    flags = [operand | reads, stores, recalls, answers, reads | (tool >= 0)]
    address = torch.arange(len(kind), device=device).clamp(max=max(rules.operands - 1, 0))
    missing = torch.where(arity > 1, span_of(rules.longest) * (tool + 1) + 2 * (arity - 1), 0)
    at_once = torch.where(arity == 1, tool, -1)
    numbers = [address, at_once, missing, stores.long() - recalls.long(), operand.long()]
    return Keys(
        kind=kind,
        tool=tool,
        needs=(arity - 1).clamp(min=0),
        flags=torch.stack(flags),
        numbers=torch.stack(numbers),
        sets=packed(torch.eye(len(kind), dtype=torch.bool, device=device)),
        used=packed(operand.diag()),
    )


def packed(keys: Bool[Tensor, "*shape V"]) -> Int[Tensor, "*shape K"]:
    """Sets of keys as numbers."""
    words = -(-keys.shape[-1] // WORD)
    bits = torch.nn.functional.pad(keys, (0, words * WORD - keys.shape[-1]))
    values = torch.arange(WORD, device=keys.device).exp2().long()
    numbers: Tensor = (bits.unflatten(-1, (words, WORD)) * values).sum(-1)
    return numbers


def modes_of(rules: Rules, device: torch.device) -> Modes:
    """The table of modes of a machine."""
    span = span_of(rules.longest)
    mode = torch.arange(span * (len(rules.tools) + 1), device=device)
    tool, missing, ran = mode // span - 1, mode % span // 2, mode % 2
    place = torch.where(missing > 1, _arities(rules, device)[tool] + 1 - missing, 0)
    return Modes(
        entered=torch.where(missing > 1, mode - 2, 2 + ran),
        runs=torch.where(missing == 2, tool, -1),
        place=place[:, None] == torch.arange(rules.longest, device=device),
        reserved=(missing - 2).clamp(min=0),
    )


def legal_by_address(rules: Rules, keys: Keys) -> Bool[Tensor, "span left 2 2 V"]:
    """Which keys mean something in front of an addressed problem, if it has such an operand.

    By mode (of no tool), by how many operands are left (beyond `rules.longest` it makes no
    difference), by whether the memory is full, and by whether a frame is set aside.
    """
    sizes = (rules.longest + 1, 2, rules.longest + 1, 2, 2)
    missing, ran, left, full, stored = _all(sizes, keys.kind.device)
    filled, ready, waiting = missing > 0, missing == 1, missing > 1
    ran, room, stored = ran > 0, full == 0, stored > 0
    store, clear = filled & room, filled | stored
    operand, recall, answer = torch.ones_like(ready), ready & stored, ready
    if rules.once:
        operand = ~ready
        store = waiting & room & (left >= missing)
        recall = recall & ran
        answer = answer & ~stored & (ran if rules.allow_unused else left == 0)
    never = torch.zeros_like(ready)
    legal = torch.stack([never, operand, never, ready, store, recall, answer, clear], 1)
    legal = legal[:, keys.kind]
    if rules.once:
        legal &= left[:, None] >= keys.needs
    return legal.view(span_of(rules.longest), *sizes[2:], len(keys.kind))


def legal_in_stream(rules: Rules, keys: Keys) -> Bool[Tensor, "span symbols tops 2 V"]:
    """Which keys mean something in front of a streamed problem.

    By mode (of no tool), by the symbol under the cursor, by the top of the memory, and by whether
    the memory is full.
    """
    sizes = (rules.longest + 1, 2, len(Symbol), len(Top), 2)
    missing, _, symbol, top, full = _all(sizes, keys.kind.device)
    empty, ready, waiting, room = missing == 0, missing == 1, missing > 1, full == 0
    number, operator, end = (
        symbol == kind for kind in (Symbol.NUMBER, Symbol.OPERATOR, Symbol.END)
    )
    opening, closing = symbol == Symbol.OPEN, symbol == Symbol.CLOSE
    store = room & ((waiting & (number | opening)) | (empty & opening))
    recalled = (top == Top.TERM) & (operator | end | closing) | (top == Top.PAREN) & closing
    never = torch.zeros_like(ready)
    legal = [never, never, number & ~ready, ready & operator, store, ready & recalled, ready & end]
    return torch.stack(legal, 1)[:, keys.kind].view(
        span_of(rules.longest), *sizes[2:], len(keys.kind)
    )


def _arities(rules: Rules, device: torch.device) -> Int[Tensor, " tools"]:
    """How many arguments each tool takes; none at -1, where there is no tool."""
    return torch.tensor([*(tool.arity for tool in rules.tools), 0], device=device)


def _all(sizes: tuple[int, ...], device: torch.device) -> tuple[Int[Tensor, " n"], ...]:
    """Numbers below these sizes in all combinations."""
    return torch.cartesian_prod(*(torch.arange(size, device=device) for size in sizes)).unbind(1)
