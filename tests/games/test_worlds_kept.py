"""What a run folder keeps of its environment, and what scores ask of it."""

from dataclasses import replace

import pytest

import inwit
from inwit.errors import Interrupted, InvalidOption
from inwit.games.base import World
from inwit.games.player import load_game
from inwit.games.recipe import GameRecipe
from inwit.policies import GRU
from inwit.training.checkpoint import RunFolder
from tests.games.worlds import Walks


def small(world, **changes):
    recipe = GameRecipe(environment=world, policy=GRU(width=8), batch=4, window=8)
    return recipe.but(updates=4, processes=1, **changes)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Run folders name the world."""
    monkeypatch.setattr(World, "registered", World.registered | {Walks.name: Walks})


@pytest.mark.parametrize("keys", [3, 300])
@pytest.mark.parametrize("longest", [1, 3])
def test_a_run_goes_on_where_every_episode_has_just_begun(tmp_path, keys, longest):
    """Episodes of one action end with every second row: no action is to be played again."""
    recipe = small(Walks(keys=keys, longest=longest))
    whole = inwit.train(recipe.but(out=tmp_path / "whole"))

    def stop(report):
        if report.update == 2:
            raise Interrupted(2)

    with pytest.raises(Interrupted):
        inwit.train(recipe.but(out=tmp_path / "cut"), report=stop)
    resumed = inwit.resume(tmp_path / "cut")
    for name, part in whole.policy.state_dict().items():
        assert (part == resumed.policy.state_dict()[name]).all()


@pytest.mark.parametrize("again", [load_game, lambda folder: inwit.resume(folder.path)])
def test_an_environment_that_has_changed_is_told(tmp_path, monkeypatch, again):
    inwit.train(small(Walks(), out=tmp_path / "run"))
    folder = RunFolder(tmp_path / "run")
    assert load_game(folder).updates == 4
    opened = Walks.open

    def changed(self, count):
        copies = opened(self, count)
        copies.spec = replace(copies.spec, firsts=(0, 5))
        return copies

    monkeypatch.setattr(Walks, "open", changed)
    told = r"the environment has changed since .*: 2 categories of 9 .*; then 2 categories of 9"
    with pytest.raises(InvalidOption, match=told):
        again(folder)


def test_no_more_copies_are_scored_than_trained(tmp_path, monkeypatch):
    counts, opened = [], Walks.open

    def noted(self, count):
        counts.append(count)
        return opened(self, count)

    monkeypatch.setattr(Walks, "open", noted)
    player = inwit.train(small(Walks(), out=tmp_path / "run"))
    score = player.evaluate(30)
    player.certify(10)
    assert len(score.sampled.returns) == 30
    assert max(counts) == 4


def test_episodes_are_stopped_where_it_is_asked(tmp_path):
    player = inwit.train(small(Walks(), out=tmp_path / "run"))
    whole, stopped = player.evaluate(30).greedy, player.evaluate(30, longest=3).greedy
    assert stopped.cut == sum(steps > 3 for steps in whole.steps) > 0
    assert stopped.steps == tuple(min(steps, 3) for steps in whole.steps)
    with pytest.raises(InvalidOption, match="0 actions: give a whole number of at least 1"):
        player.evaluate(30, longest=0)
    with pytest.raises(InvalidOption, match="beside='runs/0': give an agent"):
        player.evaluate(30, beside="runs/0")
