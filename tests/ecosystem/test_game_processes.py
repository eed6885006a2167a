"""Environments of Gymnasium in other processes: what is trained is the same, bit for bit."""

import subprocess
import sys

import numpy as np
import pytest
import torch

pytest.importorskip("gymnasium")

import gymnasium
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Tuple

import inwit
from inwit.errors import InvalidOption
from inwit.games.recipe import game_recipe_for

SMALL = {"updates": 3, "batch": 5, "window": 12, "policy.width": 8}


@pytest.fixture
def name():
    """Of an environment that is registered by a class of this function."""

    class Many(gymnasium.Env):
        """Shows everything at once; ends in both ways."""

        observation_space = Dict(
            a=Tuple([Discrete(3, start=5), Box(-9, 9, (2, 2))]), b=MultiBinary(2)
        )
        action_space = MultiDiscrete([2, 3])

        def __init__(self, size=1, fault=None):
            self.size, self.fault = size, fault

        def seen(self):
            place, draw = self.np_random.integers(5, 8), self.np_random.normal(size=(2, 2))
            bits = self.np_random.integers(2, size=2)
            return {"a": (place, draw.clip(-9, 9)), "b": bits}

        def reset(self, *, seed=None, options=None):
            super().reset(seed=seed)
            self.left = int(self.np_random.integers(1, 9))
            self.cut = bool(self.np_random.integers(2))
            return self.seen(), {"action_mask": np.ones(6)}

        def step(self, action):
            self.left -= 1
            if self.fault and self.left == 3:
                raise RuntimeError(self.fault)
            reward, over = float(self.size * action.sum()), self.left == 0
            return self.seen(), reward, over and not self.cut, over and self.cut, {}

    gymnasium.register("Many-v0", Many)
    yield "gymnasium:Many-v0"
    gymnasium.registry.pop("Many-v0")


def trained(name, path, **options):
    player = inwit.train(name, **SMALL | options, out=path)
    return player.policy.state_dict(), player.history.lines


@pytest.mark.parametrize("given", ["Many-v0", "CartPole-v1", "Blackjack-v1"])
def test_weights_and_metrics_are_those_of_one_process(given, name, tmp_path):
    options = {"arguments": {"size": 3}} if given in name else {}
    runs = [
        trained(f"gymnasium:{given}", tmp_path / str(processes), processes=processes, **options)
        for processes in (1, 2)
    ]
    (weights, lines), (others, others_lines) = runs
    assert all(torch.equal(others[key], weights[key]) for key in weights)
    assert others_lines == lines
    assert lines[0]["episodes/actions"] > 30


def test_what_an_environment_raises_is_the_same_line(name, tmp_path):
    texts = []
    for processes in (1, 2):
        with pytest.raises(InvalidOption) as told:
            trained(name, tmp_path / "run", processes=processes, arguments={"fault": "no\nmap"})
        texts.append(str(told.value))
        assert not (tmp_path / "run").exists()
    assert "step() raised RuntimeError: no map (test_game_processes.py:" in texts[0]
    assert texts[0] == texts[1]


def test_a_name_that_is_none_is_refused_before_a_process_begins():
    with pytest.raises(InvalidOption, match="did you mean 'CartPole-v1'"):
        inwit.train("gymnasium:CartPol-v1", processes=2)


def test_a_live_environment_steps_itself():
    envs = gymnasium.vector.SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * 2)
    with pytest.raises(InvalidOption, match="--processes 2: a live vector environment steps its"):
        inwit.train(envs, processes=2)
    assert game_recipe_for(envs).but(processes=1).processes == 1


SCRIPT = """
import gymnasium
from gymnasium.spaces import Discrete

import inwit


class Coin(gymnasium.Env):
    observation_space, action_space = Discrete(2), Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        print("a coin", flush=True)
        return 1, FACE * float(action), True, False, {}


FACE = 2
gymnasium.register("Coin-v0", Coin)
inwit.train("gymnasium:Coin-v0", updates=2, batch=2, window=3, processes=2, out="run")
"""


def test_a_script_needs_no_guard(tmp_path):
    """Its class travels by value, with what it reads of the script; what it prints is seen."""
    (tmp_path / "script.py").write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("a coin") > 4
    assert not done.stderr
