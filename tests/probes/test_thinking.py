"""Idle presses and plans not taken: agents that gain from idling or know both, and agents that do
not.
"""

import pytest
import torch

from inwit.probes import Verdict, certificate, certify
from inwit.probes.subject import draw
from inwit.probes.targeted import valid_choices
from tests.conftest import network_for
from tests.probes import frauds, planted
from tests.recipes import recipe_of


@pytest.fixture
def examined(monkeypatch):
    """The lines of one part."""

    def lines(part, agent, problems=100):
        parts = [each for each in certificate.PARTS if each.__name__ == part]
        monkeypatch.setattr(certificate, "PARTS", parts)
        environment = planted.stages_environment()
        audit = planted.audited(environment.task)
        recipe = recipe_of("stages", width=8)
        return certify(recipe, agent, environment, audit=audit, problems=problems).lines

    return lines


def test_an_agent_that_needs_a_moment_gains_from_idling(examined):
    found = examined("thinking", frauds.Pondering())
    assert len(found) == 3
    for line in found:
        assert line.verdict is Verdict.STATED
        assert line.figure > 0.8
        assert line.interval[0] > 0.7
        assert line.beside["memoryless"] == 0


def test_an_agent_without_recurrence_gains_exactly_nothing(examined):
    environment = planted.stages_environment()
    for policy in ("memoryless", "feedforward"):
        agent = network_for(environment, policy=policy)
        for line in examined("thinking", agent):
            assert (line.figure, line.beside["memoryless"]) == (0, 0)
            assert "keeps nothing" in line.note


def test_an_agent_that_idles_its_plan_away_loses(examined):
    found = examined("thinking", frauds.planner())
    assert all(line.interval[1] < -0.2 for line in found)


@pytest.mark.slow
def test_a_plan_that_is_not_taken_is_read_where_it_is_known(examined):
    (line,) = examined("alternatives", frauds.Knowing(), 300)
    assert line.verdict is Verdict.STATED
    assert line.beside["agent"] > 0.95
    assert line.interval[0] > 0
    (line,) = examined("alternatives", frauds.planner(), 300)
    assert line.verdict is Verdict.STATED
    assert line.figure < 0.02


def test_valid_choices_are_those_of_arithmetic(environment):
    problems = draw(environment.task, [2], 40, 1)
    agent = frauds.Knowing()
    found = valid_choices(agent, environment, problems)
    for row, digits in enumerate(problems.symbols.tolist()):
        plan = frauds.ordered(digits, 2)
        known = agent.valid(digits, plan)
        assert found[row, plan[0]] == -1
        others = [key for key in range(5) if key != plan[0]]
        assert [bool(found[row, key]) for key in others] == [known[key] for key in others]
    assert bool((found[:, 5:] == -1).all())
    assert torch.equal(found, found.clamp(-1, 1))
