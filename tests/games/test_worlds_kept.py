"""What a run folder keeps of its environment, and what scores ask of it."""

from dataclasses import replace
from functools import partial

import pytest
import torch

import inwit
from inwit.errors import Interrupted, InvalidOption
from inwit.games.base import World
from inwit.games.certificate import Constant, best_constant
from inwit.games.game import SeededGame
from inwit.games.past import Walk, scope_of, walk
from inwit.games.player import load_game
from inwit.games.recipe import GameRecipe, game_recipe_for
from inwit.games.scores import fresh_seeds, play_episodes
from inwit.policies import GRU, UniformRandom
from inwit.training.run_folder import RunFolder
from tests.games.worlds import Walks
from tests.tiers import few_fast

SEEDS = fresh_seeds(0, 30)


def small(world, **changes):
    recipe = GameRecipe(environment=world, policy=GRU(width=8), batch=4, window=8)
    return recipe.but(updates=4, processes=1, **changes)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """Run folders name the world."""
    monkeypatch.setattr(World, "registered", World.registered | {Walks.name: Walks})


@pytest.mark.parametrize(
    ("keys", "longest"), few_fast([(300, 1), (300, 3), (3, 1), (3, 3)], 0, many=True)
)
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


@pytest.mark.slow
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
    traces = player.trace(30, longest=3)
    assert tuple(len(each.acts) for each in traces) == stopped.steps
    assert [each.cut for each in traces] == [steps > 3 for steps in whole.steps]
    shown = {each.cut: each.headline for each in traces}
    assert "stopped after 3 actions" in shown[True]
    assert "stopped" not in shown[False]
    with pytest.raises(InvalidOption, match="0 actions: give a whole number of at least 1"):
        player.trace(1, longest=0)


def test_draws_do_not_depend_on_how_many_play_side_by_side():
    scores = [
        play_episodes(UniformRandom(), SeededGame(Walks().open(count), 0), SEEDS, dice=3)
        for count in (1, 4, 30)
    ]
    assert scores[0] == scores[1] == scores[2]
    other = play_episodes(UniformRandom(), SeededGame(Walks().open(4), 0), SEEDS, dice=4)
    assert other.returns != scores[0].returns
    assert other.steps == scores[0].steps  # the episodes themselves are the same


def test_of_many_actions_those_that_are_taken_most_are_tried():
    """The last of 40 is the best, since all beyond the third do the same as it."""
    world = Walks(keys=40)
    game = SeededGame(world.open(5), 0)
    play = partial(play_episodes, game=game, seeds=SEEDS)
    mostly = play(Constant(39))
    assert mostly.favourites == (39,)
    assert best_constant(game.spec, play, mostly) == mostly
    few = SeededGame(Walks().open(5), 0)
    every = [play_episodes(Constant(action), few, SEEDS).mean for action in range(3)]
    found = best_constant(few.spec, partial(play_episodes, game=few, seeds=SEEDS), mostly)
    assert found.mean == max(every)


def seen(parts, steps=5):
    """Some episodes of two copies, of which these parts change."""
    numbers = torch.zeros(steps, 2, parts.stop)
    numbers[..., parts] = torch.arange(steps * 2.0).view(steps, 2, 1)
    running = torch.ones(steps, 2, dtype=torch.bool)
    return Walk(seen=numbers, previous=running.long(), running=running, states={})


@pytest.mark.parametrize(
    ("made", "parts", "probed", "told"),
    [
        (seen(slice(35, 38)), 38, range(35, 38), ""),
        (seen(slice(0, 40)), 40, range(32), "32 of 40 parts of an observation"),
        (seen(slice(250, 256)), 3000, range(250, 256), "6 of 3,000 parts of an observation"),
        (seen(slice(0, 2), 500), 2, range(2), "the first 500 steps"),
        (seen(slice(0, 0)), 4, [], ""),
    ],
)
def test_what_varies_is_probed_and_what_is_left_out_is_said(made, parts, probed, told):
    assert scope_of(made, parts) == ([*probed], told)


@pytest.mark.slow
def test_what_is_seen_before_is_read_in_all_episodes(tmp_path):
    player = inwit.train(small(Walks(), batch=1, out=tmp_path / "run"))
    both = player.policy, player.policy
    walks = [walk(*both, SeededGame(Walks().open(count), 0), SEEDS, dice=0) for count in (1, 4, 30)]
    runs = walks[2].running
    for other in walks[:2]:
        assert torch.equal(other.running, runs)
        assert torch.equal(other.previous[runs], walks[2].previous[runs])
        assert torch.equal(other.seen[runs], walks[2].seen[runs])
    notes = [line.note for line in player.certify(12).lines]
    assert not any("all episodes show the same" in note for note in notes)


def test_a_window_that_was_given_stays():
    recipe = game_recipe_for("memory-length")
    assert recipe.but(length=30).window == recipe.but(length=3).but(length=30).window == 32
    assert recipe.but(window=8).but(length=30).window == 8
