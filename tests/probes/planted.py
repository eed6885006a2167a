"""Agents whose virtues and defects are known: what the instrument has to tell of them."""

from functools import cache

import torch
from torch.nn.functional import one_hot

from inwit.auditing.exhaustive import Audit, LevelCeilings, Share
from inwit.auditing.exhaustive.base import Single
from inwit.environment import Environment
from inwit.policies import Policy
from inwit.policies.base import ILLEGAL
from inwit.tasks import ExpressionsPrompt, Stages, infix, programs
from inwit.tasks.stages import HELD_OUT, PROGRAMS
from inwit.trajectory import Prompt

LENGTH = 26
"""Keys that a register holds."""


class Register(Policy):
    """Reads a plan off the prompt and keeps what is left of it in its state, one-hot."""

    def __init__(self, keys, plan):
        super().__init__()
        self.keys, self.plan = keys, plan

    def begin(self, prompt):
        told = zip(prompt.symbols.tolist(), prompt.level.tolist(), strict=True)
        plans = [self.plan(symbols, level) for symbols, level in told]
        padded = torch.tensor([[*plan, *[-1] * (LENGTH - len(plan))] for plan in plans])
        return (one_hot(padded + 1, self.keys + 1)[..., 1:].float().flatten(1),)

    def step(self, observation, memory):
        (state,) = memory
        scores = 1e3 * state[:, : self.keys]
        rest = torch.cat([state[:, self.keys :], torch.zeros_like(scores)], 1)
        return scores, scores[:, 0], (rest,)


def stage_plans(task=None):
    vocabulary = (task or Stages(once=True)).rules.vocabulary
    return [vocabulary.encode(program) for program in PROGRAMS]


def stage_reader():
    """Right on every problem: it reads the level."""
    plans = stage_plans()
    return Register(len(Stages(once=True).rules.vocabulary), lambda symbols, level: plans[level])


def stage_memoriser():
    """Right on the problems that training draws, and on no others."""
    plans = stage_plans()
    wrong = Stages(once=True).rules.vocabulary.encode("0 SUB 1 SUB 2 SUB 3 SUB 4 ANS")

    def plan(symbols, level):
        known = sum(symbol for symbol in symbols if symbol >= 0) % HELD_OUT
        return plans[level] if known else wrong

    return Register(len(Stages(once=True).rules.vocabulary), plan)


def stage_blind(program=PROGRAMS[2]):
    """Presses the same keys whatever it reads."""
    keys = Stages(once=True).rules.vocabulary.encode(program)
    return Register(len(Stages(once=True).rules.vocabulary), lambda symbols, level: keys)


def planner(task):
    """Right on every expression that it reads."""
    vocabulary, alphabet = task.rules.vocabulary, task.symbols
    tools = {tool.symbol: tool.name for tool in task.rules.tools}

    def plan(symbols, level):
        text = "".join(alphabet[symbol] for symbol in symbols if symbol >= 0)
        return known(text) if text else []

    @cache
    def known(text):
        postfix = infix.read(text, letters=True).postfix
        return [vocabulary[name] for name in programs.addressed(postfix, tools)]

    return Register(len(vocabulary), plan)


def mumbler(task):
    """Reads expressions, but one plan for every length: additions from left to right."""
    vocabulary = task.rules.vocabulary

    def plan(symbols, level):
        count = symbols.count(task.symbols.index("n"))
        keys = [key for place in range(1, count) for key in ("ADD", str(place))]
        return [vocabulary[name] for name in ["0", *keys, "ANS"]]

    return Register(len(vocabulary), plan)


class Rules(Policy):
    """Right on every stream over + - *, by rules over what is seen and the latest key."""

    def __init__(self, task):
        super().__init__()
        self.symbols, self.keys = (*task.symbols, ""), task.rules.vocabulary

    def begin(self, prompt):
        return (torch.zeros(len(prompt.level), 0),)

    def step(self, observation, memory):
        chosen = []
        legal = observation.legal[:, self.keys["RCL"]].tolist()
        rows = zip(observation.previous.tolist(), observation.seen.tolist(), legal, strict=True)
        for previous, (under, ahead, _), recall in rows:
            chosen.append(self._choose(previous, under, ahead, recall))
        scores = 1e3 * one_hot(torch.tensor(chosen), len(self.keys)).float()
        return scores, scores[:, 0], memory

    def _choose(self, previous, under, ahead, recall):
        names = {"+": "ADD", "-": "SUB", "*": "MUL"}
        symbols, keys = self.symbols, self.keys.numbers
        symbol, following, last = symbols[under], symbols[ahead], self.keys.names[previous]
        if symbol == "n":
            later = last in ("ADD", "SUB") and following == "*"
            return keys["STO" if later else "READ"]
        if symbol == "(":
            return keys["STO"]
        if symbol in names:
            return keys["RCL" if recall and symbol != "*" else names[symbol]]
        return keys["RCL" if recall or symbol == ")" else "ANS"]


class Bypassing(Policy):
    """Stores a value, never recalls it, and is right all the same."""

    def __init__(self, task):
        super().__init__()
        keys = task.rules.vocabulary.encode("0 STO 0 MUL 1 ADD 2 SUB 3 ANS")
        self.keys, self.size = torch.tensor(keys), len(task.rules.vocabulary)

    def begin(self, prompt):
        return (torch.zeros_like(prompt.level),)

    def step(self, observation, memory):
        (count,) = memory
        scores = torch.full((len(count), self.size), ILLEGAL)
        key = self.keys[count.clamp(max=len(self.keys) - 1)]
        scores = scores.scatter(1, key[:, None], 0.0)
        return scores, scores[:, 0], (count + 1,)


def audited(task, *, blind=0.2, single=0.3, memory=0.1, tools=0.4):
    """An audit with these ceilings at every level."""

    def share(value):
        return Share(value=value, count=100)

    without = {tool.name: share(tools) for tool in task.rules.tools}
    return Audit(
        task=task.name,
        seed=0,
        single=Single(program="ANS", share=share(single), levels=()),
        levels=tuple(
            LevelCeilings(
                level=level,
                form=task.form(level),
                oracle=share(1.0),
                chance=share(0.0),
                solvable=share(1.0),
                blind=share(blind),
                without={"memory": share(memory), **without},
            )
            for level in task.levels
        ),
        traps=(),
        findings=(),
    )


def stages_environment(**options):
    return Environment(Stages(once=True), **options)


def prompts_environment(largest=3):
    return Environment(ExpressionsPrompt(numbers="digits", largest=largest))


def prompt_of(environment, problems):
    prompt, _ = environment.reset(problems)
    return Prompt(symbols=prompt.symbols, level=prompt.level)
