"""TorchRL as a contender: a collector, generalised advantages and A2C on a gated recurrent unit.

An update is a batch of the collector, six presses in every episode, and one step on the loss, for
which the episodes are read a second time in recurrent mode: its components are made so.
"""

from typing import Any

import torch
from tensordict import TensorDict, TensorDictBase
from tensordict.nn import TensorDictModule, TensorDictSequential
from torch import nn
from torch.distributions import Categorical
from torchrl.collectors import Collector
from torchrl.data import Categorical as OneOf
from torchrl.data import Composite, Unbounded
from torchrl.envs import EnvBase, InitTracker, TransformedEnv
from torchrl.modules import GRUModule, ProbabilisticActor, set_recurrent_mode
from torchrl.objectives import A2CLoss
from torchrl.objectives.value import GAE

from contenders.game import KEYS, SIZE, Game
from inwit.bench.contenders import PRESSES, STEP_SIZE, WIDTH, Update


class NumpyGames(EnvBase):
    """The batched game as TorchRL wants it; its collector begins episodes that are over again."""

    batch_locked = True

    def __init__(self, episodes: int) -> None:
        """Begin all episodes."""
        super().__init__(device="cpu", batch_size=[episodes])
        shape = (episodes,)
        self.observation_spec = Composite(
            observation=Unbounded(shape=(episodes, SIZE)), shape=shape
        )
        self.action_spec = OneOf(KEYS, shape=shape)
        self.reward_spec = Unbounded(shape=(episodes, 1))
        self.game = Game(episodes)

    def _reset(self, tensordict: TensorDictBase | None = None, **_: Any) -> TensorDictBase:
        rows = self.game.all
        if tensordict is not None and "_reset" in tensordict:
            rows = tensordict["_reset"][:, 0].numpy().nonzero()[0]
        self.game.begin(rows)
        over = torch.zeros(len(self.game.all), 1, dtype=torch.bool)
        return self._told(done=over, terminated=over.clone())

    def _step(self, tensordict: TensorDictBase) -> TensorDictBase:
        reward, over = self.game.step(tensordict["action"].numpy())
        done = torch.from_numpy(over)[:, None]
        earned = torch.from_numpy(reward)[:, None]
        return self._told(reward=earned, done=done, terminated=done.clone())

    def _told(self, **fields: torch.Tensor) -> TensorDict:
        seen = torch.from_numpy(self.game.observation.copy())
        return TensorDict({"observation": seen, **fields}, batch_size=self.batch_size)

    def _set_seed(self, seed: int | None) -> None:
        self.game = Game(self.game.episodes, seed or 0)


def build(episodes: int, threads: int) -> Update:
    """A collector's batch and one step."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    return updates(*networks(), episodes)


def networks() -> tuple[Any, Any, Any]:
    """The recurrent unit, the policy and the value, both of which read it."""
    memory = GRUModule(
        input_size=SIZE,
        hidden_size=WIDTH,
        in_keys=["observation", "state", "is_init"],
        out_keys=["read", ("next", "state")],
    )
    scores = TensorDictModule(nn.Linear(WIDTH, KEYS), in_keys=["read"], out_keys=["logits"])
    actor = ProbabilisticActor(
        TensorDictSequential(memory, scores),
        in_keys=["logits"],
        distribution_class=Categorical,
        return_log_prob=True,
    )
    value = TensorDictModule(nn.Linear(WIDTH, 1), in_keys=["read"], out_keys=["state_value"])
    return memory, actor, TensorDictSequential(memory, value)


def updates(memory: Any, actor: Any, critic: Any, episodes: int) -> Update:
    """A batch of episodes and one step of Adam, again and again."""
    games = TransformedEnv(NumpyGames(episodes), InitTracker())
    games.append_transform(memory.make_tensordict_primer())
    advantages = GAE(gamma=1.0, lmbda=1.0, value_network=critic, shifted=True)
    loss = A2CLoss(actor, critic, entropy_coeff=0.01, critic_coeff=0.5, loss_critic_type="l2")
    parameters = list(loss.parameters())
    optimiser = torch.optim.Adam(parameters, STEP_SIZE)
    collector = iter(Collector(games, actor, frames_per_batch=PRESSES * episodes, total_frames=-1))

    def update() -> float:
        episodes = next(collector)
        with set_recurrent_mode(True):
            with torch.no_grad():
                advantages(episodes)
            told = loss(episodes)
            total = told["loss_objective"] + told["loss_critic"] + told["loss_entropy"]
            total.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        optimiser.zero_grad()
        return float(total.detach())

    return update
