"""Problems as tensors: what every task draws."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor
from torch.nn.functional import pad
from torch.nn.utils.rnn import pad_sequence

from inwit.records import fingerprint, map_named, map_tensors
from inwit.tasks.pool import Pool
from inwit.tokens import PADDING, Vocabulary


@dataclass(frozen=True, kw_only=True)
class Problems:
    """P problems."""

    symbols: Int[Tensor, "P L"]
    """What is asked, in the task's alphabet (`Task.symbols`), padded with -1."""
    operands: Float[Tensor, "P N"]
    """float64; by operand key, or by position of a streamed problem; NaN where there is none."""
    answer: Float[Tensor, " P"]
    """The right answer, float64; NaN where nobody knows it, as for a question that was typed."""
    level: Int[Tensor, " P"]
    """How hard it is."""
    oracle: Int[Tensor, "P K"]
    """The keys of one right program, ending in `ANS`, padded with `EOS`."""

    def __len__(self) -> int:
        return len(self.answer)

    @property
    def pool(self) -> Pool["Problems"]:
        """These problems, to draw from."""
        return Pool(rows=self, level=self.level)

    @property
    def identity(self) -> Int[Tensor, " P"]:
        """A number that problems share which look the same to an agent."""
        # The level comes first: padding at the end has no influence.
        return fingerprint(torch.cat([self.level[:, None], self.symbols], 1))

    def to(self, device: torch.device) -> "Problems":
        """The same problems on another device."""
        return map_tensors(lambda tensor: tensor.to(device, non_blocking=True), self)

    def select(self, rows: Int[Tensor, " S"]) -> "Problems":
        """Some of the problems, in the order of `rows`, which may repeat."""
        return map_tensors(lambda tensor: tensor.index_select(0, rows), self)

    def part(self, rows: slice) -> "Problems":
        """Some of the problems, one after another, without a copy."""
        return map_tensors(lambda tensor: tensor[rows], self)

    def repeat(self, times: int) -> "Problems":
        """Every problem `times` times, the copies of one beside each other."""
        if times == 1:
            return self
        return map_tensors(lambda tensor: tensor.repeat_interleave(times, 0), self)


def join_problems(problems: Sequence[Problems], padding: int) -> Problems:
    """All problems in one batch.

    Args:
        problems: batches whose prompts, operands and oracle programs may differ in length.
        padding: the key that pads oracle programs.
    """
    fillers = {"symbols": -1.0, "oracle": float(padding)}

    def joined(name: str, *parts: Tensor) -> Tensor:
        if parts[0].dim() == 2:
            width, filler = max(part.shape[1] for part in parts), fillers.get(name, torch.nan)
            parts = tuple(pad(part, [0, width - part.shape[1]], value=filler) for part in parts)
        return torch.cat(parts)

    return map_named(joined, *problems)


def padded(
    rows: Iterable[Sequence[float]], filler: float, kind: torch.dtype = torch.long
) -> Shaped[Tensor, "P width"]:
    """Rows of different lengths as one tensor."""
    tensors = [torch.tensor(row, dtype=kind) for row in rows]
    return pad_sequence(tensors, batch_first=True, padding_value=filler)


def oracles(vocabulary: Vocabulary, programs: Iterable[str]) -> Int[Tensor, "P K"]:
    """Oracle programs from text, such as `0 ADD 1 ANS`; empty where none is known."""
    padding = vocabulary[PADDING]
    return padded([[*vocabulary.encode(program), padding] for program in programs], padding)
