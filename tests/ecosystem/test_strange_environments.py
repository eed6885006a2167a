"""Environments that do something wrong: one line says what, and nothing is left behind."""

import subprocess
import sys

import numpy as np
import pytest
import torch

pytest.importorskip("gymnasium")

import gymnasium
from gymnasium.spaces import Box, Dict, Discrete, MultiDiscrete

import inwit
from inwit.cli.main import main
from inwit.errors import DamagedRun, InvalidOption, UnknownName
from inwit.games import calls
from inwit.games.scores import score_player
from inwit.policies import GRU, PolicySpec
from tests.games.worlds import Panic

SMALL = {"updates": 3, "batch": 3, "window": 5}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("CartPole-v1", "did you mean 'gymnasium:CartPole-v1'?"),
        ("cartpole", "gymnasium:CartPole-v1,"),
    ],
)
def test_an_environment_without_its_prefix_is_named_with_it(given, named, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["train", given])
    assert stopped.value.code == 2
    with pytest.raises(UnknownName) as told:
        inwit.train(given)
    for text in (capsys.readouterr().err, str(told.value)):
        assert f"unknown task or environment '{given}'" in text
        assert named in text


class Sound(gymnasium.Env):
    """Episodes of five steps."""

    observation_space, action_space = Box(-1, 1, (2,)), Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return self.seen(), {}

    def step(self, action):
        self.count += 1
        return self.seen(), 1.0, self.count == 5, False, {}

    def seen(self):
        return np.zeros(2, np.float32)


def returns(**parts):
    """A class whose `step` returns something else in some places."""
    names = ("seen", "reward", "terminated", "truncated", "info")

    class Changed(Sound):
        def step(self, action):
            given = dict(zip(names, super().step(action), strict=True)) | parts
            return tuple(given[name] for name in names)

    return Changed


def sees(space, what):
    """A class that shows something in a space."""

    class Changed(Sound):
        observation_space = space

        def seen(self):
            return what

    return Changed


class Raises(Sound):
    def step(self, action):
        raise RuntimeError("no\nmap")


class Leaves(Sound):
    def step(self, action):
        raise SystemExit(3)


class Panics(Sound):
    def step(self, action):
        raise Panic("index out of bounds")


class Four(Sound):
    def step(self, action):
        return self.seen(), 1.0, False, {}


class Bare(Sound):
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.seen()


class Unseeded(Sound):
    def reset(self):
        return self.seen(), {}


class Nowhere(gymnasium.Env):
    action_space = Discrete(2)


BOTH = Dict(a=Box(-1, 1, (2,)), b=Discrete(3))
CASES = [
    (Raises, r"step\(\) raised RuntimeError: no map \(test_strange.*\.py:\d+ in step\)"),
    (Leaves, r"step\(\) raised SystemExit: 3"),
    (Panics, r"step\(\) raised Panic: index out of bounds \(test_strange"),
    (Four, r"step\(\) returned .* not a tuple of 5: observation, reward, terminated, trunc"),
    (Bare, r"reset\(\) returned array.* not a tuple of 2: observation, info"),
    (Unseeded, r"reset\(\) raised TypeError: .*seed"),
    (Nowhere, "observation space None is not supported"),
    (returns(reward=[1, 2]), r"reward is \[1, 2\]: it must be a finite number"),
    (returns(reward="1"), "reward is '1': it must be a finite number"),
    (returns(reward=None), "reward is None: it must be a finite number"),
    (returns(reward=float("nan")), "reward is nan: it must be a finite number"),
    (returns(reward=[1, [2, 3]]), r"reward is \[1, \[2, 3\]\]: it must be a finite number"),
    (returns(truncated=[[], 1]), r"truncated is \[\[\], 1\]: it must be True or False"),
    (returns(terminated="no"), "terminated is 'no': it must be True or False"),
    (returns(truncated=0.5), "truncated is 0.5: it must be True or False"),
    (sees(Box(-1, 1, (3,)), np.zeros(1)), "unlike its space: 1 numbers in place of 3"),
    (sees(Box(-1, 1, (2,)), np.array([0, np.inf])), "unlike its space: inf, and numbers must be"),
    (sees(Box(-1, 1, (2,)), np.array([0, 1e300])), r"space: 1e\+300, and numbers must be finite"),
    (sees(Box(-1, 1, (2,)), None), "unlike its space: .* where numbers are expected"),
    (
        sees(Box(-1, 1, (2,)), torch.zeros(2, requires_grad=True)),
        "unlike its space: Can't call num",
    ),
    (sees(MultiDiscrete([3, 3]), np.array([1])), "unlike its space: 1 numbers in place of 2"),
    (sees(Discrete(4), 1.7), "unlike its space: 1.7 where whole numbers are expected"),
    (sees(Discrete(4), 4), "unlike its space: 4 where 0 to 3 are expected"),
    (sees(BOTH, {"a": np.zeros(2)}), r"observation\['b'\] unlike its space: no 'b'"),
    (sees(BOTH, {"a": np.zeros(3), "b": 1}), r"observation\['a'\] unlike .* 3 numbers in place"),
    (sees(Box(-1, 1, (0,)), np.zeros(0)), "is empty"),
]


@pytest.fixture
def named():
    """Registers a class under one name; that name."""

    def name(kind):
        gymnasium.registry.pop("Strange-v0", None)
        gymnasium.register("Strange-v0", kind)
        return "gymnasium:Strange-v0"

    yield name
    gymnasium.registry.pop("Strange-v0", None)


