"""A live vector environment of Gymnasium, in each of its three autoreset modes.

    NextStep    an episode that is over shows its last observation for one row, as in our own games
    SameStep    the next episode is shown at once; the last observation is in `info["final_obs"]`
    Disabled    the last observation is shown, and we reset at once, with a mask

Its state cannot be restored, so a run in it cannot be resumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from inwit.environment import Transition
from inwit.errors import InvalidOption
from inwit.extras import require
from inwit.games import calls
from inwit.games.base import Copies, Seen, World
from inwit.games.game import WindowGame
from inwit.games.spaces import Actions, Observed, spec_of
from inwit.trajectory import Observation

NEEDED = ("single_observation_space", "single_action_space", "num_envs", "metadata")
"""What a vector environment says of itself."""


def is_vector_environment(given: object) -> bool:
    """It is a vector environment of Gymnasium."""
    parents = type(given).__mro__
    if not any(each.__module__.startswith("gymnasium.") for each in parents):
        return False
    return isinstance(given, require("gymnasium", "gymnasium").vector.VectorEnv)


@dataclass(frozen=True, kw_only=True)
class Live(World):
    """A live vector environment."""

    environment: Any = field(compare=False, repr=False)
    """The environment."""

    name = "live"
    fixed = frozenset({"environment"})
    resumable: ClassVar[bool] = False

    @property
    def label(self) -> str:
        """The id of its environment, if it has one."""
        return str(getattr(getattr(self.environment, "spec", None), "id", self.name))

    @property
    def count(self) -> int:
        """How many episodes it has side by side."""
        return int(getattr(self.environment, "num_envs", 1))

    def open(self, count: int) -> Copies:
        """Refuse: there is only one.

        Raises:
            InvalidOption: always.
        """
        how = "train it as gymnasium:ID, whose copies can be made again"
        raise InvalidOption(f"{self.label} is a live vector environment: {how}")


class LiveGame(WindowGame):
    """The episodes of a vector environment."""

    def __init__(self, made: Any, seed: int, *, discount: float = 1.0, device: str = "cpu") -> None:
        """Read its spaces and its autoreset mode.

        Raises:
            InvalidOption: a space or the mode is not supported.
        """
        self.made, self.seed = made, seed
        for name in NEEDED:
            if not hasattr(made, name):
                raise InvalidOption(f"the vector environment has no {name}, as Gymnasium's have")
        space = made.single_observation_space
        self.observed, self.numbered = Observed(space), Actions(made.single_action_space)
        self.in_tuples = isinstance(space, require("gymnasium", "gymnasium").spaces.Tuple)
        spec = spec_of(self.observed, self.numbered)
        super().__init__(spec, int(made.num_envs), discount=discount, device=device)
        mode = (made.metadata or {}).get("autoreset_mode")
        self.mode = str(getattr(mode, "value", mode))
        if self.mode not in ("NextStep", "SameStep", "Disabled"):
            known = "NextStep, SameStep, Disabled"
            raise InvalidOption(f"autoreset_mode {self.mode}: it must be one of {known}")
        self.over = np.zeros(self.count, np.bool_)

    def open(self) -> Observation:
        """Begin the first episodes, from the run's seed."""
        raw = calls.reset(self.made, seed=self.seed % 2**31)
        return self.shown(self._read(raw), self.fresh())

    def press(self, key: Int[Tensor, " B"]) -> tuple[Observation, Transition]:
        """Act in every episode."""
        waits = self.over  # only at the next step: these rows show an end, and are reset now
        raw, reward, over, cut, info = calls.step(
            self.made, self.numbered.several(key.cpu().numpy())
        )
        terminated = calls.ends(over, "terminated", self.count) & ~waits
        truncated = calls.ends(cut, "truncated", self.count) & ~terminated & ~waits
        ended = terminated | truncated
        earned = np.where(waits, 0.0, calls.rewards(reward, self.count))
        made = self.recorded(earned, ~waits, terminated, truncated)
        self.final = None
        if self.mode == "NextStep":
            self.over, begun = ended, waits
        else:
            begun = ended
            if ended.any():
                raw = self._move_on(raw, info, ended, key)
        self.starting = torch.from_numpy(begun).to(self.device)
        previous = torch.where(self.starting, self.first_key, key)
        return self.shown(self._read(raw), previous), made

    def _move_on(
        self,
        raw: Any,
        info: Any,
        ended: Bool[np.ndarray, " B"],
        key: Int[Tensor, " B"],
    ) -> Any:
        """Store the last observations of finished episodes; returns those of the next ones."""
        if self.mode == "Disabled":
            self.final = self.shown(self._read(raw), key)
            return calls.reset(self.made, options={"reset_mask": ended.copy()})
        last = self._read(raw)
        rows = np.flatnonzero(ended).tolist()
        if rows:
            final = self._final(info, rows)
            last.fields[rows], last.values[rows] = final.fields, final.values
        self.final = self.shown(last, key)
        return raw

    def _final(self, info: Any, rows: list[int]) -> Seen:
        """The last observations of some episodes: one each, or batched as all others are."""
        wanted = "with SameStep it must hold the last observations, final_obs"
        if not isinstance(info, Mapping) or "final_obs" not in info:
            has = f"has {[*info]!r:.60}" if isinstance(info, Mapping) else f"is {info!r:.60}"
            raise InvalidOption(f"the environment's info {has}: {wanted}")
        given = info["final_obs"]
        if isinstance(given, Mapping) or (self.in_tuples and isinstance(given, tuple)):
            return self.observed.read(given, self.count, rows)
        try:
            each = [given[row] for row in rows]
        except (TypeError, IndexError, KeyError) as error:
            told = f"the environment's info has final_obs {given!r:.60}"
            raise InvalidOption(f"{told}: {wanted}, of all {self.count} episodes") from error
        return self.observed.read_several(each)

    def _read(self, raw: Any) -> Seen:
        """Copies of its observations, since a vector environment may reuse its arrays."""
        seen = self.observed.read(raw, self.count)
        return Seen(fields=seen.fields.copy(), values=seen.values.copy())
