"""Many episodes of a task at once: one machine, B rows, no loop over episodes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium.spaces import Discrete
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from jaxtyping import Bool, Float, Int
from numpy.typing import NDArray

from inwit.environment import Environment
from inwit.errors import InvalidOption, UnknownName
from inwit.gymnasium.game import Supply, game, whole
from inwit.gymnasium.observations import Observer
from inwit.tasks import Task
from inwit.tools.numbers import scalar

Vectors = Float[np.ndarray, "B W"]
Flags = Bool[np.ndarray, " B"]


class TaskVectorEnv(VectorEnv[NDArray[np.float32], NDArray[np.int64], NDArray[Any]]):
    """A task as a `gymnasium.vector.VectorEnv`, equal to several `TaskEnv`s in parallel."""

    def __init__(
        self,
        task: Task | str,
        num_envs: int = 1,
        *,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        levels: Sequence[int] | None = None,
        held_out: bool = False,
        history: bool = False,
        masks: bool = True,
        render_mode: str | None = None,
        **options: object,
    ) -> None:
        """Set up the machine.

        Args:
            task: a task, the name of a built-in one, or a file: `my_task.py`.
            num_envs: number of rows B.
            autoreset_mode: when a finished row starts its next episode: at the next step, in the
                same step, or only at `reset` with `options["reset_mask"]`.
            levels: the levels to draw from, uniformly; by default all.
            held_out: draw held-out problems.
            history: include the keys pressed so far, which inwit's own agents do not see.
            masks: show which keys are legal; otherwise all count as legal, and a meaningless
                press is wasted.
            render_mode: None; `TaskEnv` can render an episode.
            options: options of the task: `largest=6`.

        Raises:
            InvalidOption: a number, level or option is invalid.
            UnknownName: there is no such task or option.
        """
        if not isinstance(num_envs, int | np.integer) or num_envs < 1 or render_mode is not None:
            given = f"num_envs {num_envs!r:.40}, render_mode {render_mode!r:.40}"
            raise InvalidOption(f"{given}: give a whole number from 1, and no render mode")
        self._game = game(task, levels=levels, held_out=held_out, **options)
        self._environment = Environment(self._game.task, masks=masks)
        self._observer = Observer(self._game, self._environment, history=history)
        self._supply = Supply(self._game, num_envs)
        self.num_envs, self.render_mode = num_envs, render_mode
        self.autoreset_mode = _mode(autoreset_mode)
        self.metadata = {"render_modes": [], "autoreset_mode": self.autoreset_mode}
        self.single_action_space = Discrete(self._observer.keys)
        self.single_observation_space = self._observer.space
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self._environment.reset(
            self._game.blank(num_envs), limit=self._game.limit, depth=self._game.depth
        )
        self._vectors = np.zeros((num_envs, self._observer.width), np.float32)
        self._over = np.ones(num_envs, bool)

    @property
    def task(self) -> Task:
        """The task."""
        return self._game.task

    @property
    def parts(self) -> dict[str, slice]:
        """The slice of each part of an observation (see `observations`)."""
        return self._observer.parts

    def reset(
        self,
        *,
        seed: object = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Vectors, dict[str, Any]]:
        """Start the next problem in every row, or where `options["reset_mask"]` is true.

        Args:
            seed: seeds the rows with `seed`, `seed + 1`, ..., or a sequence with one seed per row.
            options: `reset_mask`, or nothing.

        Raises:
            InvalidOption: the seeds or the mask do not fit.
        """
        mask = self._mask((options or {}).get("reset_mask"))
        given: Any = scalar(seed)
        if given is None:
            seeds: list[int | None] = [None] * self.num_envs
        elif isinstance(given, Sequence | np.ndarray):
            seeds = [None if each is None else whole("seed", each) for each in given]
        else:
            seeds = [whole("seed", given) + row for row in range(self.num_envs)]
        if len(seeds) != self.num_envs:
            raise InvalidOption(f"{len(seeds)} seeds: give one for each of {self.num_envs}")
        for row in np.flatnonzero(mask).tolist():
            place = seeds[row]
            if place is not None:
                self._supply.seed(row, place)
        self._begin(mask)
        return self._vectors.copy(), self._info(mask)

    def step(
        self, actions: NDArray[np.integer[Any]]
    ) -> tuple[Vectors, Float[np.ndarray, " B"], Flags, Flags, dict[str, Any]]:
        """Press a key in every row.

        Raises:
            InvalidOption: there is no such key, or a row is finished and autoreset is off.
        """
        over = self._over
        mode = self.autoreset_mode
        if over.any() and mode != AutoresetMode.NEXT_STEP:
            rows = np.flatnonzero(over).tolist()
            raise InvalidOption(f"no episode is running in rows {rows!s:.60}: reset them first")
        step = self._environment.step(torch.from_numpy(self._keys(actions)))
        clock = self._environment.clock.numpy()
        self._vectors = self._observer.next(self._vectors, step.observation, clock)
        # Finished rows do not change in the environment: they earn and end nothing.
        reward = step.reward.double().numpy()
        terminated, truncated = step.terminated.numpy(), step.truncated.numpy()
        self._over = terminated | truncated
        info: dict[str, Any] = {}
        if mode == AutoresetMode.NEXT_STEP:
            self._begin(over)
        elif mode == AutoresetMode.SAME_STEP and self._over.any():
            info = self._final(self._over)
            self._begin(self._over)
        info |= self._info(np.ones(self.num_envs, bool))
        return self._vectors.copy(), reward, terminated, truncated, info

    def action_masks(self) -> Int[np.ndarray, "B V"]:
        """The masks of legal keys (B, V)."""
        return self._vectors[:, self.parts["legal"]].astype(np.int8)

    def _begin(self, mask: Flags) -> None:
        """Start the next problem in some rows."""
        rows = np.flatnonzero(mask)
        if len(rows):
            places = torch.from_numpy(rows)
            seen = self._environment.renew(places, self._supply.draw(places))
            self._vectors[rows] = self._observer.first(*seen)
        self._over = self._over & ~mask

    def _final(self, mask: Flags) -> dict[str, Any]:
        """The final observations of finished rows."""
        observations = np.full(self.num_envs, None, dtype=object)
        for row in np.flatnonzero(mask):
            observations[row] = self._vectors[row].copy()
        return {
            "final_obs": observations,
            "_final_obs": mask.copy(),
            "final_info": self._info(mask),
            "_final_info": mask.copy(),
        }

    def _info(self, mask: Flags) -> dict[str, Any]:
        """The infos of `TaskEnv`, row by row; zero where absent."""
        infos: dict[str, NDArray[Any]] = {
            "action_mask": self.action_masks(),
            "is_success": self._environment.right.numpy(),
            "level": self._environment.problems.level.numpy(),
        }
        info: dict[str, Any] = {}
        for name, values in infos.items():
            kept = mask.reshape(-1, *[1] * (values.ndim - 1))
            info[name], info[f"_{name}"] = (
                np.where(kept, values, np.zeros_like(values)),
                mask.copy(),
            )
        return info

    def _mask(self, given: object) -> Flags:
        if given is None:
            return np.ones(self.num_envs, bool)
        mask = np.asarray(given)
        if mask.shape != (self.num_envs,) or mask.dtype != bool or not mask.any():
            raise InvalidOption(
                f"reset_mask {mask.dtype} {mask.shape}: it must be {self.num_envs} booleans, "
                "at least one of them true"
            )
        return mask

    def _keys(self, actions: NDArray[np.integer[Any]]) -> Int[np.ndarray, " B"]:
        keys, count = np.asarray(actions), self._observer.keys
        whole = keys.shape == (self.num_envs,) and np.issubdtype(keys.dtype, np.integer)
        if not whole or keys.min() < 0 or keys.max() >= count:
            raise InvalidOption(
                f"actions {keys.dtype} {keys.shape}: they must be {self.num_envs} whole "
                f"numbers from 0 to {count - 1}"
            )
        return keys.astype(np.int64)


def _mode(given: AutoresetMode | str) -> AutoresetMode:
    try:
        return AutoresetMode(given)
    except ValueError as error:
        names = [mode.value for mode in AutoresetMode]
        raise UnknownName("autoreset_mode", str(given), names) from error
