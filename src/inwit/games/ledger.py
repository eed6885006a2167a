"""Returns of the episodes of a game, for metrics and for the scale of the rewards."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int


@dataclass(kw_only=True)
class Ledger:
    """Sums rewards by column."""

    count: int
    """B."""
    discount: float = 1.0
    """gamma of the discounted returns."""
    earned: Float[np.ndarray, " B"] = field(init=False)
    """The returns of the current episodes so far."""
    steps: Int[np.ndarray, " B"] = field(init=False)
    """Their lengths."""
    discounted: Float[np.ndarray, " B"] = field(init=False)
    """G_t = gamma G_{t-1} + r_t: its spread sets the scale of the rewards."""

    def __post_init__(self) -> None:
        """Start empty."""
        self.earned, self.discounted = np.zeros(self.count), np.zeros(self.count)
        self.steps = np.zeros(self.count, np.int64)
        self._returns: list[float] = []
        self._lengths: list[int] = []
        self._spread: list[Float[np.ndarray, " rows"]] = []

    def add(
        self,
        reward: Float[np.ndarray, " B"],
        active: Bool[np.ndarray, " B"],
        ended: Bool[np.ndarray, " B"],
    ) -> None:
        """Record one action of every copy that was active."""
        self.earned, self.steps = self.earned + reward, self.steps + active
        self.discounted = self.discount * self.discounted + reward
        self._spread.append(self.discounted[active])
        for row in np.flatnonzero(ended).tolist():
            self._returns.append(float(self.earned[row]))
            self._lengths.append(int(self.steps[row]))
        self.earned = np.where(ended, 0.0, self.earned)
        self.steps = np.where(ended, 0, self.steps)
        self.discounted = np.where(ended, 0.0, self.discounted)

    def take(self) -> dict[str, float]:
        """Metrics of the episodes that ended since the last call; clears them."""
        ended, metrics = len(self._returns), {"episodes/ended": float(len(self._returns))}
        if ended:
            metrics["episodes/return"] = float(np.mean(self._returns))
            metrics["episodes/steps"] = float(np.mean(self._lengths))
        self._returns, self._lengths = [], []
        return metrics

    def take_spread(self) -> Float[np.ndarray, " rows"]:
        """The discounted returns of all actions since the last call; clears them."""
        spread, self._spread = self._spread, []
        return np.concatenate(spread) if spread else np.zeros(0)
