"""Readers of a prompt: from symbols to the recurrent state with which the pressing begins.

Each gives one vector a symbol as well, for networks that attend to what was read.
"""

from abc import ABC, abstractmethod
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import dropout, dropout1d
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from inwit.errors import InvalidOption
from inwit.policies.attention import blocks, read_through
from inwit.policies.base import PolicySpec
from inwit.trajectory import Prompt

DROPOUT, WORDS = 0.5, 0.1
"""Shares of units and of words that `Text` leaves out in training."""


class Reader(nn.Module, ABC):
    """Reads a prompt, in which padding has no influence."""

    def __init__(self, spec: PolicySpec, width: int) -> None:
        """Make a reader for this spec, into vectors and a state of `width`."""
        super().__init__()
        # Row 0 stands for the padding and stays zero.
        self.symbol = nn.Embedding(spec.symbols + 1, width, padding_idx=0)
        self.level = nn.Parameter(torch.zeros(spec.levels, width))
        read = spec.prompt_values
        self.values = nn.Linear(read, width, bias=False) if read else None

    @abstractmethod
    def read(
        self, symbols: Int[Tensor, "B L"], values: Float[Tensor, "B L M"]
    ) -> tuple[Float[Tensor, "B L W"], Float[Tensor, "B W"]]:
        """A vector for each symbol, and one for the whole."""

    def embed(
        self, symbols: Int[Tensor, "B L"], values: Float[Tensor, "B L M"]
    ) -> Float[Tensor, "B L W"]:
        """Each symbol with the numbers that are seen in its place; zeros for padding."""
        rows: Tensor = self.symbol(symbols + 1)
        return rows if self.values is None else rows + self.values(values)

    def forward(self, prompt: Prompt) -> tuple[Float[Tensor, "B L W"], Float[Tensor, "B W"]]:
        """A vector for each symbol, and the initial state: h_0 = tanh(whole + sum_{k<=level} S_k).

        The levels' embeddings add up and begin at zero: a level that is new starts as the one
        before.
        """
        # By `[...]` the gradient would be summed in any order where threads share the work.
        state = self.level.cumsum(0).index_select(0, prompt.level)
        if not prompt.symbols.shape[1]:
            return state.new_zeros(len(state), 0, state.shape[1]), torch.tanh(state)
        vectors, whole = self.read(prompt.symbols, prompt.values)
        return vectors, torch.tanh(whole + state)


class Bag(Reader):
    """The tutorial's reader: the mean of the symbols' embeddings.

    Their order is lost; a task whose answer depends on it needs another reader.
    """

    def read(
        self, symbols: Int[Tensor, "B L"], values: Float[Tensor, "B L M"]
    ) -> tuple[Float[Tensor, "B L W"], Float[Tensor, "B W"]]:
        """The embeddings and their mean."""
        vectors = self.embed(symbols, values)
        if self.values is not None:
            vectors = torch.tanh(vectors)  # a mere sum would not say which number is where
        return vectors, vectors.sum(1) / _length(symbols).clamp(min=1)


class Recurrent(Reader):
    """Two gated recurrent passes over the symbols, one each way, half of the width each."""

    def __init__(self, spec: PolicySpec, width: int) -> None:
        """Make a reader of `width`, an even number."""
        super().__init__(spec, width)
        _check_even(width)
        half = width // 2
        self.forth = nn.GRU(width, half, batch_first=True)
        self.back = nn.GRU(width, half, batch_first=True)
        self.whole = nn.Linear(width, width)

    def read(
        self, symbols: Int[Tensor, "B L"], values: Float[Tensor, "B L M"]
    ) -> tuple[Float[Tensor, "B L W"], Float[Tensor, "B W"]]:
        """Both passes at every symbol, and where they end."""
        length = _length(symbols)
        # Each row is turned round within its own length, so that padding stays at the end.
        place = (length - 1 - torch.arange(symbols.shape[1], device=symbols.device)).clamp(min=0)
        embedded = self.embed(symbols, values)
        forth, _ = self.forth(embedded)
        back, _ = self.back(embedded.gather(1, place[..., None].expand_as(embedded)))
        end = (length - 1).clamp(min=0)[..., None].expand(-1, -1, forth.shape[2])
        ends = torch.cat([forth.gather(1, end)[:, 0], back.gather(1, end)[:, 0]], 1)
        turn = place[..., None].expand_as(back)
        return torch.cat([forth, back.gather(1, turn)], 2), self.whole(ends)


