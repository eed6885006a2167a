"""Anybody's environment: spaces, every autoreset mode against a slow definition, exact resume."""

import numpy as np
import pytest
import torch

pytest.importorskip("gymnasium")

import gymnasium
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import inwit
from inwit.errors import InvalidOption, UnknownName
from inwit.games.live import LiveGame
from inwit.games.recipe import GameRecipe, game_recipe_for
from inwit.games.registered import Registered
from inwit.games.spaces import Actions, Observed
from inwit.learners.returns import generalised_advantages
from inwit.policies import GRU
from inwit.training.rollout import fill
from inwit.training.run_folder import RunFolder
from inwit.trajectory import Observation, Prompt
from tests.resuming import cut_off

DISCOUNT, DECAY, ROWS = 0.9, 0.8, 40


class Steps(gymnasium.Env):
    """Counts its steps; every other episode is truncated, at lengths that differ by environment."""

    observation_space = spaces.Dict(
        {"place": spaces.Discrete(41, start=5), "number": spaces.Box(-9, 9, (2,))}
    )
    action_space = spaces.Discrete(3, start=-1)

    def __init__(self, length=4):
        self.length, self.episode = length, -1

    def see(self):
        number = np.array([self.episode, 0.1 * self.place], np.float32)
        return {"place": 5 + self.place, "number": number}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.episode = 0, self.episode + 1
        return self.see(), {}

    def step(self, action):
        self.place += 1
        over, cut = self.place == self.length, self.episode % 2 == 1
        return self.see(), self.place + 0.1 * action, over and not cut, over and cut, {}


LENGTHS = (2, 3, 7, 100)


