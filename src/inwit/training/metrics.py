"""Training metrics of one update; nothing here waits for the device.

episodes/accuracy    share of right answers; `episodes/accuracy@LEVEL`: those of one level
episodes/return      what an episode earned, on average
episodes/greedy      share of right greedy answers, with early stopping (every 10 updates)
episodes/presses     keys that an episode pressed, on average
episodes/answered    share of episodes that ended by the rules
policy/entropy       nats, over the presses
keys/NAME            share of episodes that press a tool or memory key of their own accord
faults/TOOL          calls of a tool that failed
"""

from dataclasses import dataclass, field
from functools import cached_property
from math import isnan, log

import torch
from jaxtyping import Int
from torch import Tensor

from inwit.learners import Metrics
from inwit.tokens import RECALL, STORE, Vocabulary
from inwit.trajectory import Outputs, Trajectory, masked_mean

LEVELS = "episodes/accuracy@"
"""Prefix of the metrics of one level."""
WANTED = log(0.1)
"""The policy's own log-probability from which a press is not exploration."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What one update did."""

    update: int
    """Which update it was, from 1."""
    episodes: int
    """Episodes so far."""
    level: int
    """The hardest level of the batch."""
    metrics: dict[str, float]
    """Scalars by name; see `docs/learners/a2c.md`."""
    seconds: float
    """Since training began."""
    warnings: dict[str, str] = field(default_factory=dict)
    """The failures that last, by name, in words; see `health`."""
    learnt: bool = False
    """Training stops here: nothing is left to learn."""
    elsewhere: float = 0.0
    """CPU seconds of other processes, in this one's time, such as those that step environments."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Sums up episodes at a task with these levels and keys."""

    levels: range
    """The task's levels."""
    vocabulary: Vocabulary
    """The machine's keys."""

    def of(
        self, trajectory: Trajectory, outputs: Outputs, faults: Int[Tensor, " tools"]
    ) -> Metrics:
        """The metrics, scalars and vectors."""
        episodes, pressed = len(trajectory.right), trajectory.pressed
        right = trajectory.right.float()
        zeros = right.new_zeros(len(self.levels))
        place = trajectory.level - self.levels[0]
        solved = zeros.index_add(0, place, right)
        asked = zeros.index_add(0, place, torch.ones_like(right))
        wanted = pressed & (outputs.log_prob.detach() > WANTED)
        presses = right.new_zeros(episodes, len(self.vocabulary))
        presses = presses.scatter_add(1, trajectory.key.T, wanted.T.float())
        return {
            "policy/entropy": masked_mean(outputs.entropy.detach(), pressed),
            "episodes/accuracy": right.mean(),
            "episodes/return": trajectory.reward.sum() / episodes,
            "episodes/presses": pressed.sum() / episodes,
            "episodes/answered": trajectory.terminated.sum() / episodes,
            LEVELS: solved / asked,
            "keys/": (presses > 0).float().mean(0),
            "faults/": faults,
        }

    def scalars(self, metrics: Metrics) -> dict[str, float]:
        """All metrics as numbers, each with a name of its own; levels without episodes left out."""
        # One transfer for all of them: reading a number waits for the device.
        flat = torch.cat([value.double().flatten() for value in metrics.values()]).tolist()
        scalars, numbers = dict[str, float](), iter(flat)
        for name in metrics:
            for full in self._names.get(name, (name,)):
                number = next(numbers)
                if full and not (name == LEVELS and isnan(number)):
                    scalars[full] = number
        return scalars

    @cached_property
    def _names(self) -> dict[str, tuple[str, ...]]:
        """The names of the entries of vectors; empty for keys without which there is no episode."""
        tools = self.vocabulary.tools
        kept = {*tools, STORE, RECALL}
        keys = tuple(f"keys/{key}" if key in kept else "" for key in self.vocabulary.names)
        levels = tuple(f"{LEVELS}{level}" for level in self.levels)
        return {LEVELS: levels, "keys/": keys, "faults/": tuple(f"faults/{tool}" for tool in tools)}
