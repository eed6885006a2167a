"""Many episodes of a task at once: one machine, B rows, no loop over episodes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from gymnasium.spaces import Box, Discrete
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

Vectors = Float[NDArray[np.float32], "B W"]
Flags = Bool[NDArray[np.bool_], " B"]


class TaskVectorEnv(VectorEnv[NDArray[np.float32], NDArray[np.int64], NDArray[Any]]):
    """A task as a `gymnasium.vector.VectorEnv`, equal to so many of `TaskEnv` side by side."""

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
            task: a task, the name of a built-in one, or the file of one: `my_task.py`.
            num_envs: how many episodes.
            autoreset_mode: when an episode that is over makes way for the next: at the next step,
                in the same step, or only at `reset` with `options["reset_mask"]`.
            levels: the levels that problems are drawn from, all alike; by default all.
            held_out: ask problems that training never draws.
            history: tell the keys pressed so far, as our own agents are not told them.
            masks: tell which keys are legal; without, all count as legal, and one that means
                nothing is a wasted press.
            render_mode: None; one episode can be shown by `TaskEnv`.
            options: of the task: `largest=6`.

        Raises:
            InvalidOption: a number, level or option that cannot be.
            UnknownName: there is no such task or option.
        """
        if not isinstance(num_envs, int | np.integer) or num_envs < 1 or render_mode is not None:
            told = f"num_envs {num_envs!r:.40}, render_mode {render_mode!r:.40}"
            raise InvalidOption(f"{told}: a whole number from 1 is due, and no mode of showing")
        self._game = game(task, levels=levels, held_out=held_out, **options)
        self._environment = Environment(self._game.task, masks=masks)
        self._observer = Observer(self._game, self._environment, history=history)
        self._supply = Supply(self._game, num_envs)
        self.num_envs, self.render_mode = num_envs, render_mode
        self.autoreset_mode = _mode(autoreset_mode)
        self.metadata = {"render_modes": [], "autoreset_mode": self.autoreset_mode}
        self.single_action_space = Discrete(self._observer.keys)
        self.single_observation_space = Box(0, 1, (self._observer.width,), np.float32)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self._environment.reset(
            self._game.blank(num_envs), limit=self._game.limit, depth=self._game.depth
        )
        self._vectors = np.zeros((num_envs, self._observer.width), np.float32)
        self._over = np.ones(num_envs, bool)

    @property
    def task(self) -> Task:
        """What is asked."""
        return self._game.task

    @property
    def parts(self) -> dict[str, slice]:
        """Where each part of an observation stands (see `observations`)."""
        return self._observer.parts

    def reset(
        self,
        *,
        seed: object = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Vectors, dict[str, Any]]:
        """Ask the next problem everywhere, or where `options["reset_mask"]` is true.

        Args:
            seed: fixes the problems to come of every row: `seed`, `seed + 1`, ... or one for each.
            options: `reset_mask`, if anything.

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
            raise InvalidOption(f"{len(seeds)} seeds: one for each of {self.num_envs} is due")
        for row in np.flatnonzero(mask).tolist():
            place = seeds[row]
            if place is not None:
                self._supply.seed(row, place)
        self._begin(mask)
        return self._vectors.copy(), self._info(mask)

    def step(
        self, actions: NDArray[np.integer[Any]]
    ) -> tuple[Vectors, Float[NDArray[np.float64], " B"], Flags, Flags, dict[str, Any]]:
        """Press a key in every row.

        Raises:
            InvalidOption: there is no such key, or a row is over and no mode makes it begin anew.
        """
        over = self._over
        mode = self.autoreset_mode
        if over.any() and mode != AutoresetMode.NEXT_STEP:
            rows = np.flatnonzero(over).tolist()
            raise InvalidOption(f"no episode is under way in rows {rows!s:.60}: reset them first")
        step = self._environment.step(torch.from_numpy(self._keys(actions)))
        clock = self._environment.clock.numpy()
        self._vectors = self._observer.next(self._vectors, step.observation, clock)
        # Rows that were over stay as they are in the environment: they earn and end nothing.
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

    def action_masks(self) -> Int[NDArray[np.int8], "B V"]:
        """The legal keys of every row: 1 for each."""
        return self._vectors[:, self.parts["legal"]].astype(np.int8)

    def _begin(self, mask: Flags) -> None:
        """Put the next problem before some rows."""
        rows = np.flatnonzero(mask)
        if len(rows):
            places = torch.from_numpy(rows)
            seen = self._environment.renew(places, self._supply.draw(places))
            self._vectors[rows] = self._observer.first(*seen)
        self._over = self._over & ~mask

    def _final(self, mask: Flags) -> dict[str, Any]:
        """What was seen last in the rows that are over."""
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
        """What `TaskEnv` tells, row by row; noughts where nothing is told."""
        told: dict[str, NDArray[Any]] = {
            "action_mask": self.action_masks(),
            "is_success": self._environment.right.numpy(),
            "level": self._environment.problems.level.numpy(),
        }
        info: dict[str, Any] = {}
        for name, values in told.items():
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
                f"reset_mask {mask.dtype} {mask.shape}: {self.num_envs} booleans are due, at least "
                "one of them true"
            )
        return mask

    def _keys(self, actions: NDArray[np.integer[Any]]) -> Int[NDArray[np.int64], " B"]:
        keys, count = np.asarray(actions), self._observer.keys
        whole = keys.shape == (self.num_envs,) and np.issubdtype(keys.dtype, np.integer)
        if not whole or keys.min() < 0 or keys.max() >= count:
            raise InvalidOption(
                f"actions {keys.dtype} {keys.shape}: {self.num_envs} whole numbers from 0 to "
                f"{count - 1} are due"
            )
        return keys.astype(np.int64)


def _mode(given: AutoresetMode | str) -> AutoresetMode:
    try:
        return AutoresetMode(given)
    except ValueError as error:
        names = [mode.value for mode in AutoresetMode]
        raise UnknownName("autoreset_mode", str(given), names) from error
