"""Training in a world of ours: windows, exact resume, seeds, scores, refusals. No Gymnasium."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

import inwit
from inwit.cli.main import main
from inwit.errors import DamagedRun, InvalidOption, UnknownName
from inwit.evaluation.intervals import bootstrap
from inwit.games.game import SeededGame
from inwit.games.memory_length import MemoryLength
from inwit.games.normalising import NormalisedPolicy, merged
from inwit.games.recipe import GameRecipe, game_recipe_for, read_game_recipe
from inwit.games.scores import fresh_seeds, mmer
from inwit.games.training import GameTraining
from inwit.learners import PPO
from inwit.policies import GRU
from inwit.training.rollout import fill
from inwit.training.run_folder import RunFolder
from tests.resuming import cut_off
from tests.tiers import few_fast


def small(**changes):
    recipe = GameRecipe(environment=MemoryLength(length=3), policy=GRU(width=8), batch=6, window=5)
    return recipe.but(updates=6, **changes)


def rows(seed, actions, length=3):
    """The episode of bsuite's chain by hand: what is seen and earned at each step."""
    bit = int(np.random.default_rng(seed).integers(2))
    for place in range(length + 1):
        shown = bit if place == 0 else 2
        last = place == length
        reward = (1.0 if actions[place] == bit else -1.0) if last else 0.0
        yield (shown, int(last)), 1 - place / length, reward, last


def test_the_chain_is_as_its_definition_says():
    copies = MemoryLength(length=3).open(2)
    copies.reset([0, 1], [11, 12])
    actions = np.array([[0, 1], [1, 0], [1, 1], [0, 1]])
    for number, expected in enumerate(
        zip(*(rows(seed, actions[:, row]) for row, seed in enumerate((11, 12))), strict=True)
    ):
        seen = copies.see()
        outcome = copies.step(actions[number], np.ones(2, bool))
        for row, (fields, value, reward, ended) in enumerate(expected):
            assert tuple(seen.fields[row]) == fields
            assert seen.values[row, 0] == pytest.approx(value)
            assert outcome.reward[row] == reward
            assert outcome.terminated[row] == ended


def test_windows_are_the_episodes_of_their_seeds_one_after_another():
    recipe = small()
    training = GameTraining(recipe)
    game, policy = training.game, training.policy
    start, noise = game.start(policy), torch.rand(23, 6)
    made, _, _ = fill(policy, game, start, 23, noise=noise)
    for column in range(6):
        at = 0
        for episode in range(4):
            place = np.random.SeedSequence(0, spawn_key=(0, column, episode))
            seed = place.generate_state(1)[0]
            keys = made.key[at : at + 4, column].tolist()
            assert made.starts[at, column]
            assert made.observation.previous[at, column] == 2  # no action yet
            for place, (fields, value, reward, ended) in enumerate(rows(seed, keys)):
                row = at + place
                assert tuple(made.observation.seen[row, column].tolist()) == fields
                assert float(made.observation.values[row, column, 0]) == pytest.approx(value)
                assert float(made.reward[row, column]) == reward
                assert bool(made.terminated[row, column]) == ended
                assert made.pressed[row, column]
            assert not made.pressed[at + 4, column]  # it shows the end
            at += 5


@pytest.mark.parametrize(
    "changes",
    few_fast([{"learner.minibatches": 3}, {"learner": "a2c"}, {"policy": "memoryless"}], 0),
)
def test_a_run_that_was_cut_off_becomes_the_same_to_the_bit(tmp_path, changes):
    whole = inwit.train(small(**changes), out=tmp_path / "whole")
    recipe = small(**changes).but(out=tmp_path / "cut")
    folder = cut_off(recipe, kept=3, at=4)  # in the middle of episodes
    resumed = inwit.resume(tmp_path / "cut")
    assert list(folder.metrics()) == list(RunFolder(tmp_path / "whole").metrics())
    weights = [(tmp_path / name / "weights.safetensors").read_bytes() for name in ("whole", "cut")]
    assert weights[0] == weights[1]
    assert resumed.evaluate(10) == whole.evaluate(10)
    assert inwit.load(tmp_path / "cut").evaluate(10) == whole.evaluate(10)


def test_a_world_that_does_not_come_back_is_noticed(tmp_path, monkeypatch):
    recipe = small(out=tmp_path / "run")
    training, folder = GameTraining(recipe), RunFolder.create(recipe)
    next(training.reports())
    folder.keep(training.checkpoint())
    monkeypatch.setattr(SeededGame, "_seed_of", lambda self, row: 100 + row)
    with pytest.raises(DamagedRun, match="does something else after the same seed"):
        inwit.resume(tmp_path / "run")


