"""What is read and seen, as one vector of noughts and ones for each episode.

| part | what it is | places |
| --- | --- | --- |
| `previous` | the key pressed before | keys |
| `seen` | one number for each thing seen: of a streamed problem three | their values, in a row |
| `prompt` | of a problem read as a prompt: all its symbols, by place | length x symbols |
| `level` | where the task shows it | levels |
| `history` | where it is asked for: the keys pressed so far, by place | presses x keys |
| `legal` | the keys that may be pressed; the last part, always | keys |
"""

from itertools import accumulate, pairwise

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from inwit.environment import Environment
from inwit.gymnasium.game import Game
from inwit.trajectory import Observation, Prompt


class Observer:
    """Writes observations into vectors."""

    def __init__(self, game: Game, environment: Environment, *, history: bool) -> None:
        """Lay out the parts.

        Args:
            game: what is played.
            environment: where.
            history: whether the keys pressed so far are told. An agent of ours is not told them.
        """
        task, keys = game.task, len(environment.machine.vocabulary)
        self.keys, self.limit = keys, game.limit
        self._symbols, self._first_level = len(task.symbols), task.levels[0]
        length = 0 if task.rules.stream else game.length
        sizes = {
            "previous": keys,
            "seen": sum(environment.observation_sizes),
            "prompt": length * self._symbols,
            "level": len(task.levels) if task.shows_level else 0,
            "history": game.limit * keys if history else 0,
            "legal": keys,
        }
        borders = pairwise(accumulate(sizes.values(), initial=0))
        self.parts: dict[str, slice] = {
            name: slice(*border)
            for name, border in zip(sizes, borders, strict=True)
            if border[0] < border[1]
        }
        """Where each part stands."""
        self.width = sum(sizes.values())
        """How long a vector is."""
        seen = self.parts.get("seen", slice(0, 0)).start
        self._seen = np.array([*accumulate(environment.observation_sizes, initial=seen)][:-1], int)

    def first(self, prompt: Prompt, observation: Observation) -> Float[NDArray[np.float32], "B W"]:
        """What is read and seen before the first press."""
        symbols = prompt.symbols.numpy()
        vectors = np.zeros((len(symbols), self.width), np.float32)
        if "prompt" in self.parts:
            row, place = np.nonzero((symbols >= 0) & (symbols < self._symbols))
            column = self.parts["prompt"].start + place * self._symbols + symbols[row, place]
            vectors[row, column] = 1
        if "level" in self.parts:
            level = prompt.level.numpy() - self._first_level
            vectors[np.arange(len(level)), self.parts["level"].start + level] = 1
        return self._see(vectors, observation)

    def next(
        self,
        before: Float[NDArray[np.float32], "B W"],
        observation: Observation,
        clock: Int[NDArray[np.int64], " B"],
    ) -> Float[NDArray[np.float32], "B W"]:
        """What is seen after a press.

        Args:
            before: what was seen before it.
            observation: what is seen.
            clock: how many presses there have been.
        """
        vectors = before.copy()
        if "history" in self.parts:
            place = np.minimum(clock, self.limit) - 1
            column = self.parts["history"].start + place * self.keys + observation.previous.numpy()
            vectors[np.arange(len(vectors)), column] = 1
        return self._see(vectors, observation)

    def _see(
        self, vectors: Float[NDArray[np.float32], "B W"], observation: Observation
    ) -> Float[NDArray[np.float32], "B W"]:
        rows = np.arange(len(vectors))
        for part in ("previous", "seen"):
            if part in self.parts:
                vectors[:, self.parts[part]] = 0
        vectors[rows, self.parts["previous"].start + observation.previous.numpy()] = 1
        vectors[rows[:, None], self._seen + observation.seen.numpy()] = 1
        vectors[:, self.parts["legal"]] = observation.legal.numpy()
        return vectors
