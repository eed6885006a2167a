"""Attention among rows: the block of a transformer, for reading and for pressing.

Pre-norm blocks (Vaswani et al. 2017, arXiv:1706.03762; Xiong et al. 2020, arXiv:2002.04745).
Positions enter as rotations of queries and keys (Su et al. 2021, arXiv:2104.09864).
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from inwit.errors import InvalidOption

HEADS, BLOCKS = 4, 2


class Block(nn.Module):
    """Attention to rows and a hidden layer, each added to what was there."""

    def __init__(self, width: int) -> None:
        """Make a block of `width` units, a multiple of 8."""
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


def blocks(width: int) -> nn.ModuleList:
    """The blocks of a network, one after another.

    Raises:
        InvalidOption: the width is not a multiple of 8.
    """
    if width % (2 * HEADS):
        raise InvalidOption(f"--policy.width {width}: attention needs a multiple of {2 * HEADS}")
    return nn.ModuleList(Block(width) for _ in range(BLOCKS))


def read_through(
    stack: nn.ModuleList, rows: Float[Tensor, "B L W"], readable: Bool[Tensor, "B L"]
) -> tuple[Float[Tensor, "B L W"], list[Float[Tensor, "B L W2"]]]:
    """Rows that have attended to one another in both directions, and each block's cache.

    Only padding is hidden. Where all is hidden, a row sees itself, since attention to nothing is
    undefined.
    """
    batch, length = readable.shape
    place = torch.arange(length, device=rows.device).expand(batch, -1)
    itself = torch.eye(length, dtype=torch.bool, device=rows.device)
    visible = readable[:, None, :] | itself
    empty = rows.new_zeros(batch, 0, 2 * rows.shape[2])
    caches = []
    for block in stack:
        rows, cache = block(rows, place, visible, empty)
        caches.append(cache)
    return rows, caches


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
