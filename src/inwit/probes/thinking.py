"""Thinking time: does it help to idle before the first press?

Idling is a step of the network at which nothing is pressed: what is seen stays as it is, and only
the state moves on. An agent without recurrence cannot gain anything from it. Nothing is judged: an
agent may be right at once, and none of ours has been trained to idle.
"""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.evaluation.intervals import newcombe
from inwit.policies import Memory, Memoryless, Policy
from inwit.probes.card import Line, Verdict
from inwit.probes.subject import Subject
from inwit.trajectory import Observation, Prompt

IDLE = (1, 2, 4)
"""Idle presses before the first press."""


class Idle(Policy):
    """A policy that looks several times at what it sees first before it presses a key."""

    def __init__(self, policy: Policy, presses: int) -> None:
        """Idle for this many presses."""
        super().__init__()
        self.policy, self.presses = policy, presses

    def begin(self, prompt: Prompt) -> Memory:
        """The presses made, and the state after reading."""
        return (torch.zeros_like(prompt.level), *self.policy.begin(prompt))

    def step(
        self, observation: Observation, memory: Memory
    ) -> tuple[Float[Tensor, "B V"], Float[Tensor, " B"], Memory]:
        """One press; all episodes begin together."""
        count, *rest = memory
        state = tuple(rest)
        for _ in range(self.presses if int(count[0]) == 0 else 0):
            state = self.policy.step(observation, state)[2]
        scores, value, state = self.policy.step(observation, state)
        return scores, value, (count + 1, *state)


def thinking(subject: Subject) -> Iterator[Line]:
    """What is gained by idle presses, beside a control without recurrence."""
    policy = subject.policy
    control = subject.recipe.but(policy=Memoryless(width=8)).network(subject.environment)
    before = subject.score(control).accuracy
    for presses in IDLE:
        found = subject.score(Idle(policy, presses))
        gained = subject.score(Idle(control, presses)).accuracy - before
        yield Line(
            part="thinking",
            name=f"gain from {presses} idle press{'es' * (presses > 1)} before the first",
            verdict=Verdict.STATED,
            figure=found.accuracy - subject.intact.accuracy,
            unit="difference",
            interval=newcombe(
                (found.right, found.count), (subject.intact.right, subject.intact.count)
            ),
            method="Newcombe",
            count=found.count,
            seed=subject.seed,
            beside={"memoryless": gained, "intact": subject.intact.accuracy},
            note="" if policy.recurrent else "this policy keeps nothing from press to press",
        )
