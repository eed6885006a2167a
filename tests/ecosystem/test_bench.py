"""The contenders of other libraries learn something: the tutorial's first stage is theirs, too."""

from importlib import import_module

import pytest

from contenders import OTHERS

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.fixture(autouse=True)
def one_thread():
    torch = pytest.importorskip("torch")
    yield
    torch.set_num_threads(1)


@pytest.mark.slow
def test_jax_learns_the_first_stage():
    pytest.importorskip("jax")
    from contenders.in_jax import build

    update = build(256, 1)
    rewards = [update()[1] for _ in range(400)]
    assert sum(rewards[:5]) / 5 < 0.1
    assert sum(rewards[-20:]) / 20 > 0.9


def test_the_game_of_jax_is_that_of_numpy():
    pytest.importorskip("jax")
    import jax.numpy as jnp
    import numpy as np

    from contenders import in_jax
    from contenders.game import Game

    game = Game(3000, seed=3)
    digits = jnp.array(game.observation[:, :50].reshape(-1, 5, 10).argmax(2)[:, :3])
    no = jnp.zeros(3000, bool)
    state = (jnp.zeros(3000, digits.dtype), no, no, ~no)
    running = np.ones(3000, bool)
    for keys in np.random.default_rng(4).integers(10, 18, (6, 3000)):
        reward, _ = game.step(keys)
        state, earned = in_jax.press(state, jnp.array(keys), digits)
        assert (np.array(earned) == reward * running).all()
        running &= keys != 14
        assert (np.array(state[0]) == game.value).all()


def moved(weights, before):
    """The share of the weights' tensors that are no longer what they were."""
    pairs = zip(weights, before, strict=True)
    return sum(not weight.equal(old) for weight, old in pairs) / len(before)


@pytest.mark.parametrize("kind", ["a2c", "recurrent_ppo", "gymnasium"])
def test_stable_baselines_presses_and_steps(kind):
    pytest.importorskip("sb3_contrib")
    from stable_baselines3.common.vec_env import DummyVecEnv

    from contenders import sb3

    make = sb3.recurrent_ppo if kind == "recurrent_ppo" else sb3.a2c
    single = [lambda seed=seed: sb3.OneGame(seed) for seed in range(16)]
    model = make(DummyVecEnv(single) if kind == "gymnasium" else sb3.NumpyGames(16))
    weights = list(model.policy.parameters())
    before = [weight.detach().clone() for weight in weights]
    sb3.updates(model, 1)()
    assert model.rollout_buffer.rewards.shape == (6, 16)
    assert model.rollout_buffer.full
    assert model.num_timesteps == 6 * 16
    assert moved(weights, before) > 0.7


def test_a_gymnasium_game_is_a_row_of_the_batched_one():
    pytest.importorskip("stable_baselines3")
    import numpy as np
    from stable_baselines3.common.env_checker import check_env

    from contenders.game import Game
    from contenders.sb3 import OneGame

    check_env(OneGame(0))
    dice = np.random.default_rng(5)
    for seed in range(40):
        one, game = OneGame(seed), Game(1)
        shown, _ = one.reset()
        digits = np.array(one.problem.operands)
        game.product[0], game.third[0] = digits[0] * digits[1], digits[2]
        game.observation[0, :50] = np.eye(10)[digits].ravel()
        assert (shown == game.observation[0]).all()
        for key in dice.choice([11, 12, 13, 14, 15, 16], 6):
            shown, reward, terminated, truncated, _ = one.step(key)
            earned, over = game.step(np.array([key]))
            assert (shown == game.observation[0]).all()
            assert (reward, terminated or truncated) == (earned[0], over[0])
            if over[0]:
                break


def test_torchrl_conforms_and_steps():
    pytest.importorskip("torchrl")
    from torchrl.envs.utils import check_env_specs

    from contenders.in_torchrl import NumpyGames, networks, updates

    check_env_specs(NumpyGames(8))
    memory, actor, critic = networks()
    weights = [*actor.parameters(), *critic.parameters()]
    before = [weight.detach().clone() for weight in weights]
    loss = updates(memory, actor, critic, 32)()
    assert abs(loss) < 10
    assert moved(weights, before) == 1


@pytest.mark.parametrize(
    "contender", [one for one in OTHERS if one.needs], ids=lambda one: one.name
)
def test_a_contender_can_be_built_where_what_it_needs_is_installed(contender):
    for name in contender.needs:
        pytest.importorskip(name)
    module, function = contender.build.split(":")
    assert callable(getattr(import_module(module), function))
    assert contender.missing == ""
