"""What a machine is made from: its tools, its operand keys, and how freely they may be used."""

from dataclasses import dataclass
from enum import IntEnum

from inwit.errors import InvalidOption
from inwit.tokens import ANSWER, CONTEXT, PADDING, READ, RECALL, STORE, Vocabulary
from inwit.tools import Tool


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

    @property
    def longest(self) -> int:
        """A: how many arguments a tool takes at most."""
        return max(tool.arity for tool in self.tools)
