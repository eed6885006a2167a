"""Problems as tensors, the output of every task."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import index

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from inwit.errors import InvalidOption
from inwit.records import fingerprint, joined, map_tensors
from inwit.tasks.pool import Pool
from inwit.tokens import PADDING, Vocabulary


@dataclass(frozen=True, kw_only=True)
class Problems:
    """P problems."""

    symbols: Int[Tensor, "P L"]
    """The problem in the task's alphabet (`Task.symbols`), padded with -1."""
    operands: Float[Tensor, "P N"]
    """float64, by operand key or by position of a streamed problem; NaN is padding."""
    answer: Float[Tensor, " P"]
    """The right answer, float64; NaN if unknown, as for a typed question."""
    level: Int[Tensor, " P"]
    """The level."""
    oracle: Int[Tensor, "P K"]
    """The keys of one right program, ending in `ANS`, padded with `EOS`."""

    def __len__(self) -> int:
        return len(self.answer)

    @property
    def pool(self) -> Pool["Problems"]:
        """A pool of these problems."""
        return Pool(rows=self, level=self.level)

    @property
    def identity(self) -> Int[Tensor, " P"]:
        """One number per problem (P,), equal for problems that look the same to an agent."""
        # The level comes first, so padding at the end does not matter.
        return fingerprint(torch.cat([self.level[:, None], self.symbols], 1))

    def to(self, device: torch.device) -> "Problems":
        """The same problems on another device."""
        return map_tensors(lambda tensor: tensor.to(device, non_blocking=True), self)

    def select(self, rows: Int[Tensor, " S"]) -> "Problems":
        """The problems at `rows` (S,), which may repeat."""
        return map_tensors(lambda tensor: tensor.index_select(0, rows), self)

    def part(self, rows: slice) -> "Problems":
        """A contiguous slice of the problems, without a copy."""
        return map_tensors(lambda tensor: tensor[rows], self)

    def repeat(self, times: int) -> "Problems":
        """Repeat every problem `times` times; the copies are adjacent."""
        if times == 1:
            return self
        return map_tensors(lambda tensor: tensor.repeat_interleave(times, 0), self)


def whole_level(given: object) -> int:
    """Convert a level of any integer type.

    Raises:
        InvalidOption: it is not a whole number.
    """
    try:
        if isinstance(given, bool):
            raise TypeError
        return index(given)  # type: ignore[arg-type]
    except TypeError as error:
        raise InvalidOption(f"level {given!r:.40} is not a whole number") from error


def by_turns(levels: Sequence[int], count: int) -> Int[Tensor, " P"]:
    """`count` levels: each of these by turns."""
    return torch.tensor(levels)[torch.arange(count) % len(levels)]


def join_problems(problems: Sequence[Problems], padding: int) -> Problems:
    """Concatenate batches of problems.

    Args:
        problems: batches whose prompts, operands and oracle programs may differ in length.
        padding: the key that pads oracle programs.
    """
    fillers = {"symbols": -1.0, "operands": torch.nan, "oracle": float(padding)}
    return joined(problems, fillers=fillers)


def padded(
    rows: Iterable[Sequence[float]], filler: float, kind: torch.dtype = torch.long
) -> Shaped[Tensor, "P width"]:
    """Rows of different lengths as one tensor."""
    tensors = [torch.tensor(row, dtype=kind) for row in rows]
    return pad_sequence(tensors, batch_first=True, padding_value=filler)


def without_gaps(keys: Int[Tensor, "T P"], padding: int) -> Int[Tensor, "T P"]:
    """Programs with all their padding at the end."""
    return keys.gather(0, (keys == padding).long().argsort(dim=0, stable=True))


def oracles(vocabulary: Vocabulary, programs: Iterable[str]) -> Int[Tensor, "P K"]:
    """Encode oracle programs such as `0 ADD 1 ANS`; a missing one is empty.

    Raises:
        InvalidOption: one has a key that does not exist.
    """
    padding, encoded = vocabulary[PADDING], list[list[int]]()
    for program in programs:
        try:
            encoded.append([*vocabulary.encode(program), padding])
        except InvalidOption as error:
            raise InvalidOption(f"oracle '{program:.60}': {error}") from error
    return padded(encoded, padding)
