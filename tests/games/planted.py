"""Agents for memory-length whose virtues and defects are known."""

import torch
from torch.nn.functional import one_hot

from inwit.games.normalising import NormalisedPolicy
from inwit.policies import Policy

SURE = 1e3


def answers(bit, observation):
    """Scores of the actions: even until the bit is asked for."""
    asked = (observation.seen[:, 1] == 1).float()
    scores = SURE * asked[:, None] * torch.cat([bit, torch.zeros(len(bit), 1)], 1)
    return scores, scores[:, 0]


class Remembers(Policy):
    """Keeps the bit in its state, and answers with it; its other actions say nothing of it."""

    def begin(self, prompt):
        return (torch.zeros(len(prompt.level), 2),)

    def step(self, observation, memory):
        shown = one_hot(observation.seen[:, 0], 3)[:, :2].float()
        state = memory[0] + shown
        return *answers(state, observation), (state,)


class Smuggles(Remembers):
    """Is as right, but keeps the bit outside of its state: resets cannot take it away."""

    def begin(self, prompt):
        self.hidden = torch.zeros(len(prompt.level), 2)
        return (torch.zeros(len(prompt.level), 2),)

    def step(self, observation, memory):
        shown = one_hot(observation.seen[:, 0], 3)[:, :2].float()
        first = shown.any(1, keepdim=True)
        self.hidden = torch.where(first, shown, self.hidden)
        return *answers(self.hidden, observation), memory


class Blind(Remembers):
    """Answers 0, whatever it has seen."""

    def step(self, observation, memory):
        scores = torch.zeros(len(observation.previous), 3)
        scores[:, 0] = SURE
        return scores, scores[:, 0], memory


class Present(Blind):
    """Has no state at all."""

    recurrent = False

    def begin(self, prompt):
        return (torch.zeros(len(prompt.level), 2),)


def wrapped(policy):
    """As a run has it, seeing plain numbers."""
    return NormalisedPolicy(policy, 1, observations=False, rewards=False)


class Presses(Present):
    """Has no state, but keeps the bit in its own actions."""

    def step(self, observation, memory):
        shown = observation.seen[:, 0]
        bit = torch.where(shown < 2, shown, observation.previous.clamp(max=1))
        scores = SURE * one_hot(bit, 3).float()
        return scores, scores[:, 0], memory


class Counts(Remembers):
    """Alternates between the actions; its state is the number of its steps."""

    def begin(self, prompt):
        return (torch.zeros(len(prompt.level), 1),)

    def step(self, observation, memory):
        scores = SURE * one_hot((memory[0][:, 0] % 2).long(), 3).float()
        return scores, scores[:, 0], (memory[0] + 1,)
