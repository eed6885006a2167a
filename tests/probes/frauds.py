"""Agents that are right on the stages but do not act on a plan in their state, and one that does.

Each enters the larger of the first two digits first.
"""

import torch
from torch.nn.functional import one_hot

from inwit.policies import Policy
from inwit.tasks import Stages
from tests.probes.planted import LENGTH, Register, stage_plans

KEYS = len(Stages().rules.vocabulary)


def ordered(symbols, level):
    """The stage's program, with the first two digits exchanged where the second is larger."""
    plan = stage_plans()[level]
    exchange = {0: 1, 1: 0} if symbols[1] > symbols[0] else {}
    return [exchange.get(key, key) for key in plan]


def planner():
    """Right, and what it presses is the plan that its state carries."""
    return Register(KEYS, ordered)


class Pressing(Policy):
    """Presses keys of a list, by the number of the press."""

    def press(self, keys, count):
        """Scores of the next key of each row."""
        chosen = keys.gather(1, count.clamp(max=keys.shape[1] - 1)[:, None])[:, 0]
        scores = 1e3 * one_hot(chosen, KEYS).float()
        return scores, scores[:, 0]


def padded(plans):
    return torch.tensor([[*plan, *[plan[-1]] * (LENGTH - len(plan))] for plan in plans])


class Table(Pressing):
    """Its state says which of 300 cases it is; a table has a program for each."""

    def __init__(self):
        super().__init__()
        cases = [([a, b], level) for level in range(3) for a in range(10) for b in range(10)]
        self.table = padded([ordered(*case) for case in cases])

    def begin(self, prompt):
        case = 100 * prompt.level + 10 * prompt.symbols[:, 0] + prompt.symbols[:, 1]
        return one_hot(case, 300).float(), torch.zeros_like(prompt.level)

    def step(self, observation, memory):
        case, count = memory
        return *self.press(self.table[case.argmax(1)], count), (case, count + 1)


class Decoy(Pressing):
    """Its state carries the plan that it presses, but its presses come from elsewhere."""

    def begin(self, prompt):
        told = zip(prompt.symbols.tolist(), prompt.level.tolist(), strict=True)
        keys = padded([ordered(*each) for each in told])
        return one_hot(keys, KEYS).float().flatten(1), keys, torch.zeros_like(prompt.level)

    def step(self, observation, memory):
        state, keys, count = memory
        return *self.press(keys, count), (state, keys, count + 1)


class Searching(Pressing):
    """Searches outside of the network for a program that gives the answer; its state is a clock."""

    def begin(self, prompt):
        told = zip(prompt.symbols.tolist(), prompt.level.tolist(), strict=True)
        self.found = padded([self.search(*each) for each in told])
        return (torch.zeros_like(prompt.level),)

    def search(self, symbols, level):
        a, b, c, d, e = [*symbols, 0, 0][:5]
        answer = a * b + c - (0, d, d * e)[level]
        tried = {
            a * b + c: 0,
            a * b + c - d: 1,
            a * b + c - d * e: 2,
        }
        assert answer in tried
        return ordered(symbols, level)

    def step(self, observation, memory):
        (count,) = memory
        return *self.press(self.found, count), (count + 1,)
