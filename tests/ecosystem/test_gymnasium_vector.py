"""The native vector environment beside Gymnasium's own, made of single ones, step by step."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("gymnasium")

import gymnasium
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from inwit.errors import InvalidOption
from inwit.gymnasium import TaskEnv, TaskVectorEnv

ROWS, STEPS = 3, 45
EXAMPLES = Path(__file__).parent.parent.parent / "examples"
GAMES = {
    "stages": {"task": "stages"},
    "stages, history, no masks": {"task": "stages", "history": True, "masks": False},
    "stages, operands used freely": {"task": "stages", "once": False},
    "expressions": {"task": "expressions", "largest": 3},
    "longer expressions": {"task": "expressions", "largest": 2, "levels": (5,)},
    "expressions-prompt, held out": {
        "task": "expressions-prompt", "largest": 2, "held_out": True, "history": True,
    },
    "word-problems": {"task": "word-problems"},
    "a task that shows results": {"task": str(EXAMPLES / "10_decide_by_result.py")},
    "a task on text": {"task": str(EXAMPLES / "07_dates.py")},
}  # fmt: skip

IN_ALL_MODES = ("stages", "expressions", "a task that shows results")
CASES = [
    (name, mode)
    for name in GAMES
    for mode in AutoresetMode
    if name in IN_ALL_MODES or mode == AutoresetMode.SAME_STEP
]


def assert_same(one, other):
    """Equal to the bit, whatever it is made of."""
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, np.ndarray) and one.dtype == object:
        assert one.shape == other.shape
        for mine, theirs in zip(one, other, strict=True):
            assert_same(mine, theirs)
    elif one is None:
        assert other is None
    else:
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


def pair(mode, given):
    native = TaskVectorEnv(num_envs=ROWS, autoreset_mode=mode, **given)
    singles = SyncVectorEnv([lambda: TaskEnv(**given)] * ROWS, autoreset_mode=mode)
    assert native.observation_space == singles.observation_space
    assert native.action_space == singles.action_space
    assert native.metadata["autoreset_mode"] == singles.metadata["autoreset_mode"]
    return native, singles


def choose(masks, random):
    """Mostly keys that are legal."""
    chosen = (masks * random.random(masks.shape)).argmax(1)
    anything = random.integers(masks.shape[1], size=len(masks))
    return np.where(random.random(len(masks)) < 0.1, anything, chosen)


def mask_of(over, random):
    """The rows that are over, now and then one more."""
    mask = over.copy()
    mask[random.integers(ROWS)] |= random.random() < 0.3
    return mask


@pytest.mark.parametrize(("name", "mode"), CASES, ids=str)
def test_it_is_so_many_single_ones(name, mode):
    native, singles = pair(mode, GAMES[name])
    random = np.random.default_rng(0)
    seen = native.reset(seed=3)
    for one, other in zip(seen, singles.reset(seed=3), strict=True):
        assert_same(one, other)
    ends = 0
    for step in range(STEPS):
        masks = native.action_masks()
        assert np.array_equal(masks, np.stack(singles.call("action_masks")))
        actions = choose(masks, random)
        mine, theirs = native.step(actions), singles.step(actions)
        for one, other in zip(mine, theirs, strict=True):
            assert_same(one, other)
        assert native.observation_space.contains(mine[0])
        over = mine[2] | mine[3]
        ends += int(over.sum())
        if mode == AutoresetMode.DISABLED and over.any():
            mask = mask_of(over, random)
            mine = native.reset(options={"reset_mask": mask})
            for one, other in zip(
                mine, singles.reset(options={"reset_mask": mask.copy()}), strict=True
            ):
                assert_same(one, other)
        if step == STEPS // 4:  # in the middle of episodes
            seeds = [9, None, 7]
            mine, theirs = native.reset(seed=seeds), singles.reset(seed=list(seeds))
            for one, other in zip(mine, theirs, strict=True):
                assert_same(one, other)
    assert ends >= ROWS


def test_gymnasium_makes_it():
    native = gymnasium.make_vec(
        "inwit/expressions-v0",
        num_envs=3,
        vectorization_mode="vector_entry_point",
        autoreset_mode=AutoresetMode.SAME_STEP,
        largest=2,
    )
    assert isinstance(native.unwrapped, TaskVectorEnv)
    singles = gymnasium.make_vec(
        "inwit/expressions-v0", num_envs=3, vectorization_mode="sync", largest=2
    )
    assert_same(native.reset(seed=1)[0], singles.reset(seed=1)[0])
    recorded = gymnasium.wrappers.vector.RecordEpisodeStatistics(native)
    recorded.reset(seed=0)
    random, lengths = np.random.default_rng(0), []
    for _ in range(40):
        info = recorded.step(choose(native.unwrapped.action_masks(), random))[-1]
        if "episode" in info:
            lengths += info["episode"]["l"][info["_episode"]].tolist()
    assert min(lengths) >= 4  # READ, a tool, READ, ANS


def test_what_does_not_fit_is_told():
    native = TaskVectorEnv("stages", num_envs=2, autoreset_mode="Disabled")
    with pytest.raises(InvalidOption, match="no episode is running in rows"):
        native.step(np.array([0, 0]))
    native.reset(seed=0)
    for actions in ([0], [0, 18], [-1, 0]):
        with pytest.raises(InvalidOption, match="2 whole numbers from 0 to 17"):
            native.step(np.array(actions))
    for mask in ([True], [False, False], [0, 1]):
        with pytest.raises(InvalidOption, match="it must be 2 booleans"):
            native.reset(options={"reset_mask": np.array(mask)})
    with pytest.raises(InvalidOption, match="3 seeds"):
        native.reset(seed=[1, 2, 3])
    for count in (0, -1, "3", 2.0, None):
        with pytest.raises(InvalidOption, match=f"num_envs {count!r}.*a whole number from 1"):
            TaskVectorEnv("stages", num_envs=count)
