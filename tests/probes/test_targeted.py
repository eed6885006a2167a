"""The targeted edit is tried on agents that act on the plan in their state, and on frauds."""

import pytest
import torch

from inwit.probes import Verdict, certificate, certify, edit
from inwit.probes.steering import Steered, shifted, state_of, written
from inwit.probes.subject import draw
from inwit.probes.targeted import LEAST, MARGIN, name_plans
from inwit.training.rollout import play, rollout
from tests.conftest import network_for
from tests.probes import frauds, planted
from tests.recipes import recipe_of
from tests.tiers import few_fast

FIRST = "first operand"
SLOW = pytest.mark.slow


@pytest.fixture
def environment():
    return planted.stages_environment()


@pytest.fixture(autouse=True)
def edits_alone(monkeypatch):
    parts = [part for part in certificate.PARTS if part.__name__ == "edits"]
    monkeypatch.setattr(certificate, "PARTS", parts)


def lines(agent, environment, *, task="stages", problems=150, seed=0):
    recipe = recipe_of(task, width=8)
    audit = planted.audited(environment.task)
    made = certify(recipe, agent, environment, audit=audit, problems=problems, seed=seed)
    return {line.name.split(" written")[0]: line for line in made.find("edit")}


def test_the_bars_are_those_that_were_set_before_anything_was_measured():
    assert (LEAST, MARGIN) == (0.5, 0.3)


@pytest.mark.parametrize("seed", few_fast(range(5), 0, rest=SLOW))
def test_an_agent_that_acts_on_its_state_passes(environment, seed):
    line = lines(frauds.planner(), environment, seed=seed)[FIRST]
    assert line.verdict is Verdict.PASS
    assert (line.figure, line.count) == (1.0, 150)
    assert line.beside["random direction"] < 0.2


@pytest.mark.slow
@pytest.mark.parametrize(
    "fraud", [frauds.Table, frauds.Decoy, pytest.param(frauds.Searching, marks=SLOW)]
)
def test_frauds_are_right_and_fail(environment, fraud):
    agent = fraud()
    for level in range(3):
        assert bool(play(agent, environment, draw(environment.task, [level], 100, 1)).all())
    line = lines(agent, environment)[FIRST]
    assert line.verdict is Verdict.FAIL
    assert line.figure == 0.0
    assert line.count > 140


def test_a_plan_in_the_state_that_is_not_acted_on_can_be_read(environment):
    """What the fraud is about: its state gives every key away."""
    problems = draw(environment.task, [2], 50, 1)
    made, _ = rollout(frauds.Decoy(), environment, problems)
    told = state_of(frauds.Decoy(), made.prompt).unflatten(1, (-1, frauds.KEYS)).argmax(2)
    assert torch.equal(told.T[: len(made.key)], made.key)


def test_where_all_begin_alike_the_line_does_not_apply(environment):
    found = lines(planted.stage_reader(), environment)
    assert {line.verdict for line in found.values()} == {Verdict.NONE}
    assert "all have the same first operand" in found[FIRST].note
    assert "all have the same first tool" in found["first tool"].note


def test_the_next_level_is_tried_where_the_hardest_has_no_choice(environment):
    line = lines(chooses_at_level_1(), environment)[FIRST]
    assert line.verdict is Verdict.PASS
    assert line.note.startswith("level 1;")


def chooses_at_level_1():
    """Its first operand varies at level 1 alone."""

    def plan(symbols, level):
        return frauds.ordered(symbols if level == 1 else [1, 0], level)

    return planted.Register(frauds.KEYS, plan)


@pytest.mark.slow
def test_where_a_random_direction_does_it_the_line_does_not_apply(environment, monkeypatch):
    monkeypatch.setattr("inwit.probes.targeted.MARGIN", 1.01)
    line = lines(frauds.planner(), environment)[FIRST]
    assert line.verdict is Verdict.NONE
    assert "a random direction" in line.note


def test_a_policy_that_sees_everything_anew_has_no_plan_to_edit():
    environment = network_environment("countdown")
    agent = network_for(environment, policy="feedforward")
    found = lines(agent, environment, task="countdown")
    assert all(line.verdict is Verdict.NONE for line in found.values())
    assert "keeps nothing from press to press" in found[FIRST].note


def network_environment(task):
    return recipe_of(task, width=8).environment()


def test_named_plans_are_valid_and_not_the_agents_own(environment, generator):
    problems = draw(environment.task, [2], 60, 1)
    agent = frauds.planner()
    plans = name_plans(agent, environment, problems, [0, 1], generator, press=0)
    own, _ = rollout(agent, environment, problems)
    assert bool(plans.counts.all())
    for row, digits in enumerate(problems.symbols.tolist()):
        keys = [key for key in plans.keys[:, row].tolist() if key >= 0]
        a, b, c, d, e = digits
        assert frauds.value(digits, keys) == a * b + c - d * e
        assert keys[0] == int(plans.choice[row]) == 1 - int(own.key[0, row])


@pytest.mark.parametrize("policy", ["gru", "pointer", "transformer"])
def test_nothing_written_changes_nothing(policy, environment, generator):
    environment = planted.prompts_environment() if policy != "gru" else environment
    agent = network_for(environment, policy=policy)
    problems = draw(environment.task, [2], 20, 1)
    own, _ = rollout(agent, environment, problems)
    state = state_of(agent, own.prompt)
    same, _ = rollout(Steered(agent, change=torch.zeros_like(state)), environment, problems)
    assert torch.equal(same.key, own.key)
    memory = agent.begin(own.prompt)
    change = torch.randn(state.shape, generator=generator)
    after = shifted(memory, change)
    moved = torch.cat([(after[place] - memory[place]).flatten(1) for place in written(memory)], 1)
    torch.testing.assert_close(moved, change, atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_the_same_arguments_give_the_same_figures(environment):
    others, problems = (draw(environment.task, [2], size, size) for size in (200, 50))
    agent = frauds.planner()
    first, again = (
        edit(agent, environment, others, problems, torch.Generator().manual_seed(3))
        for _ in range(2)
    )
    assert first == again
    assert first.choices == ("0", "1")
