"""What a figure of an environment is compared with: controls, other episodes, the best weights."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

import inwit
from inwit.cli.commands.training import read
from inwit.errors import Interrupted, InvalidOption
from inwit.games import certificate as module
from inwit.games.base import Copies, Outcome, Seen, World, WorldSpec
from inwit.games.certificate import certify_player
from inwit.games.game import SeededGame
from inwit.games.memory_length import MemoryLength
from inwit.games.normalising import NormalisedPolicy
from inwit.games.recipe import GameRecipe, game_recipe_for
from inwit.games.scores import LONGEST, fresh_seeds, play_episodes
from inwit.games.training import LOWEST, GameTraining, smoothed
from inwit.learners import A2C, Learner
from inwit.policies import GRU, Memoryless
from inwit.training.run_folder import RunFolder
from tests.games.planted import Blind, Counts, Presses, Remembers, wrapped


@dataclass(frozen=True, kw_only=True)
class Beats(World):
    """Every episode shows the same beats, 0 1 0 1 ...; each earns `worth` if it is repeated."""

    worth: float = 1.0
    penalty: float = 0.0
    steps: int = 8

    name = "beats"

    def open(self, count):
        return BeatCopies(count, self)


class BeatCopies(Copies):
    def __init__(self, count, world):
        self.count, self.world = count, world
        self.spec = WorldSpec(fields=(2,), values=0, actions=("0", "1"))
        self.place = np.zeros(count, np.int64)

    def reset(self, rows, seeds):
        self.place[list(rows)] = 0

    def step(self, actions, active):
        right = actions == self.place % 2
        earned = np.where(right, self.world.worth, self.world.penalty) * active
        self.place = self.place + active
        over = active & (self.place == self.world.steps)
        return Outcome(reward=earned, terminated=over, truncated=np.zeros(self.count, np.bool_))

    def see(self):
        fields = (self.place % 2)[:, None]
        return Seen(fields=fields, values=np.zeros((self.count, 0), np.float32))


def mean(policy, world, count=40):
    game = SeededGame(world.open(count), 0)
    return play_episodes(policy, game, fresh_seeds(0, count)).mean


def test_a_policy_without_memory_cannot_keep_the_bit_in_its_actions():
    """Alone it can: its previous action is all the memory that it needs."""
    world = MemoryLength(length=50)
    assert mean(Presses(), world) == 1.0
    assert abs(mean(wrapped(Presses()), world)) < 0.7
    assert mean(wrapped(Remembers()), world) == 1.0


def test_a_state_that_is_reset_does_not_go_on_in_actions(monkeypatch):
    class Both(Presses):
        recurrent = True

    monkeypatch.setattr(module, "trained", lambda recipe, name, updates: wrapped(Blind()))
    recipe = game_recipe_for("memory-length").but(length=12, updates=1, batch=60, window=4)
    made = certify_player(recipe, wrapped(Both()), episodes=60)
    (line,) = [each for each in made.lines if each.name == "state reset every 1"]
    assert made.find("competence")[0].figure == 1.0
    assert line.figure < 0.7


def test_nothing_is_said_of_anothers_observations_where_all_are_the_same(monkeypatch):
    monkeypatch.setattr(module, "trained", lambda recipe, name, updates: wrapped(Blind()))
    recipe = GameRecipe(environment=Beats(), updates=1)
    policy = NormalisedPolicy(Counts(), 0, observations=False, rewards=False)
    made = certify_player(recipe, policy, episodes=20)
    (line,) = [each for each in made.lines if each.name == "another's observations"]
    assert line.figure == 8.0
    assert str(line.verdict) == "stated"
    assert "all episodes show the same" in line.note


@pytest.mark.slow
def test_the_control_is_trained_for_as_long_and_as_wide_as_the_agent(tmp_path, monkeypatch):
    asked = []

    def stop(report):
        if report.update == 2:
            raise Interrupted(2, "enough")

    def trained(recipe, name, updates):
        asked.append((recipe.policy, updates))
        return wrapped(Blind())

    monkeypatch.setattr(module, "trained", trained)
    recipe = game_recipe_for("memory-length").but(
        updates=30, batch=4, window=4, out=tmp_path / "run", **{"policy.width": 24}
    )
    with pytest.raises(Interrupted):
        inwit.train(recipe, report=stop)
    inwit.load(tmp_path / "run").certify(2)
    inwit.load(tmp_path / "run", snapshot=0).certify(2)
    assert asked == [(Memoryless(width=24), 2), (Memoryless(width=24), 0)]
    wide = recipe.but(policy="memoryless", out=tmp_path / "other", updates=1)
    inwit.train(wide.but(**{"policy.width": 16})).certify(2)
    assert asked[-1] == (GRU(width=16), 1)


def test_the_best_weights_are_trained_ones_where_returns_are_negative(tmp_path):
    world = Beats(worth=0.0, penalty=-1.0)
    recipe = GameRecipe(environment=world, policy=GRU(width=8), batch=16, window=18)
    training = GameTraining(recipe.but(updates=6))
    assert training.checkpoint().accuracy == LOWEST
    folder = RunFolder.create(recipe.but(out=tmp_path / "run", updates=6))
    folder.keep(training.checkpoint())
    for _ in training.reports():
        folder.keep(training.checkpoint())
    assert -8 < training.latest < 0
    assert folder.best().update > 0


def test_the_mean_return_is_smoothed_by_how_many_episodes_ended():
    assert smoothed(LOWEST, {"episodes/ended": 0.0}) == LOWEST
    assert smoothed(LOWEST, {"episodes/ended": 3.0, "episodes/return": -5.0}) == -5.0
    assert smoothed(-5.0, {"episodes/ended": 100.0, "episodes/return": -1.0}) == -3.0
    assert smoothed(-5.0, {"episodes/ended": 0.0}) == -5.0


def test_rewards_of_any_size_are_scaled():
    scales = []
    for worth in (1.0, 1e-6):
        recipe = GameRecipe(environment=Beats(worth=worth), policy=GRU(width=8), batch=16)
        training = GameTraining(recipe.but(updates=2))
        list(training.reports())
        scales.append(training.policy.scale / worth)
    assert scales[0] == pytest.approx(
        scales[1], rel=0.02
    )  # float32 differs in the last places, and then the actions do


def test_numbers_of_any_size_are_scaled_and_constant_ones_are_zero():
    policy = NormalisedPolicy(Remembers(), 2, observations=True, rewards=False)
    policy.mean, policy.variance = torch.tensor([3e-6, 5.0]), torch.tensor([4e-12, 0.0])
    game = SeededGame(MemoryLength().open(1), 0)
    shown = game.open()
    object.__setattr__(shown, "values", torch.tensor([[7e-6, 5.0]]))
    assert policy.normalised(shown).values[0].tolist() == pytest.approx([2.0, 0.0])


@pytest.mark.parametrize("seed", [0, 7, 2026])
def test_no_scored_episode_is_one_of_training_at_the_same_seed(seed):
    game = SeededGame(MemoryLength().open(64), seed)
    trained = set()
    for episode in range(20):
        game.episode[:] = episode
        trained |= {game._seed_of(row) for row in range(64)}
    assert len(trained) == 64 * 20
    assert not trained & set(fresh_seeds(seed, 1000))


def test_episodes_that_are_stopped_are_counted():
    game, seeds = SeededGame(Beats().open(4), 0), fresh_seeds(0, 6)
    score = play_episodes(wrapped(Blind()), game, seeds, longest=5)
    assert (score.cut, score.steps) == (6, (5,) * 6)
    assert LONGEST == 10_000


def test_another_learner_keeps_the_discount():
    recipe = game_recipe_for("memory-length")
    assert recipe.but(learner="a2c").learner.discount == 0.99
    assert recipe.but(learner="a2c", **{"learner.discount": 0.5}).learner.discount == 0.5


@pytest.mark.parametrize(("default", "trained"), [(0.5, 0.5), (A2C.discount, 0.99)])
def test_a_class_with_a_discount_of_its_own_keeps_it(default, trained, monkeypatch):
    monkeypatch.setattr(Learner, "registered", dict(Learner.registered))

    @inwit.register
    @dataclass(frozen=True, kw_only=True)
    class Near(A2C):
        discount: float = default
        name = "near"

    recipe = game_recipe_for("memory-length")
    assert recipe.but(learner="near").discount == trained
    assert recipe.but(learner=Near()).discount == default


@pytest.mark.parametrize("option", ["by_rank", "bfloat16"])
def test_options_that_would_be_ignored_are_refused(option):
    recipe = game_recipe_for("memory-length").but(policy="feedforward")
    with pytest.raises(InvalidOption, match="--policy"):
        recipe.but(**{f"policy.{option}": True})


@pytest.mark.slow
def test_a_window_holds_a_whole_episode_where_all_are_as_long():
    recipe = game_recipe_for("memory-length")
    assert recipe.window == 12
    assert recipe.but(length=100).window == 102
    assert recipe.but(length=100, window=64).window == 64
    assert recipe.but(length=100).but(seed=3).window == 102
    for given, window in ((["--window", "12"], 12), (["--window=12"], 12), ([], 102)):
        assert read(["memory-length", "--length", "100", *given])[0].window == window
    training = GameTraining(recipe.but(updates=3, batch=4, length=5, **{"policy.width": 8}))
    for _ in training.reports():
        starts = training.batch["episodes"].starts
        assert starts[0].all()
        assert not starts[1:].any()


def test_a_task_is_refused_for_a_run_in_an_environment(tmp_path):
    options = {"updates": 1, "batch": 2, "window": 4, "policy.width": 8}
    inwit.train("memory-length", out=tmp_path / "run", **options)
    for call in (inwit.load, inwit.resume):
        with pytest.raises(InvalidOption, match="was trained in an environment"):
            call(tmp_path / "run", task="stages")
