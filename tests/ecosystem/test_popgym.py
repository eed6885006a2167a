"""The benchmark on POPGym: every contender takes its steps, in what it says that it plays."""

import json
import sys

import pytest

pytest.importorskip("popgym")
pytest.importorskip("sb3_contrib")

import gymnasium
from gymnasium import spaces

import popgym_contenders
import popgym_report as report
import popgym_scores
import popgym_speed
from inwit.evaluation.intervals import bootstrap
from inwit.games.player import FRESH_SEED
from inwit.games.scores import fresh_seeds

STEPS = popgym_contenders.BATCH * popgym_contenders.WINDOW


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(popgym_contenders, "EPISODES", 4)
    monkeypatch.setattr(popgym_contenders, "STEPPED", 50)


@pytest.mark.parametrize("size", popgym_scores.SIZES)
@pytest.mark.parametrize("name", popgym_scores.NAMES)
def test_every_environment_is_one_that_recurrent_ppo_takes(name, size):
    space = popgym_contenders.made(name + size).observation_space
    assert isinstance(space, spaces.Discrete | spaces.Box)


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
    assert popgym_contenders.played(Echo(), name, greedy=True) == pytest.approx(expected)


@pytest.mark.parametrize("contender", list(popgym_contenders.CONTENDERS))
def test_a_contender_trains_and_is_scored(contender):
    made = popgym_contenders.CONTENDERS[contender]("CountRecallEasy", STEPS, 1)
    assert len(made["drawn"]) == 4
    assert all(-1.001 <= each <= 1.001 for each in [*made["drawn"], made["greedy"]])
    assert made["cpu"] >= 0


@pytest.fixture
def here(monkeypatch):
    """What goes into other processes stays in this one."""

    def one_by_one(function, items, options, name):
        assert all(name(each) for each in items)
        return ((each, function(each)) for each in items)

    monkeypatch.setattr(popgym_scores, "side_by_side", one_by_one)


@pytest.mark.usefixtures("here")
def test_the_same_command_goes_on_and_prints_the_table(tmp_path, monkeypatch, capsys):
    out, played, loaded = tmp_path / "popgym.jsonl", [], []

    def contender(number):
        def fixed(name, steps, seed):
            if steps > 1:
                played.append((name, number, seed))
            else:
                loaded.append(number)
            returns = [seed + 0.5 * number, seed + 0.5 * number + 0.25]
            return popgym_contenders.found(returns, [0.5, 0.5], 10.0 * (number + 1), 0.25)

        return fixed

    every = {name: contender(number) for number, name in enumerate(popgym_scores.DEFAULT)}
    monkeypatch.setattr(popgym_scores, "CONTENDERS", every)
    command = ["popgym_scores", "--environments", "A", "B", "--out", str(out)]
    monkeypatch.setattr(sys, "argv", [*command, "--seeds", "1"])
    popgym_scores.main()
    order = [("A", 0, 0), ("A", 1, 0), ("A", 2, 0), ("B", 0, 0), ("B", 1, 0), ("B", 2, 0)]
    assert played == [*order, ("A", 3, 0), ("B", 3, 0)]
    for line in out.read_text().splitlines()[:3]:
        assert json.loads(line)["environment"] == "A"
    popgym_scores.main()
    assert len(played) == 8  # nothing is run again
    assert loaded == [number for _, number, _ in played]  # untimed, in the process of each
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", [*command, "--seeds", "2", "--contenders", "ours, gru"])
    popgym_scores.main()
    assert loaded[8:] == [1, 1]
    assert played[8:] == [("A", 1, 1), ("B", 1, 1)]
    shown = capsys.readouterr().out
    low, high = bootstrap([0.5, 0.75, 1.5, 1.75])
    own = f"1.125, {low:.3f} to {high:.3f} (0.500)"
    # Seed 0 alone is in both: 0.5 less 1.0 in each episode.
    assert f"| {own} | 1.125, 1.000 to 1.250 (0.500) | worse: -0.500, -0.500 to -0.500 |" in shown
    assert "2 environments: 0 better, 0 even, 2 worse" in shown


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("asked", "first"), [((), "Easy"), (("--size", "Hard"), "Hard")])
def test_the_nine_environments_of_a_size_are_played(tmp_path, monkeypatch, asked, first):
    played = []

    def fixed(name, steps, seed):
        if steps > 1:
            played.append(name)
        return popgym_contenders.found([0.5, 1.0], [0.5], 1.0, None)

    monkeypatch.setattr(popgym_scores, "CONTENDERS", {report.OURS: fixed})
    out = ["--seeds", "1", "--out", str(tmp_path / "popgym.jsonl"), *asked]
    monkeypatch.setattr(sys, "argv", ["popgym_scores", "--contenders", report.OURS, *out])
    popgym_scores.main()
    assert played == [name + first for name in popgym_scores.NAMES]


def test_a_size_is_not_ignored_beside_names(monkeypatch, capsys):
    asked = ["popgym_scores", "--size", "Hard", "--environments", "RepeatFirstEasy"]
    monkeypatch.setattr(sys, "argv", asked)
    with pytest.raises(SystemExit):
        popgym_scores.main()
    assert "not allowed with argument --size" in capsys.readouterr().err


def test_speeds_are_medians_over_rounds_with_and_without_stepping():
    seconds = {
        popgym_speed.BARE: [1.0, 2.0, 1.0],
        popgym_speed.WRAPPED: [3.0, 2.0, 3.0],
        report.MEMORYLESS: [3.0, 3.0, 3.0],
        report.OURS: [4.0, 5.0, 4.0],
        report.THEIRS: [13.0, 12.0, 11.0],
    }
    shown = popgym_speed.table({("A", who): each for who, each in seconds.items()}, 100)
    # gru: 4/13, 5/12, 4/11 of the time; without stepping 3/10, 3/10, 3/8.
    assert shown.endswith("| `A` | 100 | 33 | 33 | 25 | 8 | 0.36 | 0.30 | 25% | 23% |")


def test_each_side_has_its_setting():
    marks = {who: popgym_contenders.mark_of(who) for who in popgym_scores.DEFAULT}
    assert marks[report.OURS] == marks[report.MEMORYLESS]
    assert marks[report.RANDOM] == marks[report.THEIRS] != marks[report.OURS]
