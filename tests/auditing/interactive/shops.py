"""Environments of TRL's kind: look up a price, then answer; sound, and with one fault each."""

import random


class Shop:
    """Sound: the price of a thing is looked up, and answered once."""

    def reset(self, thing="", answer="", **others):
        self.thing, self.price, self.said = thing, answer, None
        return f"What does {thing} cost?"

    def look(self, thing: str) -> str:
        """The price of a thing."""
        return self.price if thing == self.thing else "unknown"

    def answer(self, text: str) -> str:
        """Answer, once."""
        if self.said is None:
            self.said = text
        return "noted"

    def get_reward(self):
        return float(self.said == self.price)


class PaysForCalls(Shop):
    """Every call is worth a tenth."""

    calls = 0

    def reset(self, **row):
        self.calls = 0
        return super().reset(**row)

    def look(self, thing: str) -> str:
        self.calls += 1
        return super().look(thing)

    def get_reward(self):
        return super().get_reward() + 0.1 * self.calls


class PaysErrors(Shop):
    """A wrong call is taken for an answer."""

    def answer(self, text: str = "", **others) -> str:
        if others:
            self.said = self.price
            return "error"
        return super().answer(text)


class Changes(Shop):
    """The reward is another at every look."""

    def get_reward(self):
        return super().get_reward() + random.random()


class LetsGuess(Shop):
    """Of many answers one may be right."""

    found = False

    def reset(self, **row):
        self.found = False
        return super().reset(**row)

    def answer(self, text: str) -> str:
        self.found = self.found or text == self.price
        return "noted"

    def get_reward(self):
        return float(self.found)


class PaysUnknown(Shop):
    """A tool that dies takes the process along."""

    def look(self, thing: str) -> str:
        if not isinstance(thing, str):
            import os

            os._exit(1)
        return super().look(thing)
