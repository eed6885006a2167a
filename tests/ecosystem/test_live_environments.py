"""Vector environments of a user's own that tell the last observations in other ways, or not."""

import numpy as np
import pytest

pytest.importorskip("gymnasium")

import torch
from gymnasium.spaces import Box, Dict, Discrete, Tuple
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv

import inwit
from inwit.errors import Interrupted, InvalidOption
from inwit.games.live import LiveGame
from tests.ecosystem.test_strange_environments import Sound

COPIES = 3
SMALL = {"updates": 2, "window": 7}


class Counts(Sound):
    """Shows the number of the step; its episodes are cut off."""

    observation_space = Dict(place=Box(0, 9, (1,)), parity=Discrete(2))

    def step(self, action):
        seen, reward, over, _, info = super().step(action)
        return seen, reward, False, over, info

    def seen(self):
        return {"place": np.array([self.count], np.float32), "parity": self.count % 2}


class Tells(SyncVectorEnv):
    """Says something else in its info."""

    def __init__(self, told):
        super().__init__([Counts] * COPIES, autoreset_mode=AutoresetMode.SAME_STEP)
        self.told = told

    def step(self, actions):
        *given, info = super().step(actions)
        return *given, self.told(info)


def batched(info):
    """The last observations as one dict of arrays, nonsense where no episode ended."""
    if "final_obs" not in info:
        return info
    last = [each or {"place": np.full(1, np.nan), "parity": 9} for each in info["final_obs"]]
    joined = {name: np.stack([each[name] for each in last]) for name in ("place", "parity")}
    return info | {"final_obs": joined}


def test_last_observations_may_be_batched():
    runs = [inwit.train(Tells(told), **SMALL, seed=1) for told in (dict, batched)]
    assert runs[0].history.lines[-1]["loss/value"] == runs[1].history.lines[-1]["loss/value"]


class Pairs(Counts):
    """Shows the number of the step and its parity as a tuple."""

    observation_space = Tuple((Discrete(10), Discrete(2)))

    def seen(self):
        return (self.count, self.count % 2)


class Joins(VectorEnv):
    """Several of them; the last observations are joined as all others are."""

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012
    single_observation_space, single_action_space = Pairs.observation_space, Pairs.action_space

    def __init__(self, count):
        self.num_envs, self.made = count, [Pairs() for _ in range(count)]

    def reset(self, *, seed=None, options=None):
        return self.join([each.reset()[0] for each in self.made]), {}

    def step(self, actions):
        given = [each.step(action) for each, action in zip(self.made, actions, strict=True)]
        last = [each[0] for each in given]
        ended = np.array([each[3] for each in given])
        shown = [
            each.reset()[0] if over else seen
            for each, over, seen in zip(self.made, ended, last, strict=True)
        ]
        reward = np.array([each[1] for each in given], float)
        return self.join(shown), reward, ~ended & ended, ended, {"final_obs": self.join(last)}

    def join(self, seen):
        return tuple(map(np.array, zip(*seen, strict=True)))


@pytest.mark.parametrize("count", [2, 3])
def test_last_observations_may_be_a_tuple_of_arrays(count):
    """With two copies, a tuple of two parts could be taken for one observation of each."""
    game = LiveGame(Joins(count), 0)
    game.open()
    last = None
    while last is None:
        game.press(torch.zeros(count, dtype=torch.long))
        last = game.final
    assert last.seen.tolist() == [[5, 1]] * count


@pytest.mark.parametrize("name", ["single_observation_space", "single_action_space", "num_envs"])
def test_what_a_vector_environment_does_not_say_is_told(name):
    broken = type("Broken", (Joins,), {"__getattribute__": lambda self, key: lost(self, key, name)})
    with pytest.raises(InvalidOption, match=f"the vector environment has no {name}"):
        inwit.train(broken(2), **SMALL)


def lost(given, key, name):
    if key == name:
        raise AttributeError(name)
    return object.__getattribute__(given, key)


def without(info):
    return {name: info[name] for name in info if name != "final_obs"}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (without, r"info has \[.*\]: with SameStep it must hold the last observations, final_obs"),
        (lambda info: None, "info is None: with SameStep it must hold the last observations"),
        (lambda info: info | {"final_obs": []}, r"final_obs \[\]: .*, of all 3 episodes"),
        (lambda info: info | {"final_obs": 4}, "final_obs 4: .*, of all 3 episodes"),
        (lambda info: info | {"final_obs": {"place": np.zeros((3, 1))}}, "space: no 'parity'"),
    ],
)
def test_what_they_cannot_be_is_told(told, words):
    with pytest.raises(InvalidOption, match=words):
        inwit.train(Tells(told), **SMALL)


def test_the_number_of_live_episodes_is_the_environments():
    envs = SyncVectorEnv([Counts] * COPIES)
    with pytest.raises(InvalidOption, match="--batch 8: the live environment has 3 episodes"):
        inwit.train(envs, batch=8)


def test_a_live_run_that_stops_does_not_say_that_it_goes_on(tmp_path):
    def stop(report):
        raise Interrupted(2, "enough")

    envs = SyncVectorEnv([Counts] * COPIES)
    with pytest.raises(Interrupted, match="no run in it continues") as told:
        inwit.train(envs, **SMALL, out=tmp_path / "run", report=stop)
    assert "inwit resume" not in str(told.value)
