"""A causal transformer over the prompt's symbols and the presses, with a key-value cache.

Pre-norm blocks (Vaswani et al. 2017, arXiv:1706.03762; Xiong et al. 2020, arXiv:2002.04745).
Positions enter as rotations of queries and keys (Su et al. 2021, arXiv:2104.09864). The cache
grows by one row a press, so an episode of T presses costs T^2: this network is for short episodes.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from inwit.policies.base import Memory, Policy, Senses
from inwit.trajectory import Percept, Prompt

HEADS, BLOCKS = 4, 2


class Block(nn.Module):
    """Attention to the past and a hidden layer, each added to what was there."""

    def __init__(self, width: int) -> None:
        """Make a block of `width` units."""
        super().__init__()
        self.before = nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.hidden = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(
        self,
        rows: Float[Tensor, "B N W"],
        place: Int[Tensor, "B N"],
        visible: Bool[Tensor, "B N M"],
        cache: Float[Tensor, "B C W2"],
    ) -> tuple[Float[Tensor, "B N W"], Float[Tensor, "B M W2"]]:
        """New rows at their places; `cache` has the keys and values of C rows before; M = C + N."""
        query, key, value = self.project(self.before(rows)).chunk(3, 2)
        query, key = _rotate(query, place), _rotate(key, place)
        cache = torch.cat([cache, torch.cat([key, value], 2)], 1)
        keys, values = cache.chunk(2, 2)
        attended = nn.functional.scaled_dot_product_attention(
            _split(query), _split(keys), _split(values), attn_mask=visible[:, None]
        )
        rows = rows + self.out(attended.transpose(1, 2).flatten(2))
        return rows + self.hidden(rows), cache


class Transformer(Policy):
    """Two blocks over all that has been read and pressed."""

    def __init__(self, senses: Senses, width: int = 96) -> None:
        """Make a network of `width` units, a multiple of 8, for these senses."""
        super().__init__()
        self.symbol = nn.Embedding(senses.symbols + 1, width)
        self.level = nn.Embedding(senses.levels, width)
        self.press = nn.ModuleList(
            nn.Embedding(size, width) for size in (senses.keys, *senses.percepts)
        )
        self.blocks = nn.ModuleList(Block(width) for _ in range(BLOCKS))
        self.last = nn.LayerNorm(width)
        self.heads = nn.Linear(width, senses.keys + 1)
        self.width = width

    def begin(self, prompt: Prompt) -> Memory:
        """What the blocks keep of the prompt, which of it is no padding, and the next place."""
        readable = prompt.symbols >= 0
        batch, length = readable.shape
        rows = self.symbol(prompt.symbols + 1) + self.level(prompt.level)[:, None]
        place = torch.arange(length, device=readable.device).expand(batch, -1)
        # The prompt is read in both directions: only padding is hidden. Where all is hidden,
        # a row sees itself, since attention to nothing is undefined.
        itself = torch.eye(length, dtype=torch.bool, device=readable.device)
        visible = readable[:, None, :] | itself
        empty = rows.new_zeros(batch, 0, 2 * self.width)
        caches = []
        for block in self.blocks:
            rows, cache = block(rows, place, visible, empty)
            caches.append(cache)
        return (*caches, readable, readable.sum(1, keepdim=True))

    def step(
        self, percept: Percept, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press."""
        *caches, visible, place = memory
        seen = torch.cat([percept.previous[:, None], percept.seen], 1)
        rows = torch.stack(
            [embed(column) for embed, column in zip(self.press, seen.T, strict=True)]
        ).sum(0)[:, None]
        visible = torch.cat([visible, torch.ones_like(visible[:, :1])], 1)
        grown = []
        for block, cache in zip(self.blocks, caches, strict=True):
            rows, cache = block(rows, place, visible[:, None], cache)
            grown.append(cache)
        scores = self.heads(self.last(rows[:, 0]))
        return scores[:, :-1], scores[:, -1], (*grown, visible, place + 1)


def _split(rows: Float[Tensor, "B N W"]) -> Float[Tensor, "B heads N part"]:
    parts: Tensor = rows.unflatten(2, (HEADS, -1))
    return parts.transpose(1, 2)


def _rotate(rows: Float[Tensor, "B N W"], place: Int[Tensor, "B N"]) -> Float[Tensor, "B N W"]:
    """Turn each pair of a head's units by an angle that grows with the place."""
    half = rows.shape[2] // HEADS // 2
    speed = 10_000.0 ** -(torch.arange(half, device=rows.device) / half)
    angle = place[:, :, None, None] * speed  # (B, N, 1, half)
    first, second = rows.unflatten(2, (HEADS, 2, half)).unbind(3)
    cosine, sine = angle.cos(), angle.sin()
    turned = torch.stack([first * cosine - second * sine, first * sine + second * cosine], 3)
    return turned.flatten(2)
