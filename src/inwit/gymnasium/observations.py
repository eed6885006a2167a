"""Observations as one vector per episode: zeros, ones and the numbers seen.

| part | meaning | columns |
| --- | --- | --- |
| `previous` | the key pressed before | keys |
| `seen` | one-hot observation fields; three for a streamed problem | their sizes |
| `values` | the numbers seen at this press, if the task shows some | numbers |
| `prompt` | the symbols of a prompt, by position | length x symbols |
| `prompt_values` | the numbers seen at each symbol, by position | length x numbers |
| `level` | if the task shows it | levels |
| `history` | if requested: the keys pressed so far, by press | presses x keys |
| `legal` | the legal keys; always the last part | keys |
"""

from itertools import accumulate, pairwise

import numpy as np
from gymnasium.spaces import Box
from jaxtyping import Float, Int

from inwit.environment import Environment
from inwit.gymnasium.game import Game
from inwit.trajectory import Observation, Prompt

NUMBERS = ("values", "prompt_values")
"""Parts that hold numbers."""


class Observer:
    """Encodes observations as vectors."""

    def __init__(self, game: Game, environment: Environment, *, history: bool) -> None:
        """Lay out the parts.

        Args:
            game: the task and its levels.
            environment: the batched environment.
            history: include the keys pressed so far, which inwit's own agents do not see.
        """
        task, keys = game.task, len(environment.machine.vocabulary)
        self.keys, self.limit = keys, game.limit
        self._symbols, self._first_level = len(task.symbols), task.levels[0]
        length = 0 if task.rules.stream else game.length
        sizes = {
            "previous": keys,
            "seen": sum(environment.observation_sizes),
            "values": task.press_values,
            "prompt": length * self._symbols,
            "prompt_values": length * task.prompt_values,
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
        """The slice of each part."""
        self.width = sum(sizes.values())
        """Length W of a vector."""
        seen = self.parts.get("seen", slice(0, 0)).start
        self.space = self._space()
        """Noughts and ones; numbers that are seen have no bounds."""
        self._seen = np.array([*accumulate(environment.observation_sizes, initial=seen)][:-1], int)

    def _space(self) -> Box:
        numbers = [self.parts[name] for name in NUMBERS if name in self.parts]
        if not numbers:
            return Box(0, 1, (self.width,), np.float32)
        high = np.ones(self.width, np.float32)
        low = np.zeros(self.width, np.float32)
        for part in numbers:
            low[part], high[part] = -np.inf, np.inf
        return Box(low, high, dtype=np.float32)

    def first(self, prompt: Prompt, observation: Observation) -> Float[np.ndarray, "B W"]:
        """Vectors (B, W) before the first press."""
        symbols = prompt.symbols.numpy()
        vectors = np.zeros((len(symbols), self.width), np.float32)
        if "prompt" in self.parts:
            row, place = np.nonzero((symbols >= 0) & (symbols < self._symbols))
            column = self.parts["prompt"].start + place * self._symbols + symbols[row, place]
            vectors[row, column] = 1
        if "level" in self.parts:
            level = prompt.level.numpy() - self._first_level
            vectors[np.arange(len(level)), self.parts["level"].start + level] = 1
        if "prompt_values" in self.parts:
            values = prompt.values.flatten(1).numpy()
            start = self.parts["prompt_values"].start
            vectors[:, start : start + values.shape[1]] = values
        return self._see(vectors, observation)

    def next(
        self,
        before: Float[np.ndarray, "B W"],
        observation: Observation,
        clock: Int[np.ndarray, " B"],
    ) -> Float[np.ndarray, "B W"]:
        """Vectors (B, W) after a press.

        Args:
            before: the previous vectors.
            observation: the new observation.
            clock: number of presses so far.
        """
        vectors = before.copy()
        if "history" in self.parts:
            place = np.minimum(clock, self.limit) - 1
            column = self.parts["history"].start + place * self.keys + observation.previous.numpy()
            vectors[np.arange(len(vectors)), column] = 1
        return self._see(vectors, observation)

    def _see(
        self, vectors: Float[np.ndarray, "B W"], observation: Observation
    ) -> Float[np.ndarray, "B W"]:
        rows = np.arange(len(vectors))
        for part in ("previous", "seen"):
            if part in self.parts:
                vectors[:, self.parts[part]] = 0
        vectors[rows, self.parts["previous"].start + observation.previous.numpy()] = 1
        vectors[rows[:, None], self._seen + observation.seen.numpy()] = 1
        if "values" in self.parts:
            vectors[:, self.parts["values"]] = observation.values.numpy()
        vectors[:, self.parts["legal"]] = observation.legal.numpy()
        return vectors
