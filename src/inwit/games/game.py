"""A world as a game for rollouts (see `training.rollout.Game`).

Keys 0 to V - 2 are the actions; the last key is the previous key at the start of an episode.
"""

import time
from abc import ABC, abstractmethod
from array import array
from collections.abc import MutableSequence, Sequence

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from inwit.environment import Transition
from inwit.errors import DamagedRun, InwitError
from inwit.games.base import Copies, Seen, WorldSpec
from inwit.games.ledger import Ledger
from inwit.policies import Policy
from inwit.training.rollout import Start
from inwit.trajectory import Observation, Prompt

TRAINING = 0
"""Keeps the seeds of episodes apart from those that are scored (`scores.fresh_seeds`)."""
BOUND = 10.0
"""Bound of a scaled reward: the first rewards after a long silence would be enormous."""


class WindowGame(ABC):
    """Continuing episodes, side by side."""

    final: Observation | None = None
    """See `training.rollout.Game`."""

    def __init__(self, spec: WorldSpec, count: int, *, discount: float, device: str) -> None:
        """Prepare the observations.

        Args:
            spec: the sizes of the world.
            count: B, the episodes side by side.
            discount: gamma, for the scale of the rewards.
            device: where the policy is.
        """
        self.spec, self.count, self.device = spec, count, torch.device(device)
        self.first_key = len(spec.actions)
        self.scale = 1.0
        """The divisor of rewards."""
        self.ledger = Ledger(count=count, discount=discount)
        self.starting = torch.ones(count, dtype=torch.bool, device=self.device)
        self.right = torch.zeros(count, dtype=torch.bool, device=self.device)
        legal = torch.ones(count, self.first_key + 1, dtype=torch.bool, device=self.device)
        legal[:, -1] = False
        self._legal = legal
        self._rewards: list[Float[np.ndarray, " B"]] = []

    @abstractmethod
    def open(self) -> Observation:
        """Begin the first episodes."""

    @abstractmethod
    def press(self, key: Int[Tensor, " B"]) -> tuple[Observation, Transition]:
        """Act once in every running episode."""

    def rewards(self, made: Transition) -> Float[Tensor, "T B"]:
        """The rewards of a window, divided by `scale` and bounded by `BOUND`."""
        earned, self._rewards = np.stack(self._rewards), []
        bounded = np.clip(earned / self.scale, -BOUND, BOUND) if self.scale != 1 else earned
        return torch.from_numpy(bounded).float().to(self.device)

    def start(self, policy: Policy) -> Start:
        """The start of the first window."""
        prompt = self.prompt
        return Start(
            problem=prompt.level,
            level=prompt.level,
            prompt=prompt,
            observation=self.open(),
            memory=tuple(each.detach() for each in policy.begin(prompt)),
            starts=self.starting,
        )

    @property
    def prompt(self) -> Prompt:
        """An empty prompt."""
        zeros = torch.zeros(self.count, dtype=torch.long, device=self.device)
        return Prompt(symbols=zeros[:, None][:, :0], level=zeros)

    def shown(self, seen: Seen, previous: Int[Tensor, " B"]) -> Observation:
        """The observation of the policy."""
        return Observation(
            previous=previous,
            seen=torch.from_numpy(seen.fields).to(self.device),
            legal=self._legal,
            values=torch.from_numpy(seen.values).to(self.device),
        )

    def fresh(self) -> Int[Tensor, " B"]:
        """The previous key of episodes that begin."""
        return torch.full((self.count,), self.first_key, device=self.device)

    def recorded(
        self,
        reward: Float[np.ndarray, " B"],
        active: Bool[np.ndarray, " B"],
        terminated: Bool[np.ndarray, " B"],
        truncated: Bool[np.ndarray, " B"],
    ) -> Transition:
        """Record one action of every copy."""
        self._rewards.append(reward)
        self.ledger.add(reward, active, terminated | truncated)
        pressed, over, cut = (
            torch.from_numpy(each).to(self.device) for each in (active, terminated, truncated)
        )
        never = torch.zeros_like(pressed)
        return Transition(
            pressed=pressed,
            meant=pressed,
            answered=never,
            failed=never,
            terminated=over,
            truncated=cut,
        )


