"""Agents that are right on the stages but do not act on a plan in their state, and one that does.

Each enters the larger of the first two digits first.
"""

from itertools import combinations

import torch
from torch.nn.functional import one_hot

from inwit.policies import Policy
from inwit.tasks import Stages
from tests.probes.planted import LENGTH, Register, stage_plans
from tests.reference import Calculator

VOCABULARY = Stages(once=True).rules.vocabulary
KEYS = len(VOCABULARY)


def value(digits, plan):
    """What a calculator of plain Python answers; None if it does not."""
    calculator = Calculator(["MUL", "ADD", "SUB"], list(map(float, digits)), depth=4, once=True)
    for key in plan:
        calculator.press(VOCABULARY.names[key])
    return calculator.accumulator if calculator.answered else None


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
        """Of the stage's programs with two digits exchanged one that gives the exact answer.

        Those that begin with a large digit are tried first.
        """
        digits = [digit for digit in symbols if digit >= 0]
        goal = value(digits, stage_plans()[level])
        exchanges = [{}, *({a: b, b: a} for a, b in combinations(range(len(digits)), 2))]
        tried = [[each.get(key, key) for key in stage_plans()[level]] for each in exchanges]
        tried.sort(key=lambda plan: -digits[plan[0]])
        return next(plan for plan in tried if value(digits, plan) == goal)

    def step(self, observation, memory):
        (count,) = memory
        return *self.press(self.found, count), (count + 1,)


class Pondering(Pressing):
    """Right only if it was given a step to idle before its first press."""

    def begin(self, prompt):
        told = zip(prompt.symbols.tolist(), prompt.level.tolist(), strict=True)
        keys = padded([ordered(*each) for each in told])
        none = torch.zeros_like(prompt.level)
        return keys, none, none, none

    def step(self, observation, memory):
        keys, place, steps, idled = memory
        first = observation.previous == VOCABULARY["CTX"]
        place, idled = place.masked_fill(first, 0), idled | (first & (steps > 0)).long()
        wrong = torch.where(keys == 0, 2, torch.where(keys == 2, 0, keys))
        scored = self.press(torch.where(idled[:, None] > 0, keys, wrong), place)
        return *scored, (keys, place + 1, steps + 1, idled)


class Knowing(Register):
    """Beside its plan its state says with which digits a valid program begins."""

    def __init__(self):
        super().__init__(KEYS, ordered)

    def begin(self, prompt):
        told = zip(prompt.symbols.tolist(), prompt.level.tolist(), strict=True)
        known = [self.valid(symbols, ordered(symbols, level)) for symbols, level in told]
        return *super().begin(prompt), torch.tensor(known).float()

    def valid(self, symbols, plan):
        """Whether its plan stays right with its first digit and another one exchanged."""
        digits = [digit for digit in symbols if digit >= 0]
        exchanges = [{plan[0]: key, key: plan[0]} for key in range(5)]
        tried = [[each.get(key, key) for key in plan] for each in exchanges]
        return [value(digits, each) == value(digits, plan) for each in tried]

    def step(self, observation, memory):
        state, known = memory
        scores, values, (rest,) = super().step(observation, (state,))
        return scores, values, (rest, known)