def test_statistics_of_parts_are_those_of_the_whole():
    generator = torch.Generator().manual_seed(0)
    numbers = 3 + 2 * torch.randn(50, 4, generator=generator).double()
    state = torch.zeros(4).double(), torch.ones(4).double(), torch.tensor(0.0).double()
    for part in numbers.split([7, 1, 42]):
        state = merged(*state, part)
    assert torch.allclose(state[0], numbers.mean(0))
    assert torch.allclose(state[1], numbers.var(0, correction=0))
    assert state[2] == 50


def test_a_normalised_policy_sees_what_it_says():
    recipe = small()
    training = GameTraining(recipe)
    list(training.reports())
    policy = training.policy
    assert isinstance(policy, NormalisedPolicy)
    observation = training.start.observation
    scores, value, _ = policy.step(observation, training.start.memory)
    by_hand = (observation.values.double() - policy.mean) / policy.variance.sqrt()
    given = replace(observation, values=by_hand.float())
    expected, worth, _ = policy.inner.step(given, training.start.memory)
    assert torch.equal(scores, expected)
    assert torch.equal(value, worth)
    assert policy.scale == pytest.approx(float(policy.spread[1]) ** 0.5)


def test_the_best_mean_is_over_enough_episodes():
    lines = [
        {"episodes/ended": 60.0, "episodes/return": 9.0},
        {"episodes/ended": 0.0},
        {"episodes/ended": 60.0, "episodes/return": 1.0},
        {"episodes/ended": 100.0, "episodes/return": 4.0},
        {"episodes/ended": 99.0, "episodes/return": 50.0},
    ]
    assert mmer(lines) == 4.0  # without the first mean, 5: the short episodes end first
    assert mmer(lines[:3]) == 5.0
    assert mmer(lines[-1:]) is None


def test_the_interval_of_a_mean_is_that_of_the_normal_where_there_are_many():
    values = np.random.default_rng(0).normal(3, 2, 400).tolist()
    low, high = bootstrap(values)
    half = 1.96 * np.std(values) / 20
    assert low == pytest.approx(np.mean(values) - half, abs=0.03)
    assert high == pytest.approx(np.mean(values) + half, abs=0.03)


def test_scores_are_of_the_episodes_that_are_traced(tmp_path):
    player = inwit.train(small(), out=tmp_path / "run")
    score, traces = player.evaluate(7), player.trace(7)
    assert [trace.seed for trace in traces] == fresh_seeds(2026, 7)
    assert [trace.total for trace in traces] == list(score.greedy.returns)
    for trace in traces:
        actions = [int(act.action) for act in trace.acts]
        assert [act.reward for act in trace.acts] == [each[2] for each in rows(trace.seed, actions)]


def test_a_recipe_comes_back_from_what_it_wrote():
    recipe = small(learner=PPO(clip=0.1), seed=3, length=8)
    assert read_game_recipe(json.loads(json.dumps(recipe.dump()))) == recipe
    assert recipe.environment.length == 8
    assert game_recipe_for("stages") is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"learner": "grpo"}, "a learner with a value"),
        ({"policy": "pointer"}, "memory has a fixed size"),
        ({"policy": GRU(reader="recurrent")}, "no prompt"),
        ({"length": 0}, "at least 1"),
    ],
)
def test_what_does_not_suit_an_environment_is_refused(changes, told):
    with pytest.raises(InvalidOption, match=told):
        small(**changes)


@pytest.mark.parametrize("name", ["masks", "curriculum", "replay", "epsilon", "search"])
def test_options_of_tasks_are_refused(name):
    with pytest.raises(UnknownName, match=name):
        small(**{name: 1})


def test_the_command_line_trains_scores_and_shows(tmp_path, capsys):
    out = str(tmp_path / "run")
    options = ["--length", "3", "--updates", "2", "--batch", "8", "--window", "8"]
    main(["train", "memory-length", *options, "--out", out])
    told = capsys.readouterr().out
    assert "mean return" in told
    assert "random play" in told
    main(["evaluate", out, "--count", "9"])
    assert "the most probable" in capsys.readouterr().out
    main(["trace", out, "--count", "2"])
    assert capsys.readouterr().out.count("return") == 2
    with pytest.raises(SystemExit) as stopped:
        main(["solve", out, "1+2"])
    assert stopped.value.code == 2
    assert "was trained in an environment" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["evaluate", out, "--lengths", "5"])


@pytest.mark.learning
def test_a_gated_unit_remembers_and_the_memoryless_policy_does_not(tmp_path):
    options = {"length": 5, "updates": 60, "batch": 64, "window": 24}
    scores = [
        inwit.train("memory-length", policy=policy, out=tmp_path / policy, **options).evaluate()
        for policy in ("gru", "memoryless")
    ]
    assert scores[0].greedy.mean > 0.9
    assert abs(scores[1].greedy.mean) < 0.3
