"""What a machine is made from: its tools, its operand keys, and how freely they may be used."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from inwit.errors import InvalidOption
from inwit.tokens import Vocabulary
from inwit.tools import Tool, described


class Kind(IntEnum):
    """What sort of key it is."""

    NEVER = 0
    OPERAND = 1
    READ = 2
    TOOL = 3
    STORE = 4
    RECALL = 5
    ANSWER = 6
    CLEAR = 7


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
    allow_unused: bool = False
    """With `once`: operands may be left over; `ANS` asks that a tool has run instead."""
    counted: bool = False
    """An answer is accepted only if every operand has gone into it exactly once. The keys do not
    enforce it (`once` does)."""
    tries: int = 1
    """How often an episode may begin: all but the last time the key `CLR` clears the display and
    the memory and gives back the operands."""

    def __post_init__(self) -> None:
        check_tools(self.tools)
        if self.stream and (self.counted or self.tries > 1):
            raise InvalidOption("counted, tries: for problems with operand keys, not for streams")
        if self.tries < 1:
            raise InvalidOption(f"tries: {self.tries}; at least 1 is allowed")

    @property
    def stream(self) -> bool:
        """Whether problems are read symbol by symbol."""
        return self.operands == 0

    @property
    def vocabulary(self) -> Vocabulary:
        """The names and numbers of the keys."""
        names = tuple(tool.name for tool in self.tools)
        return Vocabulary(
            operands=self.operands, tools=names, stream=self.stream, clear=self.tries > 1
        )

    def check_portable(self) -> None:
        """Refuse what machines outside this package do not know.

        Raises:
            InvalidOption: operands are counted, or there are several tries.
        """
        if self.counted or self.tries > 1:
            what = "several tries" if self.tries > 1 else "numbers whose use the verdict judges"
            raise InvalidOption(
                f"a task with {what} cannot be exported: only inwit's own machine has them; serve "
                "it with inwit play"
            )

    @property
    def longest(self) -> int:
        """A: how many arguments a tool takes at most."""
        return max(tool.arity for tool in self.tools)


def check_tools(tools: Sequence[Tool]) -> None:
    """Refuse what cannot be the tools of a machine.

    Raises:
        InvalidOption: there is none, one is not a tool, or two have the same name.
    """
    for each in tools:
        if not isinstance(each, Tool):
            raise InvalidOption(
                f"tools: {described(each)} is not a tool: write @inwit.tool above it"
            )
    often = [name for name, count in Counter(tool.name for tool in tools).items() if count > 1]
    if often:
        raise InvalidOption(
            f"tools: {often[0]} occurs more than once: give one of them another name, "
            f"inwit.tool(name='{often[0].lower()}_2')"
        )
    if not tools:
        raise InvalidOption("tools: none; a task needs at least one, such as inwit.tools.ADD")
