"""The published tutorial as a contender: as it is, and with the fault mended that costs B^2."""

import random
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim import Adam

import tutorial_as_published as published
from inwit.bench.contenders import STEP_SIZE, WIDTH, LeftOut, Update
from tutorial_as_published import Network, Problem

MOST = 2**30
"""Bytes of the largest tensor that is still measured; a backward pass holds several of them."""


class Mended(Network):
    """The tutorial's network where each episode starts from its own problem."""

    def initial_state(self, problems: Sequence[Problem]) -> Tensor:
        """Encode the problems, (1, B, width), without a (B, B, width) on the way."""
        prompts = self.read(problems)
        stages = self.stage_embedding(torch.tensor([problem.stage for problem in problems]))
        return torch.tanh(self.embedding(prompts).mean(1) + stages).unsqueeze(0)


def build(episodes: int, threads: int) -> Update:
    """As published.

    Raises:
        LeftOut: its (B, B, width) would be too large.
    """
    size = 4 * WIDTH * episodes**2
    if size > MOST:
        raise LeftOut(f"its (B, B, {WIDTH}) takes {size / 1e9:.1f} GB for each copy")
    return _updates(Network(WIDTH), episodes, threads)


def build_mended(episodes: int, threads: int) -> Update:
    """With its first fault mended; the game is still played in Python, problem by problem."""
    return _updates(Mended(WIDTH), episodes, threads)


def _updates(network: Network, episodes: int, threads: int) -> Update:
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    dice, optimizer = random.Random(0), Adam(network.parameters(), STEP_SIZE)
    return lambda: published.update(network, optimizer, published.sample(dice, 0, episodes))
