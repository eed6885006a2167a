"""The vocabulary: what can be pressed, as names and as numbers.

The order is the published tutorial's: the operand keys, `CTX`, the tools, `ANS`, `STO`, `RCL`,
`EOS`. With ten operands and the tools `MUL ADD SUB` these are its 18 tokens, number by number.
Streamed problems have no operand keys and one more key, `READ`; where an episode has several tries,
`CLR` comes last.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from inwit.errors import UnknownName

CONTEXT, ANSWER, STORE, RECALL, PADDING, READ = "CTX", "ANS", "STO", "RCL", "EOS", "READ"
CLEAR = "CLR"
RESERVED = (CONTEXT, ANSWER, STORE, RECALL, PADDING, READ, CLEAR)
"""Names that no tool can have."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The keys of one machine."""

    operands: int
    """Number of operand keys, `0`, `1`, ...; 0 for a streamed problem."""
    tools: tuple[str, ...]
    """Names of the tools, in the order of their numbers."""
    stream: bool = False
    """Whether there is a `READ` key."""
    clear: bool = False
    """Whether there is a `CLR` key."""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The name of every key, by number."""
        digits = tuple(str(index) for index in range(self.operands))
        others = [READ] * self.stream + [CLEAR] * self.clear
        return (*digits, CONTEXT, *self.tools, ANSWER, STORE, RECALL, PADDING, *others)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of every key, by name."""
        return {name: number for number, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, name: str) -> int:
        """The number of the key with this name.

        Raises:
            UnknownName: there is no such key.
        """
        if name not in self.numbers:
            raise UnknownName("key", name, self.names)
        return self.numbers[name]

    def encode(self, text: str) -> list[int]:
        """Key numbers of a program as people write it: `"0 MUL 1 ANS"`."""
        return [self[name] for name in text.split()]

    def decode(self, keys: Iterable[int]) -> str:
        """A program as people write it, without the padding."""
        return " ".join(self.names[key] for key in keys if self.names[key] != PADDING)
