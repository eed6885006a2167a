"""Stable-Baselines3 as a contender: A2C without memory, and sb3-contrib's RecurrentPPO.

An update is a call of `collect_rollouts`, six presses in every episode, and one of `train`. What
`learn` does besides, its log and its callbacks, is left away, to their favour.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import gymnasium
import numpy as np
import torch
from numpy.typing import NDArray
from stable_baselines3 import A2C
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from contenders.game import DIGITS, KEYS, PREVIOUS, SIZE, Game
from inwit.bench.contenders import PRESSES, STEP_SIZE, WIDTH, LeftOut, Update
from tutorial_as_published import ANS, CTX, Problem
from tutorial_as_published import press as press_one

GAMES = 192
"""The most Gymnasium environments that are held in one process."""
SEEN = gymnasium.spaces.Box(0, 1, (SIZE,), np.float32)
PRESSED = gymnasium.spaces.Discrete(KEYS)
SAME: dict[str, Any] = {
    "n_steps": PRESSES,
    "gamma": 1.0,
    "ent_coef": 0.01,
    "max_grad_norm": 1.0,
    "learning_rate": STEP_SIZE,
    "device": "cpu",
    "seed": 0,
}


class NumpyGames(VecEnv):
    """The batched game as Stable-Baselines3 wants it: episodes that end are begun again at once."""

    def __init__(self, episodes: int) -> None:
        """Begin all episodes."""
        super().__init__(episodes, SEEN, PRESSED)
        self.game = Game(episodes)
        self.told: list[dict[str, Any]] = [{} for _ in range(episodes)]
        self.keys: NDArray[np.int64] = np.zeros(episodes, np.int64)

    def reset(self) -> NDArray[np.float32]:
        """Begin all episodes again."""
        self.game.begin(self.game.all)
        return self.game.observation.copy()

    def step_async(self, actions: NDArray[np.int64]) -> None:
        """Keep the keys."""
        self.keys = actions

    def step_wait(self) -> Any:
        """Press them."""
        reward, over = self.game.step(self.keys)
        self.game.begin(over.nonzero()[0])
        return self.game.observation.copy(), reward, over, self.told

    def close(self) -> None:
        """Nothing is held."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """What is asked of each environment: none draws pictures."""
        return [None] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Nothing can be set."""

    def env_method(
        self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any
    ) -> list[Any]:
        """No environment has methods of its own."""
        return [None] * self.num_envs

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """None is."""
        return [False] * self.num_envs


class OneGame(gymnasium.Env[NDArray[np.float32], np.int64]):
    """One episode as people write environments for Gymnasium: in Python."""

    observation_space, action_space = SEEN, PRESSED

    def __init__(self, seed: int) -> None:
        """Draw its problems from a seed."""
        self.generator = np.random.default_rng(seed)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Begin a new problem."""
        super().reset(seed=seed)
        self.problem = Problem(0, tuple(self.generator.integers(0, 10, DIGITS).tolist()))
        self.value: int | None = None
        self.stored, self.clock = False, 0
        return self._shown(CTX), {}

    def step(
        self, action: np.int64
    ) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Press a key."""
        key = int(action)
        right = key == ANS and self.value == self.problem.goal
        self.value, self.stored = press_one(key, self.value, self.stored, self.problem)
        self.clock += 1
        truncated = key != ANS and self.clock >= PRESSES
        return self._shown(key), float(right), key == ANS, truncated, {}

    def _shown(self, previous: int) -> NDArray[np.float32]:
        shown = np.zeros(SIZE, np.float32)
        for place, digit in enumerate(self.problem.operands):
            shown[10 * place + digit] = 1
        shown[10 * DIGITS] = shown[PREVIOUS + previous] = 1
        shown[-3:] = self.value is not None, self.stored, self.clock / PRESSES
        return shown


class Quiet(BaseCallback):
    """Goes on, always."""

    def _on_step(self) -> bool:
        return True


def build(episodes: int, threads: int) -> Update:
    """A2C of an MLP on the batched game."""
    return updates(a2c(NumpyGames(episodes)), threads)


def build_gymnasium(episodes: int, threads: int) -> Update:
    """A2C of an MLP on Gymnasium environments, one for each episode.

    Raises:
        LeftOut: there would be too many environments.
    """
    if episodes > GAMES:
        raise LeftOut(f"a Python object for each episode: measured with {GAMES} of them")
    games: list[Callable[[], Any]] = [partial(OneGame, seed) for seed in range(episodes)]
    return updates(a2c(DummyVecEnv(games)), threads)


def build_recurrent(episodes: int, threads: int) -> Update:
    """RecurrentPPO, one epoch and one minibatch: a step of A2C on episodes read twice."""
    return updates(recurrent_ppo(NumpyGames(episodes)), threads)


def a2c(games: VecEnv) -> OnPolicyAlgorithm:
    """A2C with a layer each for policy and value, and Adam."""
    return A2C(
        "MlpPolicy",
        games,
        use_rms_prop=False,
        policy_kwargs={"net_arch": [WIDTH]},
        **SAME,
    )


def recurrent_ppo(games: VecEnv) -> OnPolicyAlgorithm:
    """PPO with one recurrent network, whose heads are linear, for policy and value."""
    from sb3_contrib import RecurrentPPO

    return RecurrentPPO(
        "MlpLstmPolicy",
        games,
        batch_size=PRESSES * games.num_envs,
        n_epochs=1,
        policy_kwargs={
            "net_arch": [],
            "lstm_hidden_size": WIDTH,
            "shared_lstm": True,
            "enable_critic_lstm": False,
        },
        **SAME,
    )


def updates(model: OnPolicyAlgorithm, threads: int) -> Update:
    """Presses and a step, without a log."""
    torch.set_num_threads(threads)
    model.set_logger(Logger(folder=None, output_formats=[]))
    _, quiet = model._setup_learn(10**12, callback=Quiet())
    games: Any = model.env

    def update() -> None:
        model.collect_rollouts(games, quiet, model.rollout_buffer, n_rollout_steps=PRESSES)
        model.train()

    return update
