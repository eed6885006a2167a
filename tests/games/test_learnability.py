"""What an audit says of learning: the figures are those of runs with the same options."""

import pytest

import inwit
from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.games import learnability as module
from inwit.games.learnability import learnability
from inwit.games.memory_length import MemoryLength
from inwit.games.scores import ReturnScore

UPDATE = 64 * 5
"""Rows of an update at length 3."""


def score(returns):
    return ReturnScore(returns=tuple(map(float, returns)), steps=(1,) * len(returns))


@pytest.mark.parametrize(
    ("recurrent", "memoryless", "random", "constant", "verdict", "says"),
    [
        ([1] * 10, [1, -1] * 5, [-1, 1] * 5, [0] * 10, "pass", "memory earns more in this"),
        (
            [1] * 10,
            [1, -1] * 5,
            [-1, 1] * 5,
            [1, 0] * 5,
            "pass",
            "memory earns more in this budget:",
        ),
        ([1] * 10, [1, -1] * 5, [-1, 1] * 5, [1] * 10, "pass", "one action all the time earns as"),
        ([1, -1] * 5, [1, -1] * 5, [-1, 1] * 5, [0] * 10, "warn", "memory earns nothing"),
        (
            [0] * 10,
            [1] * 10,
            [-1] * 10,
            [0] * 10,
            "pass",
            "the policy without memory learns faster",
        ),
    ],
)
def test_lines_say_what_the_returns_say(recurrent, memoryless, random, constant, verdict, says):
    scores = [score(each) for each in (recurrent, memoryless, random)]
    found = {each.id: each for each in module._findings(*scores, score(constant), 4096)}
    assert found["learn/recurrent"].verdict == verdict
    assert says in found["learn/memory"].message
    more = sum(one > other for one, other in zip(recurrent, random, strict=True))
    assert (found["learn/recurrent"].hits, found["learn/recurrent"].count) == (more, 10)
    assert ("nothing is learnt" in found["learn/recurrent"].message) == (verdict == "warn")


@pytest.mark.slow
def test_figures_are_those_of_runs(tmp_path):
    found = learnability(MemoryLength(length=3), actions=UPDATE + 1, seed=4)
    for line, policy in zip(found[:2], ("gru", "memoryless"), strict=True):
        player = inwit.train(
            MemoryLength(length=3), policy=policy, seed=4, updates=2, out=tmp_path / policy
        )
        scores = player.evaluate(module.EPISODES, seed=5)  # episodes that it was not trained on
        assert f"after {2 * UPDATE:,} actions" in line.message
        assert f"earns {scores.sampled.mean:.3f} (" in line.message
        assert f"random play {scores.random.mean:.3f}" in line.message


def test_a_budget_below_one_update_is_refused():
    with pytest.raises(InvalidOption, match="one update takes 768 actions"):
        learnability(MemoryLength(), actions=10)


@pytest.mark.parametrize("target", ["stages", "gymnasium:world.py:World"])
def test_what_cannot_be_trained_on_is_refused(target, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["audit", target, "--learn", "5000"])
    assert stop.value.code == 2
    assert "--learn is for gymnasium:ID" in capsys.readouterr().err
