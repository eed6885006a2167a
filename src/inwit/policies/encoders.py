"""Readers of a prompt: from symbols to the recurrent state with which the pressing begins."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from inwit.trajectory import Prompt


class Bag(nn.Module):
    """The tutorial's reader: the mean of the symbols' embeddings, plus the level's.

        h_0 = tanh(mean_l E[symbol_l] + sum_{k <= level} S[k])

    The levels' embeddings add up and begin at zero: a level that is new starts as the one before.
    The order of the symbols is lost; a task whose answer depends on it needs another reader.
    """

    def __init__(self, symbols: int, levels: int, width: int) -> None:
        """Make a reader of `symbols` symbols and `levels` levels into a state of `width`."""
        super().__init__()
        # Row 0 stands for the padding and stays zero.
        self.symbol = nn.Embedding(symbols + 1, width, padding_idx=0)
        self.level = nn.Parameter(torch.zeros(levels, width))

    def forward(self, prompt: Prompt) -> Float[Tensor, "B width"]:
        """The initial state of every episode."""
        state = self.level.cumsum(0)[prompt.level]
        if prompt.symbols.shape[1]:
            length = (prompt.symbols >= 0).sum(1, keepdim=True).clamp(min=1)
            state = state + self.symbol(prompt.symbols + 1).sum(1) / length
        return torch.tanh(state)