class SeededGame(WindowGame):
    """Copies with episodes from seeds: the state of the game is a few seeds and actions."""

    def __init__(self, copies: Copies, seed: int, *, discount: float = 1.0, device: str = "cpu"):
        """Play in copies of a world.

        Args:
            copies: of the world.
            seed: fixes the seeds of all episodes.
            discount: gamma, for the scale of the rewards.
            device: where the policy is.
        """
        super().__init__(copies.spec, copies.count, discount=discount, device=device)
        self.copies, self.seed = copies, seed
        self.episode = np.zeros(self.count, np.int64)
        """The number of each copy's episode, from 0."""
        self.actions = [self._recorder() for _ in range(self.count)]
        """Its actions so far; in an endless episode, all since the run began."""
        self.over = np.zeros(self.count, np.bool_)
        """It is over and shows its last observation."""
        self.stepping = 0.0
        """Seconds in which the copies have worked."""

    def open(self) -> Observation:
        """Begin the first episode of every copy."""
        self._begin()
        return self.shown(self.copies.see(), self.fresh())

    def press(self, key: Int[Tensor, " B"]) -> tuple[Observation, Transition]:
        """Act in running episodes; begin the next one after the others."""
        numbers, active, begun = key.cpu().numpy(), ~self.over, np.flatnonzero(self.over).tolist()
        self.episode[begun] += 1
        start = time.perf_counter()
        outcome = self.copies.advance(numbers, active, begun, self._seeds_of(begun))
        self.stepping += time.perf_counter() - start
        for row in np.flatnonzero(active).tolist():
            self.actions[row].append(int(numbers[row]))
        for row in begun:
            del self.actions[row][:]
        made = self.recorded(outcome.reward, active, outcome.terminated, outcome.truncated)
        self.starting = ~made.pressed
        self.over = outcome.terminated | outcome.truncated
        previous = torch.where(self.starting, self.first_key, key)
        return self.shown(self.copies.see(), previous), made

    def _begin(self) -> None:
        """Begin the current episode of every copy anew."""
        rows = range(self.count)
        self.copies.reset(rows, self._seeds_of(rows))

    def _seeds_of(self, rows: Sequence[int]) -> list[int]:
        """The seeds of the current episodes of some copies."""
        return [self._seed_of(row) for row in rows]

    def _seed_of(self, row: int) -> int:
        """The seed of a copy's current episode."""
        place = (TRAINING, row, int(self.episode[row]))
        drawn = np.random.SeedSequence(self.seed, spawn_key=place)
        return int(drawn.generate_state(1)[0])

    def _recorder(self, actions: Int[np.ndarray, " steps"] | None = None) -> MutableSequence[int]:
        """Actions that grow in place, in one byte each where that is enough."""
        kind = "B" if self.first_key <= 2**8 else "h"
        return array(kind, b"" if actions is None else actions.astype(kind).tobytes())

    def state(self) -> dict[str, Tensor]:
        """The state for returning to this place by replaying the current episodes."""
        seen = self.copies.see()
        return {
            "episode": torch.from_numpy(self.episode.copy()),
            "over": torch.from_numpy(self.over.copy()),
            "actions": torch.from_numpy(
                np.concatenate([np.asarray(each) for each in self.actions])
            ),
            "lengths": torch.tensor([len(each) for each in self.actions]),
            "earned": torch.from_numpy(self.ledger.earned.copy()),
            "discounted": torch.from_numpy(self.ledger.discounted.copy()),
            "fields": torch.from_numpy(seen.fields),
            "values": torch.from_numpy(seen.values),
        }

    def restore(self, state: dict[str, Tensor]) -> Observation:
        """Return to a place by replaying.

        Raises:
            DamagedRun: the same seeds and actions lead to another place.
        """
        self.episode, self.over = state["episode"].numpy().copy(), state["over"].numpy().copy()
        lengths = state["lengths"].numpy()
        parts = np.split(state["actions"].numpy(), lengths.cumsum()[:-1])
        self.actions = [self._recorder(part) for part in parts]
        seen = self._replayed(state)
        self.ledger.earned = state["earned"].numpy().copy()
        self.ledger.discounted = state["discounted"].numpy().copy()
        self.ledger.steps = np.where(self.over, 0, lengths)
        last = [each[-1] if each else self.first_key for each in self.actions]
        return self.shown(seen, torch.tensor(last, device=self.device))

    def move(self, copies: Copies) -> None:
        """Go on in other copies of the same world, in the middle of the same episodes.

        Raises:
            DamagedRun: they do something else after the same seeds and actions.
            InvalidOption: they raise. In both cases the game stays where it was.
        """
        before, state = self.copies, self.state()
        self.copies = copies
        try:
            self.restore(state)
        except InwitError:
            self.copies = before
            raise
        copies.cpu += before.cpu
        before.close()

    def _replayed(self, state: dict[str, Tensor]) -> Seen:
        """Play the current episodes again; what they show in the end."""
        self._begin()
        lengths = np.array([len(each) for each in self.actions])
        earned, ended = np.zeros(self.count), np.zeros(self.count, np.bool_)
        for place in range(int(lengths.max())):
            active = place < lengths
            numbers = [each[place] if place < len(each) else 0 for each in self.actions]
            outcome = self.copies.step(np.array(numbers), active)
            ended = ended | outcome.terminated | outcome.truncated
            earned = np.where(ended, 0.0, earned + outcome.reward)
        seen = self.copies.see()
        again = map(torch.from_numpy, (seen.fields, seen.values, earned, ended))
        before = (state[name] for name in ("fields", "values", "earned", "over"))
        if not all(map(torch.equal, again, before)):
            reason = "the environment does something else after the same seed and actions"
            raise DamagedRun(f"the run cannot be resumed: {reason}")
        return seen
