"""Other libraries, trained through the Gymnasium interface: Stable-Baselines3 and TorchRL.

Each peer is a generator function of a task's name and a seed. It trains until its caller stops
asking; after every batch of presses it yields its current policy. The settings are the libraries'
own defaults for PPO, except for those named here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from comparisons import helped
from inwit.gymnasium import TaskVectorEnv
from inwit.gymnasium.stable_baselines import StableBaselinesEnv

EPISODES, STEPS, MINIBATCH, EPOCHS = 64, 128, 512, 10
"""Episodes side by side; presses of each in a batch; presses in a step of Adam; epochs."""
RATE, DISCOUNT, LAMBDA, CLIP, ENTROPY, VALUE = 3e-4, 0.99, 0.95, 0.2, 0.0, 0.5
WIDTH = 64
"""Units in each of two hidden layers, tanh, of the policy and of the value."""

Act = Callable[[NDArray[np.float32], NDArray[np.int8]], NDArray[np.int64]]
"""Observations and legal keys -> the keys that are pressed, greedily."""


class Counted(TaskVectorEnv):
    """The episodes, counted."""

    episodes = presses = 0

    def step(self, actions):
        """Press, and count."""
        brought = super().step(actions)
        self.presses += self.num_envs
        self.episodes += int((brought[2] | brought[3]).sum())
        return brought


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a training is."""

    episodes: int
    """Episodes so far."""
    presses: int
    """Presses so far."""
    act: Act
    """How it would press now."""


def environment(task: str) -> Counted:
    """The episodes that peers train on: all levels alike, from the first press to the last."""
    return Counted(helped(task).task, num_envs=EPISODES, autoreset_mode=AutoresetMode.SAME_STEP)


def maskable_ppo(task: str, seed: int) -> Iterator[Progress]:
    """MaskablePPO of sb3-contrib: it is told the legal keys, as our agents are."""
    from sb3_contrib import MaskablePPO

    return _stable_baselines(MaskablePPO, task, seed, masked=True)


def ppo(task: str, seed: int) -> Iterator[Progress]:
    """PPO of Stable-Baselines3: it sees which keys are legal, and may press any."""
    from stable_baselines3 import PPO

    return _stable_baselines(PPO, task, seed, masked=False)


def _stable_baselines(algorithm, task: str, seed: int, *, masked: bool) -> Iterator[Progress]:
    place = environment(task)
    model = algorithm(
        "MlpPolicy",
        StableBaselinesEnv(place),
        n_steps=STEPS,
        batch_size=MINIBATCH,
        n_epochs=EPOCHS,
        learning_rate=RATE,
        gamma=DISCOUNT,
        gae_lambda=LAMBDA,
        clip_range=CLIP,
        ent_coef=ENTROPY,
        vf_coef=VALUE,
        seed=seed,
        device="cpu",
    )

    def act(observations, masks):
        known = {"action_masks": masks} if masked else {}
        return model.predict(observations, deterministic=True, **known)[0]

    while True:
        model.learn(STEPS * EPISODES, reset_num_timesteps=False)
        yield Progress(episodes=place.episodes, presses=place.presses, act=act)


class Logits(torch.nn.Module):
    """The scores of the keys, and which are legal: the last part of an observation."""

    def __init__(self, width: int, keys: int) -> None:
        """Two hidden layers."""
        super().__init__()
        self.net, self.keys = _layers(width, keys), keys

    def forward(self, observation):
        """Scores and mask."""
        return self.net(observation), observation[..., -self.keys :] > 0


def _layers(width: int, outputs: int) -> torch.nn.Module:
    from torchrl.modules import MLP

    tanh = torch.nn.Tanh
    return MLP(width, outputs, num_cells=[WIDTH, WIDTH], activation_class=tanh)


def torchrl_ppo(task: str, seed: int) -> Iterator[Progress]:
    """PPO put together from TorchRL's parts, the legal keys told."""
    from tensordict.nn import TensorDictModule
    from torchrl.collectors import Collector
    from torchrl.data import LazyTensorStorage, ReplayBuffer
    from torchrl.data.replay_buffers.samplers import SamplerWithoutReplacement
    from torchrl.envs import GymWrapper
    from torchrl.modules import MaskedCategorical, ProbabilisticActor, ValueOperator
    from torchrl.objectives import ClipPPOLoss
    from torchrl.objectives.value import GAE

    torch.manual_seed(seed)
    place = environment(task)
    width, keys = place.single_observation_space.shape[0], int(place.single_action_space.n)
    wrapped = GymWrapper(place, categorical_action_encoding=True)
    wrapped.set_seed(seed)
    logits = Logits(width, keys)
    actor = ProbabilisticActor(
        TensorDictModule(logits, ["observation"], ["logits", "mask"]),
        in_keys=["logits", "mask"],
        spec=wrapped.full_action_spec_unbatched["action"],
        distribution_class=MaskedCategorical,
        return_log_prob=True,
    )
    critic = ValueOperator(_layers(width, 1), in_keys=["observation"])
    advantage = GAE(gamma=DISCOUNT, lmbda=LAMBDA, value_network=critic)
    loss = ClipPPOLoss(
        actor,
        critic,
        clip_epsilon=CLIP,
        entropy_coeff=ENTROPY,
        critic_coeff=VALUE,
        normalize_advantage=True,
    )
    adam = torch.optim.Adam(loss.parameters(), lr=RATE, eps=1e-5)
    batch = STEPS * EPISODES
    buffer = ReplayBuffer(
        storage=LazyTensorStorage(batch),
        sampler=SamplerWithoutReplacement(),
        batch_size=MINIBATCH,
    )

    def act(observations, masks):
        with torch.no_grad():
            scores, legal = logits(torch.from_numpy(observations))
        return scores.masked_fill(~legal, -torch.inf).argmax(-1).numpy()

    for frames in Collector(wrapped, actor, frames_per_batch=batch, total_frames=-1):
        with torch.no_grad():
            advantage(frames)
        buffer.empty()
        buffer.extend(frames.reshape(-1))
        for _ in range(EPOCHS * batch // MINIBATCH):
            parts = loss(buffer.sample())
            total = parts["loss_objective"] + parts["loss_critic"] + parts["loss_entropy"]
            adam.zero_grad()
            total.backward()
            torch.nn.utils.clip_grad_norm_(loss.parameters(), 0.5)
            adam.step()
        yield Progress(episodes=place.episodes, presses=place.presses, act=act)


PEERS: dict[str, Callable[[str, int], Iterator[Progress]]] = {
    "sb3-contrib MaskablePPO": maskable_ppo,
    "TorchRL PPO, legal keys told": torchrl_ppo,
    "Stable-Baselines3 PPO": ppo,
}
