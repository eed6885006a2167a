"""The contenders of other libraries learn something: the tutorial's first stage is theirs, too."""

import re

import pytest

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


def test_jax_learns_the_first_stage():
    pytest.importorskip("jax")
    from inwit.interfaces.bench.in_jax import build

    update = build(256, 1)
    rewards = [update()[1] for _ in range(400)]
    assert sum(rewards[:5]) / 5 < 0.1
    assert sum(rewards[-20:]) / 20 > 0.9


def test_the_game_of_jax_is_that_of_numpy():
    pytest.importorskip("jax")
    import jax.numpy as jnp
    import numpy as np

    from inwit.interfaces.bench import in_jax
    from inwit.interfaces.bench.game import Game

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


@pytest.mark.parametrize("function", ["build", "build_gymnasium", "build_recurrent"])
def test_stable_baselines_steps_its_weights(function):
    pytest.importorskip("sb3_contrib")
    from inwit.interfaces.bench import sb3

    update = getattr(sb3, function)(16, 1)
    model = update.__closure__[[*update.__code__.co_freevars].index("model")].cell_contents
    before = [weight.detach().clone() for weight in model.policy.parameters()]
    update()
    assert model.rollout_buffer.full
    assert model.rollout_buffer.rewards.shape == (6, 16)
    changed = [
        not weight.equal(old) for weight, old in zip(model.policy.parameters(), before, strict=True)
    ]
    assert sum(changed) > 0.7 * len(changed)


def test_a_gymnasium_game_is_a_row_of_the_batched_one():
    pytest.importorskip("stable_baselines3")
    import numpy as np
    from stable_baselines3.common.env_checker import check_env

    from inwit.interfaces.bench.game import Game
    from inwit.interfaces.bench.sb3 import OneGame

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

    from inwit.interfaces.bench.in_torchrl import NumpyGames, build

    check_env_specs(NumpyGames(8))
    update = build(32, 1)
    losses = [update() for _ in range(3)]
    assert all(abs(loss) < 10 for loss in losses)
    assert len(set(losses)) == 3


def test_the_command_measures_jax_beside_ours(capsys, tmp_path):
    pytest.importorskip("jax")
    from inwit.interfaces.cli import main

    options = ["--episodes", "16", "--threads", "1", "--rounds", "2", "--contenders", "jax"]
    main(["bench", *options, "--json", str(tmp_path / "told.json")])
    rows = re.findall(r"^\| ([^|]+) \| [\d.]+ \|", capsys.readouterr().out, re.MULTILINE)
    assert [row.split(",")[0] for row in rows] == ["the matrix products alone", "inwit", "JAX"]
    assert (tmp_path / "told.json").stat().st_size > 500
