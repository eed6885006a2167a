"""Environments of OpenEnv: guess a number of 0 to 4 that is shown, twice."""

import random

from openenv.core.env_server.interfaces import Environment
from openenv.core.env_server.types import Action, Observation, State
from pydantic import Field


class Guess(Action):
    number: int = Field(ge=0, le=4)


class Shown(Observation):
    number: int
    left: int


class Sound(Environment[Guess, Shown, State]):
    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self):
        super().__init__()
        self.left = 0

    def reset(self, seed=None, episode_id=None, **others):
        self.draw = random.Random(seed)
        self.left = 2
        self.number = self.draw.randrange(5)
        return Shown(number=self.number, left=self.left)

    def oracle(self):
        return {"number": self.number}

    def paid(self, action):
        return float(action.number == self.number)

    def step(self, action, timeout_s=None, **others):
        if not self.left:
            return Shown(number=self.number, left=0, reward=0.0, done=True)
        self.left -= 1
        reward = self.paid(action)
        self.number = self.draw.randrange(5)
        return Shown(number=self.number, left=self.left, reward=reward, done=not self.left)

    @property
    def state(self):
        return State(step_count=2 - self.left)


class Leaking(Sound):
    """The random numbers go on where the last episode left them."""

    draw = random.Random(0)

    def reset(self, seed=None, episode_id=None, **others):
        self.left = 2
        self.number = self.draw.randrange(5)
        return Shown(number=self.number, left=self.left)


class Broken(Sound):
    """Two of three resets raise."""

    def reset(self, seed=None, episode_id=None, **others):
        if (seed or 0) % 3:
            raise RuntimeError("no container is free")
        return super().reset(seed)


class PaidLate(Sound):
    """Goes on paying after the end."""

    def step(self, action, timeout_s=None, **others):
        if not self.left:
            return Shown(number=0, left=0, reward=1.0, done=True)
        return super().step(action)