def played(mode):
    """A window, and the game's actions, in one autoreset mode."""
    made = [lambda length=length: Steps(length) for length in LENGTHS]
    game = LiveGame(SyncVectorEnv(made, autoreset_mode=mode), 0)
    policy = GameRecipe(environment=Registered(id="x"), policy=GRU(width=8)).network(game.spec)
    noise = torch.rand(ROWS, len(LENGTHS), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        trajectory, _, _ = fill(policy, game, game.start(policy), ROWS, noise=noise)
    return policy, trajectory


def seen(place, episode, previous):
    return Observation(
        previous=torch.tensor([previous]),
        seen=torch.tensor([[place]]),
        legal=torch.tensor([[True, True, True, False]]),
        values=torch.tensor([[float(episode), 0.1 * place]]),
    )


@torch.no_grad()
def slow_values(policy, keys, episode):
    """The values of one episode played alone, its last observation included."""
    zero = torch.zeros(1, dtype=torch.long)
    memory = policy.begin(Prompt(symbols=zero[:, None][:, :0], level=zero))
    values, previous = [], 3
    for place, key in enumerate([*keys, None]):
        _, value, memory = policy.step(seen(place, episode, previous), memory)
        values.append(float(value))
        previous = key
    return values


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_returns_and_advantages_are_those_of_the_slow_definition(mode):
    policy, made = played(mode)
    advantage = generalised_advantages(
        made.reward,
        made.value,
        made.next_value,
        made.terminated,
        made.truncated,
        discount=DISCOUNT,
        decay=DECAY,
    )
    waits = mode == AutoresetMode.NEXT_STEP  # one row shows the end
    for column, length in enumerate(LENGTHS):
        first, episode = 0, 0
        while first < ROWS:
            count = min(length, ROWS - first)
            keys = made.key[first : first + count, column].tolist()
            values, expected = slow_values(policy, keys, episode), 0.0
            for place in reversed(range(count)):
                row, last = first + place, place == length - 1
                terminates = last and episode % 2 == 0
                reward = place + 1 + 0.1 * (keys[place] - 1)
                following = 0.0 if terminates else values[place + 1]
                delta = reward + DISCOUNT * following - values[place]
                expected = delta + (0.0 if last else DISCOUNT * DECAY * expected)
                assert made.pressed[row, column]
                assert bool(made.starts[row, column]) == (place == 0)
                assert bool(made.terminated[row, column]) == terminates
                assert bool(made.truncated[row, column]) == (last and not terminates)
                assert float(made.reward[row, column]) == pytest.approx(reward, rel=1e-5)
                assert float(made.next_value[row, column]) == pytest.approx(following, abs=1e-5)
                assert float(advantage[row, column]) == pytest.approx(expected, rel=1e-4, abs=1e-4)
            if waits and first + count < ROWS:
                assert not made.pressed[first + count, column]
            first, episode = first + length + waits, episode + 1


def test_all_supported_spaces_are_read():
    space = spaces.Tuple(
        [
            spaces.MultiDiscrete([2, 3]),
            spaces.Dict({"b": spaces.MultiBinary(2), "a": spaces.Box(0, 1, (2, 2))}),
            spaces.Discrete(4, start=-2),
        ]
    )
    observed = Observed(space)
    assert observed.fields == (2, 3, 2, 2, 4)
    assert observed.values == 4
    box = np.array([[0.1, 0.2], [0.3, 0.4]])
    raw = (np.array([1, 2]), {"a": box, "b": np.array([0, 1])}, -1)
    other = (np.array([0, 0]), {"a": -box, "b": np.array([1, 0])}, 1)
    seen = observed.read_several([raw, other])
    assert seen.fields.tolist() == [[1, 2, 0, 1, 1], [0, 0, 1, 0, 3]]
    assert seen.values[0].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert (seen.values[1] == -seen.values[0]).all()
    combined = Actions(spaces.MultiDiscrete([2, 3]))
    assert combined.names[4] == "(1, 1)"
    assert [combined.one(number).tolist() for number in (0, 4, 5)] == [[0, 0], [1, 1], [1, 2]]
    assert combined.several(np.array([5, 1])).tolist() == [[1, 2], [0, 1]]
    assert Actions(spaces.Discrete(3, start=-1)).one(0) == -1


@pytest.mark.parametrize(
    ("kind", "space"),
    [
        (Observed, spaces.Text(5)),
        (Observed, spaces.Sequence(spaces.Discrete(2))),
        (Observed, spaces.Box(0, 255, (210, 160, 3), np.uint8)),
        (Actions, spaces.Box(-1, 1, (2,))),
        (Actions, spaces.MultiDiscrete([100, 100])),
    ],
)
def test_another_space_is_refused_by_name(kind, space):
    with pytest.raises(InvalidOption, match=type(space).__name__):
        kind(space)


def small(name):
    return game_recipe_for(name).but(updates=4, batch=4, window=30, **{"policy.width": 8})


def test_an_environment_of_gymnasium_trains_and_resumes_to_the_bit(tmp_path):
    inwit.train(small("gymnasium:CartPole-v1"), out=tmp_path / "whole")
    recipe = small("gymnasium:CartPole-v1").but(out=tmp_path / "cut")
    folder = cut_off(recipe, kept=2, at=2)
    inwit.resume(tmp_path / "cut")
    assert list(folder.metrics()) == list(RunFolder(tmp_path / "whole").metrics())


def test_a_live_environment_trains_and_says_that_it_cannot_be_resumed(tmp_path):
    made = gymnasium.make_vec("CartPole-v1", num_envs=3)
    player = inwit.train(made, updates=2, window=20, out=tmp_path / "run")
    assert player.recipe.batch == 3
    with pytest.raises(InvalidOption, match="live vector environment"):
        inwit.resume(tmp_path / "run")
    with pytest.raises(InvalidOption, match="live vector environment"):
        player.evaluate(2)


def test_what_is_shown_must_be_in_the_space(tmp_path):
    made = SyncVectorEnv([lambda: Steps(60)])
    with pytest.raises(InvalidOption, match="46 where 5 to 45 are expected"):
        inwit.train(made, updates=2, window=50, out=tmp_path / "run")


def test_a_name_that_is_none_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'CartPole-v1'"):
        inwit.train("gymnasium:CartPol-v1")
    with pytest.raises(InvalidOption, match="there is no module 'no_such_module' to import"):
        inwit.train("gymnasium:no_such_module:Some-v0")


def test_an_environment_of_numbers_is_certified(tmp_path):
    player = inwit.train(small("gymnasium:CartPole-v1"), out=tmp_path / "run")
    made = player.certify(20, seed=3)
    assert made.find("competence")[0].figure == player.evaluate(20, seed=3).sampled.mean
    lags = [line for line in made.find("past") if line.verdict == "stated"]
    assert all(0 <= share <= 1 for line in lags for share in line.beside.values())
    assert made.task == "gymnasium:CartPole-v1"
