"""What an agent can be made to go without: keys, its prompt, observations, its state."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from inwit.environment import Environment
from inwit.errors import UnknownName
from inwit.machine.rules import Top
from inwit.policies import Policy
from inwit.probes.lesion import Altered, without_keys, without_level, without_symbols
from inwit.tokens import RECALL, STORE
from inwit.trajectory import Observation

MEMORY, STATE, PROMPT, LEVEL = "memory", "state", "prompt", "level"
SEEN = ("symbol", "next", "top")
"""The observed fields of a streamed problem, column by column."""


def switches(environment: Environment) -> dict[str, str]:
    """What the agent can go without, by name, in words."""
    task = environment.task
    offered = {MEMORY: f"the memory keys {STORE} and {RECALL}"}
    offered |= {tool.name: f"the tool {tool.name}" for tool in task.rules.tools}
    offered[STATE] = "the recurrent state: cleared before every press"
    if not task.rules.stream:
        offered[PROMPT] = "the prompt: its symbols are withheld"
    else:
        words = ("the symbol under the cursor", "the symbol after it", "the top of the memory")
        offered |= {name: f"the sight of {what}" for name, what in zip(SEEN, words, strict=True)}
    if task.shows_level:
        offered[LEVEL] = "the level: always shown as the first"
    return offered


def without(policy: Policy, environment: Environment, off: Sequence[str]) -> Policy:
    """The policy without some parts; the caller clears the state for `STATE`.

    Raises:
        UnknownName: a name is not among the switches.
    """
    offered = switches(environment)
    for name in off:
        if name not in offered:
            raise UnknownName("switch", name, offered)
    tools = [tool.name for tool in environment.task.rules.tools if tool.name in off]
    keys = [*tools, *((STORE, RECALL) if MEMORY in off else ())]
    if keys:
        vocabulary = environment.machine.vocabulary
        policy = without_keys(policy, torch.tensor([vocabulary[key] for key in keys]))
    if PROMPT in off:
        policy = without_symbols(policy)
    if LEVEL in off:
        policy = without_level(policy)
    end = len(environment.task.symbols)
    blank = {SEEN.index(name): end for name in SEEN[:2] if name in off}
    blank |= {SEEN.index(name): int(Top.NONE) for name in SEEN[2:] if name in off}
    return _blinded(policy, blank) if blank else policy


def _blinded(policy: Policy, blank: Mapping[int, int]) -> Policy:
    """The policy, with constant values in some observed columns."""

    def blind(given: Observation) -> Observation:
        seen = given.seen.clone()
        for column, shown in blank.items():
            seen[:, column] = shown
        return replace(given, seen=seen)

    return Altered(policy, observation=blind)
