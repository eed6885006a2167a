"""The contracts of a policy's state: it holds all that a press depends on besides what is seen."""

import torch
from jaxtyping import Bool
from torch import Tensor

from inwit.policies import Architecture, Memory, Policy, renew
from inwit.records import map_tensors
from inwit.testing.comparing import alike, joined, step_by_step
from inwit.trajectory import Trajectory

STARTS = 0.3
"""Share of rows at which an episode starts."""


def random_starts(episodes: Trajectory, generator: torch.Generator) -> Bool[Tensor, "T B"]:
    """Rows at which episodes start: the first, and some of the others."""
    starts = torch.rand(episodes.starts.shape, generator=generator) < STARTS
    starts[0] = True
    return starts


def check_turns(made: Architecture, network: Policy, episodes: Trajectory) -> None:
    """Two batches of episodes, begun one after the other and played in turns."""
    batches = [episodes, episodes.select(torch.arange(len(episodes.problem)).roll(1))]
    alone = [step_by_step(network, each, network.begin(each.prompt)) for each in batches]
    memories = [network.begin(each.prompt) for each in batches]
    contract = "the state holds all that a press depends on"
    for t in range(len(episodes.key)):
        for which, batch in enumerate(batches):
            seen = batch.observation.at(t)
            scores, values, memories[which] = network.step(seen, memories[which])
            where = f"at press {t + 1} of two batches that are played in turns"
            alike(joined(scores, values), alone[which][t], made, contract, where)


def check_recurrent(made: Architecture, network: Policy, episodes: Trajectory) -> None:
    """Every press from the first state, where the network says that states do not matter."""
    if network.recurrent:
        return
    contract = "with recurrent = False a press depends on prompt and observation alone"
    first = network.begin(episodes.prompt)
    along = step_by_step(network, episodes, first)
    for t in range(len(episodes.key)):
        scores, values, _ = network.step(episodes.observation.at(t), first)
        where = f"at press {t + 1} with the first state"
        alike(joined(scores, values), along[t], made, contract, where)


def check_windows(
    made: Architecture, network: Policy, episodes: Trajectory, generator: torch.Generator
) -> None:
    """The second half of episodes; in some of them others start."""
    half = len(episodes.key) // 2
    memory = network.begin(episodes.prompt)
    for t in range(half):
        _, _, memory = network.step(episodes.observation.at(t), memory)
    starts = random_starts(episodes, generator)[half:]
    starts[0] = False  # the state is of the first row's episode
    rest = map_tensors(lambda each: each[half:], episodes.observation)
    wanted = _renewed(network, episodes, memory, starts)
    for unroll in (network.unroll_from, network.unroll_window):
        found = joined(*unroll(memory, episodes.prompt, rest, starts))
        for t, (one, other) in enumerate(zip(found, wanted, strict=True)):
            contract = f"{unroll.__name__} equals step by step"
            alike(one, other, made, contract, f"at row {t + 1} of a window inside of an episode")


def _renewed(
    network: Policy, episodes: Trajectory, memory: Memory, starts: Bool[Tensor, "T B"]
) -> Tensor:
    """(T, B, V+1): the last rows, one by one, from states that are cleared at starts."""
    rows, first = [], len(episodes.key) - len(starts)
    for t, start in enumerate(starts):
        memory = renew(start, network.begin(episodes.prompt), memory)
        scores, values, memory = network.step(episodes.observation.at(first + t), memory)
        rows.append(joined(scores, values))
    return torch.stack(rows)
