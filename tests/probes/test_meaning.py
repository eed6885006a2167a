"""The certificate's lines about what keys mean, and frauds that they find."""

import pytest
import torch
from torch import nn

from inwit.environment import Environment
from inwit.policies import GRU, Learned, SelfMasked
from inwit.probes.card import Verdict
from inwit.probes.meaning import drawn, meaning, paths
from inwit.probes.subject import Subject
from inwit.recipe import Recipe
from inwit.tasks import Stages
from tests.probes import planted


class Shared(nn.Module):
    """A network that presses as a planted one does, with a second head that says nothing."""

    recurrent = True

    def __init__(self, player):
        super().__init__()
        self.begin, self.player = player.begin, player

    def step(self, observation, memory):
        scores, value, memory = self.player.step(observation, memory)
        return torch.cat([scores, torch.zeros_like(scores)], 1), value, memory


def subject_of(verdict):
    """An agent that is always right, with these verdicts about the keys."""
    recipe = Recipe(task=Stages(once=True), policy=GRU(width=8), masks=Learned())
    environment = recipe.environment()
    keys = len(environment.machine.vocabulary)
    policy = SelfMasked(Shared(planted.stage_reader()), Learned(), keys)
    subject = Subject(
        recipe=recipe,
        policy=policy,
        environment=environment,
        audit=planted.audited(environment.task),
        count=400,
        seed=0,
    )
    policy.meanings = lambda trajectory: verdict(legal_keys(subject, trajectory)) - 0.5
    return subject


def legal_keys(subject, trajectory):
    """What the machine itself says, press by press, as numbers."""
    problems, machine = subject.problems, subject.task.machine(subject.task.rules, "cpu")
    depth, rows = subject.task.max_depth(problems), []
    state = machine.reset(problems.operands, None, depth=depth)
    for keys in trajectory.key:
        rows.append(machine.members(state.legal).float())
        state = machine.press(state, keys)
    return torch.stack(rows)


def lines(verdict):
    return {line.name: line for line in meaning(subject_of(verdict))}


def truth(legal):
    return legal


def test_whoever_knows_the_machine_passes():
    made = lines(truth)
    assert made["legal keys withheld"].verdict is Verdict.PASS
    on, off = made["what a key means, on its path"], made["what a key means, off its path"]
    assert (on.figure, on.verdict) == (1.0, Verdict.PASS)
    assert (off.figure, off.verdict) == (1.0, Verdict.STATED)
    assert 0.5 < on.beside["by the key alone"] < 0.95


@pytest.mark.parametrize(
    "verdict",
    [
        torch.ones_like,
        torch.zeros_like,
        lambda legal: 1 - legal,
        lambda legal: legal.roll(1, 0),
    ],
    ids=["all", "none", "the contrary", "of the press before"],
)
def test_frauds_fail(verdict):
    assert lines(verdict)["what a key means, on its path"].verdict is Verdict.FAIL


def test_nothing_is_said_of_an_agent_that_is_shown_the_keys():
    shown = subject_of(truth)
    shown.__dict__["environment"] = Environment(Stages(once=True))
    assert list(meaning(shown)) == []


def test_half_of_the_keys_that_are_asked_about_mean_something(generator):
    made = subject_of(truth)
    trajectory, legal = paths(made.policy, made, generator)
    press, key = drawn(trajectory.pressed, legal, trajectory.observation.legal, generator)
    rows = torch.arange(400)
    assert 0.42 < legal[press, rows, key].float().mean() < 0.58
    assert trajectory.pressed[press, rows].all()
    assert trajectory.observation.legal[press, rows, key].all()
