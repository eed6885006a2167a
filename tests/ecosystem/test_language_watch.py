"""What is told of the training of a language model, and why it stops: small cases by hand."""

from dataclasses import dataclass

import pytest

from inwit.llm import Toolbox

pytest.importorskip("trl")

from inwit.llm.training import WARM_UP, train_part
from inwit.llm.watching import Watch, last_checkpoint, silent
from tests.ecosystem.test_language_training import recipe, same, weights

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@dataclass
class Solved:
    """The episode of a stand-in."""

    answer: object


@dataclass
class Played:
    """An environment after its episode."""

    reward: float | None
    answer: object = 0

    @property
    def failure(self):
        return "no process" if self.reward is None else ""

    @property
    def episode(self):
        return Solved(self.answer)

    def get_reward(self):
        return self.reward


@pytest.mark.parametrize(
    ("rewards", "group", "share"),
    [
        ([1, 1, 0, 0], 2, 1.0),
        ([1, 0, 0, 0], 2, 0.5),
        ([1, 0, 0, 1], 2, 0.0),
        ([1, 0, 0, 0], 4, 0.0),
        ([None, None, None, None], 2, 1.0),  # nobody was paid: there is nothing to compare
        ([1, None, 1, 0], 2, 0.5),
        ([], 2, 0.0),
    ],
)
def test_a_group_has_a_signal_if_two_rewards_differ(rewards, group, share):
    assert silent(rewards, group) == share


def test_figures_of_a_step_are_shares_of_its_episodes(tmp_path):
    watch, logged = Watch(recipe(tmp_path, group=4), "trained", print), {}
    played = [Played(1.0), Played(0.0, None), Played(None, None), Played(0.0)]
    played += [Played(0.0), Played(0.0, None), Played(0.0), Played(None)]
    assert watch.reward(played, log_metric=logged.__setitem__) == [None] * 8
    assert logged == {"lost": 2 / 8, "no_answer": 3 / 8, "no_signal": 1 / 2}


@pytest.mark.parametrize("count", [8, 49, 98, 103])
def test_training_stops_where_all_episodes_are_lost_however_many_there_are(count, tmp_path):
    watch, logged = Watch(recipe(tmp_path, group=count), "trained", print), {}
    watch.reward([Played(None)] * count, log_metric=logged.__setitem__)
    watch._judge(logged, [logged])
    assert watch.why == "no episode could be played: the environment fails"


def steps(count=3, **figures):
    usual = {"no_signal": 1.0, "lost": 0.0, "reward": 0.0, "tools/call_frequency": 2.0}
    return [usual | figures] * count


@pytest.mark.parametrize(
    ("history", "why"),
    [
        (steps(2), ""),
        ([*steps(2), *steps(1, no_signal=0.5), *steps(2)], ""),
        (steps(reward=1.0), "nearly all were right"),
        (steps(reward=2 / 3), "67% were right, on the same problems"),
        (steps(), "hardly one was right"),
        (steps(**{"tools/call_frequency": 0.0}), "no tool is called"),
        (steps(lost=0.9), "the environment fails"),
        (
            [*steps(1, reward=float("nan"), lost=0.4), *steps(2, reward=1.0)],
            "nearly all were right",
        ),
        ([*steps(2), *steps(1, reward=0.2)], "hardly one was right"),
    ],
)
def test_the_reason_for_stopping_is_that_of_all_silent_steps(history, why, tmp_path):
    watch = Watch(recipe(tmp_path, patience=3), "trained", print)
    watch._judge(history[-1], history)
    assert why in watch.why
    assert bool(watch.why) == bool(why)


def test_a_checkpoint_is_deleted_only_when_the_next_one_is_whole(tmp_path, monkeypatch):
    """Killed between the two, a run goes on from the earlier one."""
    whole, cut = (recipe(tmp_path / name, minutes=1e-9) for name in ("whole", "cut"))
    toolbox, mark = Toolbox("stages"), Watch.on_save

    def stop(watch, args, state, control, **given):
        if state.global_step == 3:
            raise KeyboardInterrupt
        mark(watch, args, state, control, **given)

    for each in (whole, cut):
        each.out.mkdir()
    train_part(whole, toolbox, WARM_UP, lambda line: None)
    with monkeypatch.context() as patched:
        patched.setattr(Watch, "on_save", stop)
        with pytest.raises(KeyboardInterrupt):
            train_part(cut, toolbox, WARM_UP, lambda line: None)
    kept = last_checkpoint(cut.out / f"{WARM_UP}.part")
    assert kept is not None
    assert kept.endswith("checkpoint-2")
    said = []
    train_part(cut, toolbox, WARM_UP, said.append)
    assert said[1].startswith(f"{WARM_UP} 3/")
    assert same(weights(whole.out / WARM_UP), weights(cut.out / WARM_UP))
