"""The certificate in an environment: planted agents are told apart, figures are those of scores."""

import pytest

import inwit
from inwit.cli.main import main
from inwit.errors import InvalidOption
from inwit.games import certificate as module
from inwit.games.certificate import certify_player
from inwit.games.recipe import game_recipe_for
from inwit.probes import Verdict
from inwit.probes.rows import cells
from inwit.reports.certificate_page import certificate_page
from tests.games.planted import Blind, Present, Remembers, Smuggles, wrapped

EPISODES = 60


def recipe_of(length=12, **changes):
    options = {"length": length, "updates": 1, "batch": EPISODES, "window": 4, "policy.width": 8}
    return game_recipe_for("memory-length").but(**(options | changes))


def verdicts(agent, control, monkeypatch):
    """By part and name, with a planted control."""
    monkeypatch.setattr(module, "trained", lambda recipe, name, updates: wrapped(control))
    made = certify_player(recipe_of(), wrapped(agent), episodes=EPISODES)
    judged = [line for line in made.lines if line.verdict in (Verdict.PASS, Verdict.FAIL)]
    return made, {
        (line.part, line.name if line.part != "past" else "best"): str(line.verdict)
        for line in judged
    }


def test_an_agent_that_remembers_passes(monkeypatch):
    made, found = verdicts(Remembers(), Blind(), monkeypatch)
    assert found == {
        ("competence", "mean return, drawn actions"): "pass",
        ("memory", "without memory, trained as long"): "pass",
        ("lesions", "state reset every 1"): "pass",
        ("lesions", "another's observations"): "pass",
        ("past", "best"): "pass",
    }
    assert made.find("competence")[0].figure == 1.0
    best, *_, first = made.find("past")
    assert best.name == "seen at the first step, the best of 5"
    assert first.beside["agent"] == 1.0
    assert first.beside["present"] < 0.9
    assert made.passed
    assert {"planning", "masks"} <= set(made.not_shown)


def test_a_bit_that_is_kept_outside_of_the_state_is_found_out(monkeypatch):
    _, found = verdicts(Smuggles(), Blind(), monkeypatch)
    assert found[("competence", "mean return, drawn actions")] == "pass"
    assert found[("lesions", "state reset every 1")] == "fail"
    assert found[("past", "best")] == "fail"


def test_a_policy_without_memory_fails_where_one_with_memory_earns_more(monkeypatch):
    made, found = verdicts(Present(), Remembers(), monkeypatch)
    assert found == {
        ("competence", "mean return, drawn actions"): "fail",
        ("memory", "a gru, trained as long"): "fail",
        ("lesions", "state reset every 1"): "fail",
        ("past", "best"): "fail",
    }
    assert not made.passed


def test_nothing_is_claimed_where_memory_earns_nothing(monkeypatch):
    made, found = verdicts(Present(), Blind(), monkeypatch)
    assert found == {("competence", "mean return, drawn actions"): "fail"}
    (line,) = made.find("memory")
    assert "no claim" in line.note


def test_nothing_is_claimed_where_one_action_earns_as_much(monkeypatch):
    """Of two agents that need not look, one may just have been trained faster."""
    monkeypatch.setattr(
        module,
        "best_constant",
        lambda spec, play, agent: agent,  # it is never better
    )
    made, found = verdicts(Remembers(), Blind(), monkeypatch)
    assert found == {("competence", "mean return, drawn actions"): "pass"}
    assert "one action all the time earns as much" in made.find("memory")[0].note


def test_a_control_that_earns_more_is_a_failure(monkeypatch):
    _, found = verdicts(Blind(), Remembers(), monkeypatch)
    assert found[("memory", "without memory, trained as long")] == "fail"


@pytest.mark.slow
def test_figures_are_those_of_the_runs(tmp_path):
    player = inwit.train(recipe_of(3, updates=3), out=tmp_path / "agent")
    control = inwit.train(
        recipe_of(3, updates=3).but(policy=module.Memoryless(width=8)), out=tmp_path / "control"
    )
    made = player.certify(EPISODES, seed=5)
    score, other = (each.evaluate(EPISODES, seed=5) for each in (player, control))
    drawn, greedy = made.find("competence")
    assert (drawn.figure, drawn.interval) == (score.sampled.mean, score.sampled.interval)
    assert (greedy.figure, greedy.interval) == (score.greedy.mean, score.greedy.interval)
    assert drawn.beside["random"] == score.random.mean
    assert made.find("memory")[0].figure == other.sampled.mean
    assert player.certify(EPISODES, seed=5) == made
    assert all(cells(line) for line in made.lines)
    assert "another&#x27;s observations" in certificate_page(made)


def test_the_command_line_prints_it(tmp_path, capsys):
    out = tmp_path / "run"
    inwit.train(recipe_of(3), out=out)
    main(["certify", str(out), "--count", "20", "--json", str(tmp_path / "card.json")])
    shown = capsys.readouterr().out
    assert "state reset every 1" in shown
    assert "does not apply" in shown
    assert (tmp_path / "card.json").exists()
    with pytest.raises(SystemExit):
        main(["certify", str(out), "--formation", str(tmp_path / "x.svg")])
    with pytest.raises(InvalidOption, match="at least 2"):
        inwit.load(out).certify(1)
    main(["certify", str(out), "--count", "20", "--longest", "2"])
    assert "20 of 20 episodes were stopped after 2 actions" in capsys.readouterr().out
    main(["trace", str(out), "--count", "1", "--longest", "2"])
    assert "stopped after 2 actions" in capsys.readouterr().out


@pytest.mark.nightly
@pytest.mark.learning
def test_a_gated_unit_that_learns_to_remember_passes_and_the_memoryless_policy_fails(tmp_path):
    options = {"length": 5, "updates": 60, "batch": 64, "window": 24}
    for policy, passes in (("gru", True), ("memoryless", False)):
        made = inwit.train("memory-length", policy=policy, out=tmp_path / policy, **options)
        assert made.certify(100).passed is passes