class Text(Reader):
    """Reads text both ways; in training some words, and some units of all, are left out.

    Episodes at the same problem share the dropout mask and the work of reading it.
    """

    def __init__(self, spec: PolicySpec, width: int) -> None:
        """Make a reader of `width`, an even number."""
        super().__init__(spec, width)
        _check_even(width)
        self.passes = nn.GRU(width, width // 2, batch_first=True, bidirectional=True)
        self.whole = nn.Linear(width, width)

    def read(
        self, symbols: Int[Tensor, "B L"], values: Float[Tensor, "B L M"]
    ) -> tuple[Float[Tensor, "B L W"], Float[Tensor, "B W"]]:
        """Both passes at every symbol, and where they end; every text once."""
        texts, numbers, place = _distinct(symbols, values)
        rows = dropout1d(self.embed(texts, numbers), WORDS, self.training)
        rows = dropout(rows, DROPOUT, self.training)
        lengths = _length(texts)[:, 0].clamp(min=1).cpu()
        packed = pack_padded_sequence(rows, lengths, batch_first=True, enforce_sorted=False)
        vectors, ends = self.passes(packed)
        vectors, _ = pad_packed_sequence(vectors, batch_first=True, total_length=texts.shape[1])
        whole = self.whole(ends.transpose(0, 1).flatten(1))
        return dropout(vectors, DROPOUT, self.training)[place], whole[place]


class Attentive(Reader):
    """A transformer whose rows are the symbols; the whole is their mean."""

    def __init__(self, spec: PolicySpec, width: int) -> None:
        """Make a reader of `width`, a multiple of 8."""
        super().__init__(spec, width)
        self.blocks = blocks(width)
        self.last = nn.LayerNorm(width)

    def read(
        self, symbols: Int[Tensor, "B L"], values: Float[Tensor, "B L M"]
    ) -> tuple[Float[Tensor, "B L W"], Float[Tensor, "B W"]]:
        """The rows after all blocks, and their mean."""
        readable = symbols >= 0
        rows, _ = read_through(self.blocks, self.embed(symbols, values), readable)
        vectors = self.last(rows) * readable[..., None]
        return vectors, vectors.sum(1) / _length(symbols).clamp(min=1)


ReaderName = Literal["bag", "recurrent", "text", "attentive"]
READERS: dict[ReaderName, type[Reader]] = {
    "bag": Bag,
    "recurrent": Recurrent,
    "text": Text,
    "attentive": Attentive,
}
"""The readers by name."""


def _check_even(width: int) -> None:
    if width % 2:
        raise InvalidOption(f"--policy.width {width}: reading both ways needs an even number")


def _distinct(
    symbols: Int[Tensor, "B L"], values: Float[Tensor, "B L M"]
) -> tuple[Int[Tensor, "D L"], Float[Tensor, "D L M"], Int[Tensor, " B"]]:
    """The different texts with their numbers, and which of them each episode has."""
    if not values.shape[2]:
        texts, place = symbols.unique(dim=0, return_inverse=True)
        return texts, values[: len(texts)], place
    both = torch.cat([symbols[..., None].double(), values.double()], 2)
    distinct, place = both.unique(dim=0, return_inverse=True)
    return distinct[..., 0].long(), distinct[..., 1:].float(), place


def _length(symbols: Int[Tensor, "B L"]) -> Int[Tensor, "B 1"]:
    return (symbols >= 0).sum(1, keepdim=True)
