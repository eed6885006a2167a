"""Environments of TRL's kind: a sound one, and others with one fault each."""


class Guess:
    """Find a number from 0 to 5 with two guesses; the reward is whether it was found."""

    def reset(self, number: int) -> str:
        self.number, self.found, self.left = number, False, 2
        return "A number from 0 to 5."

    def guess(self, value: int) -> str:
        """Say a number.

        Args:
            value: the number.
        """
        if self.left == 0:
            raise ValueError("no guesses are left")
        self.left -= 1
        self.found = self.found or value == self.number
        return "yes" if value == self.number else "no"

    def get_reward(self) -> float:
        return float(self.found)


class Keeps(Guess):
    """What was found in the last episode is never cleared."""

    found = False

    def reset(self, number: int) -> str:
        self.number, self.left = number, 2
        return "A number from 0 to 5."


class NoReward:
    def reset(self) -> str:
        return ""


class RaisesInReward(Guess):
    def get_reward(self) -> float:
        return 1 / 0


class PaysIdle(Guess):
    """Doing nothing is paid in full."""

    def get_reward(self) -> float:
        return float(self.found or self.left == 2)


class Hurts(Guess):
    """A wrong guess is paid below the stated range."""

    def get_reward(self) -> float:
        return float(self.found) if self.left == 2 or self.found else -1.0
