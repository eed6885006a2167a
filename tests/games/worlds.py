"""A world whose episodes end in both ways, each at a length of its own; and its defects."""

import logging
import os
import signal
import time
from dataclasses import dataclass

import numpy as np

from inwit.errors import InvalidOption
from inwit.games.base import Copies, Outcome, Seen, World, WorldSpec


@dataclass(frozen=True, kw_only=True)
class Walks(World):
    """Episodes of 1 to 6 steps by their seeds; those of odd seeds are truncated.

    A copy shows how far it is, a number drawn at each step, and the process that steps it.
    """

    fault: str = ""
    """What happens at the third step of an episode of six; or at a reset, or at the end."""
    burns: float = 0.0
    """CPU seconds that a step takes."""
    keys: int = 3
    """Actions; those beyond the third do the same as it."""
    longest: int = 6
    """Actions of the longest episodes."""
    shows: bool = False
    """The process is shown, so that a copy does something else in another one."""

    name = "walks"

    def open(self, count):
        return Walkers(count, self)


class Panic(BaseException):
    """As what Rust raises: it is no `Exception`."""


def length_of(seed, longest=6):
    """The length of an episode."""
    return 1 + seed % longest


class Walkers(Copies):
    def __init__(self, count, world):
        self.count, self.world = count, world
        self.spec = WorldSpec(fields=(7, 2), values=2, actions=tuple(map(str, range(world.keys))))
        self.seed, self.place = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self.dice = [np.random.default_rng(0)] * count
        self.drawn = np.zeros(count)

    def reset(self, rows, seeds):
        if self.world.fault == "reset":
            raise InvalidOption("no floor")
        for row, seed in zip(rows, seeds, strict=True):
            self.seed[row], self.place[row] = seed, 0
            self.dice[row] = np.random.default_rng(seed)
            self.drawn[row] = self.dice[row].normal()

    def step(self, actions, active):
        until = time.process_time() + self.world.burns
        while time.process_time() < until:
            pass
        reward, ended = np.zeros(self.count), np.zeros(self.count, bool)
        for row in np.flatnonzero(active).tolist():
            self.place[row] += 1
            reward[row] = self.drawn[row] * (min(actions[row], 2) - 1)
            self.drawn[row] = self.dice[row].normal()
            ended[row] = self.place[row] == length_of(self.seed[row], self.world.longest)
            if self.world.fault and self.place[row] == 3 and length_of(self.seed[row]) == 6:
                self.fail()
        odd = self.seed % 2 == 1
        return Outcome(reward=reward, terminated=ended & ~odd, truncated=ended & odd)

    def fail(self):
        logging.getLogger("inwit").warning("a cliff")
        if self.world.fault == "raises":
            raise InvalidOption("it fell")
        if self.world.fault == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.world.fault == "errs":
            raise KeyError("lost")
        if self.world.fault == "panics":
            raise Panic("a pointer")
        if self.world.fault == "exits":
            os._exit(3)

    def see(self):
        fields = np.stack([self.place, self.seed % 2], 1)
        process = os.getpid() if self.world.shows else 0
        values = np.stack([self.drawn, np.full(self.count, process)], 1).astype(np.float32)
        return Seen(fields=fields, values=values)

    def close(self):
        if self.world.fault == "closes":
            logging.getLogger("inwit").warning("a door is stuck")
