"""A `TaskVectorEnv` as the `VecEnv` of Stable-Baselines3 and sb3-contrib.

Their own `DummyVecEnv` steps single environments in a loop; this one steps all at once.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from inwit.errors import InvalidOption
from inwit.gymnasium.vector import TaskVectorEnv

try:
    from stable_baselines3.common.vec_env import VecEnv
except ImportError as error:
    reason = "stable_baselines3 is not installed: pip install stable-baselines3"
    raise InvalidOption(reason) from error


class StableBaselinesEnv(VecEnv):
    """Many episodes at once for PPO, MaskablePPO, RecurrentPPO, ..."""

    def __init__(self, env: TaskVectorEnv) -> None:
        """Wrap a vector environment.

        Args:
            env: with autoreset in the same step.

        Raises:
            InvalidOption: its autoreset mode is another one.
        """
        if env.autoreset_mode != AutoresetMode.SAME_STEP:
            raise InvalidOption(f"autoreset_mode {env.autoreset_mode.value}: use SameStep")
        self.env, self.render_mode = env, None
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> NDArray[np.float32]:
        """Start the next problem in every row, with the seeds of `seed()` if given."""
        seeds = None if all(seed is None for seed in self._seeds) else self._seeds
        observations, _ = self.env.reset(seed=seeds)
        self._reset_seeds()
        return observations

    def step_async(self, actions: NDArray[np.integer[Any]]) -> None:
        """Store the keys to press."""
        self._actions = actions

    def step_wait(
        self,
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """Press the stored keys."""
        observations, reward, terminated, truncated, info = self.env.step(self._actions)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        over = terminated | truncated
        for row in np.flatnonzero(over):
            infos[row] = {
                "terminal_observation": info["final_obs"][row],
                "TimeLimit.truncated": bool(truncated[row]),
                "is_success": bool(info["final_info"]["is_success"][row]),
            }
        return observations, reward.astype(np.float32), over, infos

    def close(self) -> None:
        """Do nothing; nothing is open."""

    def env_method(
        self, method_name: str, *arguments: Any, indices: Any = None, **named: Any
    ) -> list[Any]:
        """Call a method for each row, such as `action_masks`."""
        given = getattr(self.env, method_name)(*arguments, **named)
        return [given[row] for row in self._get_indices(indices)]

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute, the same for each row."""
        return [getattr(self.env, attr_name) for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Refuse: rows have no attributes of their own."""
        raise InvalidOption(f"{attr_name}: an attribute cannot be set for single rows")

    def env_is_wrapped(
        self, wrapper_class: type[Any], indices: int | Iterable[int] | None = None
    ) -> list[bool]:
        """False for every row."""
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """None for every row."""
        return [None] * self.num_envs
