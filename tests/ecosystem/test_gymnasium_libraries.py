"""Stable-Baselines3, sb3-contrib and TorchRL on the Gymnasium interface."""

import warnings

import numpy as np
import pytest

pytest.importorskip("gymnasium")

import torch
from gymnasium.vector import AutoresetMode

from inwit.errors import InvalidOption
from inwit.gymnasium import TaskEnv, TaskVectorEnv

pytestmark = [
    # SB3 and TorchRL use what their own dependencies have left behind.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def stable_baselines(task, rows, **given):
    from inwit.gymnasium.stable_baselines import StableBaselinesEnv

    return StableBaselinesEnv(TaskVectorEnv(task, rows, autoreset_mode="SameStep", **given))


@pytest.mark.parametrize(
    "given",
    [
        {"task": "expressions"},
        {"task": "stages", "once": True, "history": True},
        {"task": "stages", "once": False, "masks": False},
    ],
    ids=["expressions", "history", "no masks"],
)
def test_it_is_the_vec_env_that_stable_baselines_makes_of_single_ones(given):
    pytest.importorskip("stable_baselines3")
    from stable_baselines3.common.vec_env import DummyVecEnv

    native, singles = stable_baselines(rows=4, **given), DummyVecEnv([lambda: TaskEnv(**given)] * 4)
    assert native.observation_space == singles.observation_space
    assert native.action_space == singles.action_space
    native.seed(11)
    singles.seed(11)
    assert np.array_equal(native.reset(), singles.reset())
    random, ends, cut = np.random.default_rng(0), 0, 0
    for _ in range(120):
        masks = np.stack(native.env_method("action_masks"))
        assert np.array_equal(masks, np.stack(singles.env_method("action_masks")))
        actions = (masks * random.random(masks.shape)).argmax(1)
        (*mine, told), (*theirs, expected) = native.step(actions), singles.step(actions)
        for one, other in zip(mine, theirs, strict=True):
            assert one.dtype == other.dtype
            assert np.array_equal(one, other)
        for row in np.flatnonzero(mine[2]):
            last = told[row].pop("terminal_observation")
            assert np.array_equal(last, expected[row]["terminal_observation"])
            assert told[row] == {name: expected[row][name] for name in told[row]}
            cut += told[row]["TimeLimit.truncated"]
        ends += int(mine[2].sum())
    assert ends > 12
    assert (cut > 0) == (given.get("masks") is False)


def test_stable_baselines_needs_the_same_step():
    pytest.importorskip("stable_baselines3")
    from inwit.gymnasium.stable_baselines import StableBaselinesEnv

    with pytest.raises(InvalidOption, match="autoreset_mode NextStep: use SameStep"):
        StableBaselinesEnv(TaskVectorEnv("stages", 2))


def test_stable_baselines_says_so_if_it_is_not_installed(monkeypatch):
    import sys

    name = "inwit.gymnasium.stable_baselines"
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "stable_baselines3.common.vec_env", None)
    with pytest.raises(InvalidOption, match="pip install stable-baselines3"):
        __import__(name)


@pytest.mark.learning
def test_maskable_ppo_learns_the_first_stage():
    """Held-out problems, greedy, single episodes as anyone would play them."""
    pytest.importorskip("sb3_contrib")
    from sb3_contrib import MaskablePPO

    place = stable_baselines("stages", 64, levels=[0], once=True)
    model = MaskablePPO("MlpPolicy", place, n_steps=128, batch_size=512, seed=0, device="cpu")
    model.learn(100_000)
    env, right = TaskEnv("stages", levels=[0], once=True, held_out=True), 0
    env.reset(seed=2026)
    for _ in range(100):
        (observation, _), over = env.reset(), False
        while not over:
            key, _ = model.predict(observation, deterministic=True, action_masks=env.action_masks())
            observation, reward, terminated, truncated, _ = env.step(int(key))
            over = terminated or truncated
        right += reward
    assert right >= 99


@pytest.mark.parametrize("mode", ["SameStep", "Disabled"])
def test_torchrl_finds_no_fault(mode):
    pytest.importorskip("torchrl")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torchrl.envs import GymWrapper, check_env_specs

    place = TaskVectorEnv("expressions", 4, autoreset_mode=mode)
    env = GymWrapper(place, categorical_action_encoding=True)
    check_env_specs(env)
    env.set_seed(0)
    rollout = env.rollout(60, _legal(place), break_when_any_done=False)
    assert rollout["next", "done"].sum() > 4
    assert 0 < rollout["next", "reward"].sum() <= rollout["next", "terminated"].sum()
    # The row after an end begins a new episode, and the end itself was seen.
    over = rollout["next", "done"][:, :-1, 0]
    parts = place.parts
    begun = rollout["observation"][:, 1:][over]
    seen = rollout["next", "observation"][:, :-1][over]
    context = place.task.rules.vocabulary["CTX"]
    assert (begun[:, parts["previous"]].argmax(-1) == context).all()
    assert (seen[:, parts["previous"]].argmax(-1) != context).all()


def _legal(place):
    """A random legal press for TorchRL."""
    from tensordict.nn import TensorDictModule

    random = torch.Generator().manual_seed(0)

    def press(observation):
        legal = observation[..., place.parts["legal"]]
        return (legal * torch.rand(legal.shape, generator=random)).argmax(-1)

    return TensorDictModule(press, ["observation"], ["action"])


def test_a_mode_that_does_not_exist_is_told():
    with pytest.raises(InvalidOption, match=r"'SameStp'.*did you mean 'SameStep'"):
        TaskVectorEnv("stages", 2, autoreset_mode="SameStp")
    assert TaskVectorEnv("stages", 2).autoreset_mode == AutoresetMode.NEXT_STEP
