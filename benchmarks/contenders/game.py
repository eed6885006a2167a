"""The tutorial's first stage, `a*b+c`, for B episodes at once, as fast as numpy plays it.

The contenders of other libraries play it: the same keys, six presses, 1 for the right answer at
`ANS`. Libraries whose networks have no memory are shown the game at every press.
"""

import numpy as np
from numpy.typing import NDArray

from inwit.bench.contenders import PRESSES
from tutorial_as_published import ADD, ANS, CTX, MUL, RCL, STO, VOCABULARY

KEYS, DIGITS, STAGES = len(VOCABULARY), 5, 3
PREVIOUS = 10 * DIGITS + STAGES
"""Where in an observation the previous key stands, one-hot, after the digits and the stage."""
SIZE = PREVIOUS + KEYS + 3
"""Of an observation; at its end: is there a value, was one stored, the share of presses made."""


class Game:
    """B episodes; those that are over wait until they are begun again."""

    def __init__(self, episodes: int, seed: int = 0) -> None:
        """Begin all of them."""
        self.generator = np.random.default_rng(seed)
        self.episodes = episodes
        self.observation: NDArray[np.float32] = np.zeros((episodes, SIZE), np.float32)
        self.observation[:, 10 * DIGITS] = 1  # the first stage
        self.product, self.third, self.value, self.clock, self.previous = (
            np.zeros(episodes, np.int64) for _ in range(5)
        )
        self.filled, self.stored = np.zeros(episodes, bool), np.zeros(episodes, bool)
        self.all = np.arange(episodes)
        self.begin(self.all)

    def begin(self, rows: NDArray[np.int64]) -> None:
        """Begin some of the episodes again, each with a new problem."""
        digits = self.generator.integers(0, 10, (len(rows), DIGITS))
        self.product[rows], self.third[rows] = digits[:, 0] * digits[:, 1], digits[:, 2]
        self.value[rows] = self.clock[rows] = 0
        self.filled[rows] = self.stored[rows] = False
        self.observation[rows, : 10 * DIGITS] = 0
        self.observation[rows[:, None], digits + 10 * np.arange(DIGITS)] = 1
        self.observation[rows, PREVIOUS:] = 0
        self.observation[rows, PREVIOUS + CTX] = 1
        self.previous[rows] = CTX

    def step(self, key: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Press a key in every episode.

        Args:
            key: (B,).

        Returns:
            Rewards and whether each episode is over, both (B,). `observation`, (B, `SIZE`), is
            changed in place.
        """
        multiplied = (key == MUL) & ~self.filled
        np.copyto(self.value, self.product, where=multiplied)
        self.filled |= multiplied
        np.add(self.value, self.third, out=self.value, where=(key == ADD) & self.filled)
        self.filled |= (key == RCL) & self.stored  # recalls a nought where there is no value
        self.stored |= key == STO
        answered = key == ANS
        right = answered & self.filled & (self.value == self.product + self.third)
        self.clock += 1
        shown = self.observation
        shown[self.all, PREVIOUS + self.previous] = 0
        shown[self.all, PREVIOUS + key] = 1
        shown[:, -3], shown[:, -2], shown[:, -1] = self.filled, self.stored, self.clock / PRESSES
        self.previous[:] = key
        return right.astype(np.float32), answered | (self.clock >= PRESSES)
