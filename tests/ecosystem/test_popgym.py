"""The benchmark on POPGym: every contender takes its steps, in what it says that it plays."""

import json
import sys

import pytest

pytest.importorskip("popgym")
pytest.importorskip("sb3_contrib")

import gymnasium
from gymnasium import spaces

import popgym_scores
from inwit.evaluation.intervals import bootstrap
from inwit.games.player import FRESH_SEED
from inwit.games.scores import fresh_seeds

STEPS = popgym_scores.BATCH * popgym_scores.WINDOW


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(popgym_scores, "EPISODES", 4)
    monkeypatch.setattr(popgym_scores, "STEPPED", 50)


@pytest.mark.parametrize("name", popgym_scores.ENVIRONMENTS)
def test_every_environment_is_one_that_recurrent_ppo_takes(name):
    space = popgym_scores.made(name).observation_space
    assert isinstance(space, spaces.Discrete | spaces.Box)
    assert name.endswith("Easy")


def by_hand(name, act):
    """The returns of the scored episodes under a rule for actions, with the library alone."""
    for seed in fresh_seeds(FRESH_SEED, 4):
        env = gymnasium.make(f"popgym-{name}-v0", disable_env_checker=True)
        seen, _ = env.reset(seed=seed)
        total, over = 0.0, False
        while not over:
            seen, reward, terminated, truncated, _ = env.step(act(seen))
            total, over = total + float(reward), terminated or truncated
        yield total


class Echo:
    """Stands for a model: it repeats what it sees."""

    def predict(self, seen, state, first, deterministic):
        assert (state is None) == bool(first.all())
        return seen, 0


@pytest.mark.parametrize("name", ["RepeatPreviousEasy", "RepeatFirstEasy"])
def test_a_score_is_of_the_episodes_that_ours_is_scored_on(name):
    expected = list(by_hand(name, lambda seen: seen))
    assert popgym_scores.played(Echo(), name, greedy=True) == pytest.approx(expected)


@pytest.mark.parametrize("contender", list(popgym_scores.CONTENDERS))
def test_a_contender_trains_and_is_scored(contender):
    made = popgym_scores.CONTENDERS[contender]("CountRecallEasy", STEPS, 1)
    assert len(made["drawn"]) == len(made["greedy"]) == 4
    assert all(-1.001 <= each <= 1.001 for each in made["drawn"])
    assert made["cpu"] >= 0


def test_the_same_command_goes_on_and_prints_the_table(tmp_path, monkeypatch, capsys):
    out, played = tmp_path / "popgym.jsonl", []

    def fixed(name, steps, seed):
        played.append((name, seed))
        return popgym_scores.found([seed, seed + 1.0], [0.5, 0.5], 3.0, 0.25)

    monkeypatch.setattr(popgym_scores, "CONTENDERS", {"ours, gru": fixed, "random play": fixed})
    options = ["--environments", "A", "B", "--contenders", "ours, gru", "random play"]
    command = ["popgym_scores", *options, "--out", str(out)]
    monkeypatch.setattr(sys, "argv", [*command, "--seeds", "1"])
    popgym_scores.main()
    assert played == [("A", 0), ("A", 0), ("B", 0), ("B", 0)]
    monkeypatch.setattr(sys, "argv", [*command, "--seeds", "2"])
    popgym_scores.main()
    assert played[4:] == [("A", 1), ("A", 1), ("B", 1), ("B", 1)]
    assert len(out.read_text().splitlines()) == 8
    assert json.loads(out.read_text().splitlines()[0])["drawn"] == [0, 1.0]
    (row,) = [
        line for line in capsys.readouterr().out.splitlines() if "| A | ours, gru | 2" in line
    ]
    low, high = bootstrap([0.0, 1.0, 1.0, 2.0])
    assert f"1.000 ({low:.3f} to {high:.3f})" in row
    assert "0.500, 1.500" in row
    assert row.endswith("| 0.250 | 3.0 | 0.0 |")