@pytest.mark.parametrize(("kind", "words"), CASES)
def test_what_an_environment_does_wrong_is_one_line(kind, words, named, tmp_path):
    with pytest.raises(InvalidOption, match=words) as told:
        inwit.train(named(kind), **SMALL, out=tmp_path / "run")
    assert "\n" not in str(told.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("reward", [1, True, np.float32(1), np.array([1.0]), np.int8(1)])
def test_one_number_in_any_form_is_a_reward(reward, named):
    player = inwit.train(named(returns(reward=reward)), **SMALL)
    assert player.evaluate(2).greedy.returns == (5.0, 5.0)


def test_a_fault_in_mid_run_says_how_to_go_on(named, tmp_path, monkeypatch):
    name = named(Sound)
    calls = []

    def late(self, action):
        calls.append(action)
        if len(calls) == 30:  # 27 in two updates: a row passes between two episodes
            raise RuntimeError("the disk is full")
        return true(self, action)

    with monkeypatch.context() as patch:
        true = Sound.step
        patch.setattr(Sound, "step", late)
        with pytest.raises(InvalidOption, match=r"the disk is full.*continue with: inwit resume"):
            inwit.train(name, **SMALL, out=tmp_path / "run")
    resumed = inwit.resume(tmp_path / "run").policy.state_dict()
    whole = inwit.train(name, **SMALL, out=tmp_path / "whole").policy.state_dict()
    assert all(torch.equal(resumed[key], whole[key]) for key in whole)


def test_other_rewards_after_the_same_seeds_are_noticed(named, tmp_path):
    name = named(Sound)
    inwit.train(name, **SMALL, out=tmp_path / "run")
    named(returns(reward=2.0))
    with pytest.raises(DamagedRun, match=r"^the run cannot be resumed: the environment does some"):
        inwit.resume(tmp_path / "run")


@pytest.mark.parametrize("given", [Sound(), gymnasium.make("CartPole-v1")])
def test_one_environment_alone_is_told_what_to_give(given):
    with pytest.raises(InvalidOption, match="one environment alone is not trained: give gymnasium"):
        inwit.train(given)


def test_all_of_an_evaluation_is_on_the_device_of_the_policy():
    """Tensors on `meta` have no values: the first action that the environment is given raises."""
    world = inwit.games.memory_length.MemoryLength(length=2)
    spec = PolicySpec(symbols=0, levels=1, keys=3, observations=(3, 2), values=1)
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        score_player(GRU(width=8).build(spec).to("meta"), world, count=2, seed=0)


def test_a_device_that_is_not_there_is_refused_at_once(named):
    with pytest.raises(InvalidOption, match="--device cuda:9 cannot be used"):
        inwit.train(named(Sound), device="cuda:9")


def test_an_environment_that_cannot_be_closed_loses_no_run(named, tmp_path, caplog):
    class Stuck(Sound):
        def close(self):
            raise RuntimeError("cannot close")

    inwit.train(named(Stuck), **SMALL, out=tmp_path / "run")
    assert "close() raised RuntimeError: cannot close" in caplog.text
    assert inwit.load(tmp_path / "run").evaluate(2).greedy.returns == (5.0, 5.0)


def test_a_mask_of_actions_is_said_to_be_ignored_once(named, caplog):
    calls._mask_is_ignored.cache_clear()
    inwit.train(named(returns(info={"action_mask": np.ones(2)})), **SMALL)
    assert caplog.text.count("an action_mask: it is not used") == 1


def test_a_constructor_that_raises_without_words_is_placed(named):
    class Broken(Sound):
        def __init__(self):
            raise ValueError

    words = r"gymnasium:Strange-v0 cannot be made: ValueError \(test_strange.*py:\d+ in __init__\)"
    with pytest.raises(InvalidOption, match=words):
        inwit.train(named(Broken), **SMALL)


def test_an_action_is_of_the_type_that_its_space_gives(named):
    class Asks(Sound):
        action_space = Discrete(3, start=2)

        def step(self, action):
            assert type(action) is type(self.action_space.sample())
            assert self.action_space.contains(action)
            return super().step(action.item() - 2)

    inwit.train(named(Asks), **SMALL)


def test_arguments_may_be_a_dict(named):
    class Sized(Sound):
        def __init__(self, size=1):
            self.size = size

        def step(self, action):
            seen, _, *rest = super().step(action)
            return seen, float(self.size), *rest

    player = inwit.train(named(Sized), **SMALL, arguments={"size": 4})
    assert player.evaluate(2).greedy.returns == (20.0, 20.0)
    spelt = player.recipe.but(arguments='{"size":4}')  # one spelling: it is the same environment
    assert spelt == player.recipe
    assert player.recipe.environment.arguments == '{"size": 4}'
    with pytest.raises(InvalidOption, match=r'"size\W+3\W.* cannot play in .*"size\W+4'):
        player.evaluate(2, beside=inwit.train(named(Sized), **SMALL, arguments={"size": 3}))


def test_a_module_of_the_working_folder_is_found(tmp_path):
    """By the command, which does not look there by itself."""
    (tmp_path / "beside_me.py").write_text(
        "import gymnasium\n"
        "gymnasium.register('Beside-v0', 'gymnasium.envs.classic_control:CartPoleEnv')\n"
    )
    command = ["train", "gymnasium:beside_me:Beside-v0", "--updates", "1", "--batch", "2"]
    program = f"from inwit.cli.main import main; main({command})"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
