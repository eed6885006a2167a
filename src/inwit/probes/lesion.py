"""Lesions: what an agent can still do when a part is removed.

Each is a thin wrapper around the policy, which is not changed. A lesion is judged if the audit of
the task says that the part is needed: the intact agent must be above the ceiling without the part,
and the lesioned one must fall to it or below.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from inwit.auditing.exhaustive import Share
from inwit.evaluation.intervals import wilson
from inwit.policies import Memory, Policy
from inwit.policies.base import ILLEGAL
from inwit.probes.card import Line
from inwit.probes.subject import Subject, draw
from inwit.tasks import Problems
from inwit.tokens import RECALL, STORE
from inwit.trajectory import Observation, Prompt

PERCEPTS = ("symbol under the cursor", "next symbol", "top of the memory")
RESETS = (1, 2, 4, 8)
UNKNOWN = Share(value=0.0, count=1, complete=False)
"""Stands for an unknown ceiling: the score must fall."""


class Altered(Policy):
    """A policy whose inputs or scores are changed."""

    def __init__(
        self,
        policy: Policy,
        *,
        prompt: Callable[[Prompt], Prompt] = lambda given: given,
        observation: Callable[[Observation], Observation] = lambda given: given,
        scores: Callable[[Tensor], Tensor] = lambda given: given,
    ) -> None:
        """Change its prompt, its observations or its scores."""
        super().__init__()
        self.policy, self.prompt, self.observation, self.scores = (
            policy,
            prompt,
            observation,
            scores,
        )

    def begin(self, prompt: Prompt) -> Memory:
        """The state after reading the changed prompt."""
        return self.policy.begin(self.prompt(prompt))

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press at the changed observation."""
        scores, value, memory = self.policy.step(self.observation(observation), memory)
        return self.scores(scores), value, memory


def without_keys(policy: Policy, keys: Int[Tensor, " off"]) -> Policy:
    """Some keys count as illegal; if only these are legal, a press is wasted."""
    return Altered(
        policy,
        observation=lambda given: replace(given, legal=given.legal.index_fill(1, keys, False)),
        scores=lambda given: given.index_fill(1, keys, 2 * ILLEGAL),
    )


def without_symbols(policy: Policy) -> Policy:
    """Only the padding and the level of the prompt are read."""
    return Altered(
        policy,
        prompt=lambda given: replace(
            given,
            symbols=torch.full_like(given.symbols, -1),
            values=torch.zeros_like(given.values),
        ),
    )


def without_level(policy: Policy) -> Policy:
    """The shown level is always the first one."""
    return Altered(policy, prompt=lambda given: replace(given, level=torch.zeros_like(given.level)))


def with_prompt(policy: Policy, prompt: Prompt) -> Policy:
    """The state after reading is that of other prompts, one for each episode."""
    return Altered(policy, prompt=lambda _: prompt)


def with_foreign_observations(policy: Policy, columns: slice) -> Policy:
    """Some observations are those of the next episode in the batch, at the same press."""

    def exchange(given: Observation) -> Observation:
        seen = given.seen.clone()
        seen[:, columns] = given.seen[:, columns].roll(1, 0)
        return replace(given, seen=seen)

    return Altered(policy, observation=exchange)


class Reset(Policy):
    """The recurrent state is periodically reset to the one after reading."""

    def __init__(
        self,
        policy: Policy,
        every: int,
        observation: Callable[[Observation], Observation] = lambda given: given,
    ) -> None:
        """Reset before every press whose number, from 0, is a multiple of `every`.

        Args:
            policy: the intact one.
            every: presses between two resets.
            observation: changes what is seen just after a reset.
        """
        super().__init__()
        self.policy, self.every, self.observation = policy, every, observation

    def begin(self, prompt: Prompt) -> Memory:
        """The number of presses, the state after reading, the current state."""
        fresh = self.policy.begin(prompt)
        return (torch.zeros_like(prompt.level), *fresh, *fresh)

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press; all episodes are reset together."""
        count, *both = memory
        size = (len(memory) - 1) // 2
        fresh, state = both[:size], both[size:]
        now = state
        if int(count[0]) % self.every == 0:
            now, observation = fresh, self.observation(observation)
        scores, value, after = self.policy.step(observation, tuple(now))
        return scores, value, (count + 1, *fresh, *after)


def lesions(subject: Subject) -> Iterator[Line]:
    """The score without each part, beside the ceiling without it."""
    policy, task, ceilings = subject.policy, subject.task, subject.audit.at(subject.hardest)
    for name, ceiling in ceilings.without.items():
        names = [STORE, RECALL] if name == "memory" else [name]
        keys = torch.tensor([task.rules.vocabulary[key] for key in names])
        yield _lesion(subject, f"{' and '.join(names)} off", without_keys(policy, keys), ceiling)
    for every in RESETS:
        bar = None if subject.stream or every > 1 else UNKNOWN
        yield _lesion(subject, f"state reset every {every}", Reset(policy, every), bar)
    if subject.stream:
        for place, name in enumerate(PERCEPTS):
            changed = with_foreign_observations(policy, slice(place, place + 1))
            yield _lesion(subject, f"another's {name}", changed, None)
        changed = with_foreign_observations(policy, slice(None))
        yield _lesion(subject, "another's observations, all", changed, ceilings.blind)
        return
    yield _lesion(subject, "symbols withheld", without_symbols(policy), ceilings.blind)
    if task.shows_level:
        bar = subject.audit.single.share if subject.environment.masks else UNKNOWN
        mixed = draw(task, task.levels, subject.count, subject.seed)
        yield _lesion(subject, "level withheld, all levels", without_level(policy), bar, mixed)


def _lesion(
    subject: Subject,
    name: str,
    policy: Policy,
    ceiling: Share | None,
    problems: Problems | None = None,
) -> Line:
    """Score a lesioned policy; without a ceiling nothing is claimed."""
    found = subject.score(policy, problems)
    intact = subject.intact if problems is None else subject.score(subject.policy, problems)
    beside, holds, needs, note = {"intact": intact.accuracy}, None, "", ""
    if ceiling is not None and ceiling is not UNKNOWN:
        beside["ceiling" if ceiling.complete else "best found"] = ceiling.value
    perfect, _ = wilson(found.count, found.count)
    if ceiling is not None and ceiling.value >= perfect:
        note = "the audit: this task can do without, or so nearly that this sample cannot tell"
    elif ceiling is not None:
        falls = found.interval[1] < intact.interval[0]
        above = intact.interval[0] > ceiling.value
        within = not ceiling.complete or found.interval[0] <= ceiling.interval[1]
        holds, needs = falls and above and within, "falls, to the ceiling or below; intact above it"
        if not ceiling.complete:
            needs = "falls" if ceiling is UNKNOWN else "falls; intact above the best found"
    wrong = "it does as well without, or no better with it than can be done without"
    return subject.line(
        "lesions", name, found, wrong, holds=holds, needs=needs, beside=beside, note=note
    )
