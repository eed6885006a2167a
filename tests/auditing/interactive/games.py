"""One small sound game, and others with one fault each. Imported by the child, without packages."""

import os
import random

from_the_world = random.Random()


class Two:
    """Two actions."""

    n = 2

    def seed(self, seed=None):
        self.draw = random.Random(seed)

    def sample(self):
        return self.draw.randrange(2)


class Sound:
    """Match a bit of a list, at most 30 times; a miss ends the game."""

    action_space = Two()
    most = 30

    def reset(self, *, seed=None, options=None):
        self.bits = [random.Random(seed).randrange(2) for _ in range(1)]
        self.draw, self.step_count, self.over = random.Random(seed), 0, False
        return self.seen(), {}

    def seen(self):
        return [self.bits[-1], self.step_count]

    def step(self, action):
        if action not in (0, 1):
            raise ValueError(f"{action!r} is no action")
        return self.judged(action == self.bits[-1])

    def judged(self, right):
        paid = float(right and not self.over)
        self.step_count += 1
        self.bits.append(self.draw.randrange(2))
        self.over = over = not right or self.over
        return self.seen(), paid, over, not over and self.step_count >= self.most, {}


class Unseeded(Sound):
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.draw = from_the_world
        self.bits = [from_the_world.randrange(1000)]
        return self.seen(), {}


class OneWorld(Sound):
    def reset(self, *, seed=None, options=None):
        return super().reset(seed=7)


class Remembers(Sound):
    """The number of steps is never cleared."""

    total = 0

    def reset(self, *, seed=None, options=None):
        seen = super().reset(seed=seed)
        self.step_count = self.total
        return [*seen[0], self.total], {}

    def judged(self, right):
        self.total += 1
        return super().judged(right)


class StaysBroken(Sound):
    """A wrong action leaves something behind that reset does not clear."""

    bonus = 0.0

    def step(self, action):
        if action not in (0, 1):
            self.bonus = 1.0
            raise ValueError("no action")
        seen, reward, *rest = super().step(action)
        return (seen, reward + self.bonus, *rest)


class Raises(Sound):
    def step(self, action):
        if self.step_count == 1:
            raise KeyError("lost")
        return super().step(action)


class RaisesInReset(Sound):
    def reset(self, *, seed=None, options=None):
        if (seed or 0) % 3 == 0:
            raise OSError("no such room")
        return super().reset(seed=seed)


class NotANumber(Sound):
    def step(self, action):
        seen, reward, *rest = super().step(action)
        return (seen, reward if reward else float("nan"), *rest)


class Endless(Sound):
    def step(self, action):
        return (*self.judged(action == self.bits[-1])[:2], False, False, {})


class BothAtOnce(Sound):
    def step(self, action):
        seen, reward, over, cut, info = super().step(action)
        return seen, reward, over or cut, over or cut, info


class LimitAsRule(Sound):
    """Ends by chance, or says `terminated` at step 25."""

    def step(self, action):
        seen, reward, *_ = super().step(action)
        over = self.step_count >= 25 or self.draw.random() < 0.02
        return seen, reward, over, False, {}


class NoSignal(Sound):
    def step(self, action):
        seen, _, *rest = super().step(action)
        return (seen, 0.0, *rest)


class PaysAfterEnd(Sound):
    def step(self, action):
        self.over = False
        return super().step(action)


class ChangesWhatWasSeen(Sound):
    """One list is returned again and again."""

    def seen(self):
        self.shown = getattr(self, "shown", [0, 0])
        self.shown[:] = super().seen()
        return self.shown


class PaysNonsense(Sound):
    """What is no action counts as right."""

    def step(self, action):
        return self.judged(action not in (0, 1) or action == self.bits[-1])


class PaysOneAction(Sound):
    """The second action is right, whatever is seen; the stated maximum is 1."""

    def step(self, action):
        return self.seen(), float(action == 1), True, False, {}


class Dies(Sound):
    def step(self, action):
        os._exit(3)


NOTHING = 5
