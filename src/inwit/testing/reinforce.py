"""The first on-policy gradient of a learner, compared with REINFORCE's."""

from dataclasses import replace

import torch
from jaxtyping import Float
from torch import Tensor

from inwit.learners import Learner
from inwit.testing.base import hold
from inwit.testing.episodes import KEYS, loss_of, record
from inwit.trajectory import Outputs, Trajectory

SLOTS, COPIES = 4, 16
"""Episodes in which the probabilities of one press come out even; how often these are repeated, for
each episode that the learner makes at a problem."""
TOLERANCE = 0.1
"""Maximum distance of a gradient's unit vector: baselines within groups are noisy."""


def check_reinforce(made: Learner, generator: torch.Generator) -> None:
    """Two problems, in a batch with each episode in proportion to its probability.

    The first is solved by keys 1 and 2, the second by key 1 alone, after which its episode is over.
    The values are exact, so advantages are right however they are computed.
    """
    policy = torch.tensor([[[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]], [[0.5, 0.25, 0.25]] * 2])
    logits = policy.log().requires_grad_()
    episodes = _every_episode(policy, made.group_size, generator)
    log_prob = _log_prob(logits, episodes)
    shape = log_prob.shape
    outputs = Outputs(log_prob=log_prob, entropy=torch.zeros(shape), value=episodes.value)
    loss, _ = loss_of(made, replace(episodes, log_prob=log_prob.detach()), outputs)
    (found,) = torch.autograd.grad(loss, [logits])
    chances = logits.softmax(-1)
    solved = chances[0, 0, 1] * chances[0, 1, 2] + chances[1, 0, 1]
    (wanted,) = torch.autograd.grad(-solved, [logits])
    for problem, press in ((0, 0), (0, 1), (1, 0)):
        one, other = found[problem, press], wanted[problem, press]
        off = float((one / one.norm().clamp(min=1e-9) - other / other.norm()).norm())
        shown = f"at press {press + 1} of a problem of {2 - problem} it is {_shown(one)}"
        shown += f", and REINFORCE's is {_shown(other)}"
        hold(off < TOLERANCE, made, "the first on-policy gradient is REINFORCE's", shown)


def _every_episode(
    policy: Float[Tensor, "2 2 V"], episodes: int, generator: torch.Generator
) -> Trajectory:
    """Episodes at both problems, the keys in exact proportion to their probabilities."""
    slots = (policy * SLOTS).round().long()
    chosen = [
        torch.cartesian_prod(*(torch.arange(KEYS).repeat_interleave(each) for each in rows))
        for rows in slots
    ]
    copies = COPIES * episodes
    keys = [each.repeat(copies, 1) for each in chosen]
    keys = [each[torch.randperm(len(each), generator=generator)] for each in keys]
    key, problem = torch.cat(keys).T, torch.arange(2).repeat_interleave(len(keys[0]))
    first, second = problem == 0, problem == 1
    pressed = torch.stack([torch.ones_like(first), first])
    reward = torch.stack([second & (key[0] == 1), first & (key[0] == 1) & (key[1] == 2)]).float()
    ahead = (key[0] == 1) * policy[0, 1, 2]  # the value after the first press of the first problem
    begin = torch.where(first, policy[0, 0, 1] * policy[0, 1, 2], policy[1, 0, 1])
    nothing = torch.zeros(len(problem))
    return record(
        key,
        problem=problem,
        pressed=pressed,
        reward=reward,
        log_prob=torch.zeros(key.shape),
        value=torch.stack([begin, ahead.where(first, nothing)]),
        next_value=torch.stack([ahead.where(first, nothing), nothing]),
    )


def _log_prob(logits: Float[Tensor, "2 2 V"], episodes: Trajectory) -> Float[Tensor, "T B"]:
    rows = logits.log_softmax(-1)[episodes.problem].transpose(0, 1)
    return rows.gather(-1, episodes.key[..., None])[..., 0]


def _shown(vector: Float[Tensor, " V"]) -> str:
    return "(" + ", ".join(f"{value:.3g}" for value in vector.tolist()) + ")"
