"""Practice: presses that teach a network what keys mean, before it is asked to be right.

A policy whose second head knows nothing yet is paid for the few keys that it knows, and never
tries the others again. So it presses first, by what it believes so far, at problems of all levels,
and only its second head learns.
"""

import torch

from inwit.environment import Environment
from inwit.learners import Adam
from inwit.policies import SelfMasked
from inwit.progress import steps
from inwit.tasks import by_turns
from inwit.training.descent import descend
from inwit.training.rollout import rollout

BATCH, UNIT = 64, 1000
"""Episodes of a gradient step, and of one unit of `--masks.practice`."""


def practise(
    policy: SelfMasked, environment: Environment, generator: torch.Generator, options: Adam
) -> int:
    """Train the second head on what the network presses; no reward is used.

    Args:
        policy: presses, and learns; its masks say for how many episodes.
        environment: where.
        generator: draws problems and keys, on the CPU.
        options: of the optimiser, which is not the one of the training that follows: what it
            remembers of scores that did not move would make their first steps too large.

    Returns:
        How many episodes it took: whole batches.

    Raises:
        Diverged: a loss or its gradient is not finite.
    """
    softly = SelfMasked(policy.policy, policy.masks.but(firmness=1), policy.keys).eval()
    optimiser = options.build(policy.parameters())
    task, batches = environment.task, -(-UNIT * policy.masks.practice // BATCH)
    for _ in steps(range(batches), ["learning what keys mean"] * batches):
        problems = task.sample(by_turns(task.levels, BATCH), generator)
        with torch.no_grad():
            trajectory, _ = rollout(softly, environment, problems, generator)
        optimiser.zero_grad()
        descend([softly.descend(trajectory)], optimiser, options, update=0, left=1.0)
    return batches * BATCH
