"""The default recipe learns the stages, and what it learns needs its memory."""

import pytest
import torch

from inwit.policies import Policy
from inwit.training.rollout import play

pytestmark = [pytest.mark.learning, pytest.mark.xdist_group("stages")]


@pytest.fixture
def agent(learnt_stages):
    return learnt_stages[0]


class Without(Policy):
    """A policy that may not press one key, and does not know."""

    def __init__(self, policy, key):
        super().__init__()
        self.policy, self.key = policy, key

    def begin(self, prompt):
        return self.policy.begin(prompt)

    def step(self, observation, memory):
        scores, value, memory = self.policy.step(observation, memory)
        allowed = observation.legal.clone()
        allowed[:, self.key] = False
        stuck = ~allowed.any(1, keepdim=True)
        return scores.masked_fill(~allowed & ~stuck, -1e8), value, memory


class Forgetful(Policy):
    """A policy whose recurrent state is wiped after every press."""

    def __init__(self, policy):
        super().__init__()
        self.policy = policy

    def begin(self, prompt):
        return self.policy.begin(prompt)

    def step(self, observation, memory):
        scores, value, memory = self.policy.step(observation, memory)
        return scores, value, tuple(torch.zeros_like(part) for part in memory)


def held_out(agent, level, count=1000):
    generator = torch.Generator().manual_seed(11)
    task = agent.environment.task
    return task.sample(torch.full((count,), level), generator, held_out=True)


def accuracy(policy, environment, problems):
    return play(policy, environment, problems).float().mean()


def test_every_stage_is_learnt(agent):
    for score in agent.evaluate(1000):
        assert score.agent.accuracy == 1, score.form
        assert score.chance.accuracy < 0.5


def test_without_sto_the_last_stage_is_lost(agent):
    environment = agent.environment
    lesioned = Without(agent.policy, environment.machine.vocabulary["STO"])
    problems = held_out(agent, 2)
    assert accuracy(agent.policy, environment, problems) == 1
    assert accuracy(lesioned, environment, problems) <= 0.6


def test_without_its_recurrent_state_it_is_lost(agent):
    problems = held_out(agent, 2)
    assert accuracy(Forgetful(agent.policy), agent.environment, problems) <= 0.6
