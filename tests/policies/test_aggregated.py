"""Running maxima do not fade: compared with a slow definition, and after a thousand steps."""

import pytest
import torch

from inwit.policies import GRU, Aggregated, PolicySpec
from inwit.policies.aggregated import _maxima
from inwit.trajectory import Observation, Prompt

SPEC = PolicySpec(keys=3, symbols=0, levels=1, observations=(3,), values=1)
STEPS = 1000


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_maxima_are_those_of_each_episode_alone(share):
    generator = torch.Generator().manual_seed(0)
    peaks = 2 * torch.rand(40, 5, 3, generator=generator) - 1
    most = 2 * torch.rand(5, 3, generator=generator) - 1
    starts = torch.rand(40, 5, generator=generator) < share
    made = _maxima(most, peaks, starts)
    for column in range(5):
        largest = most[column].tolist()
        for t in range(40):
            if t and starts[t, column]:
                largest = [-1.0] * 3
            largest = [max(pair) for pair in zip(largest, peaks[t, column].tolist(), strict=True)]
            assert made[t, column].tolist() == largest


def at(seen, value):
    return Observation(
        previous=torch.zeros(2, dtype=torch.long),
        seen=torch.tensor(seen)[:, None],
        legal=torch.ones(2, 3, dtype=torch.bool),
        values=torch.full((2, 1), value),
    )


@torch.no_grad()
def difference(architecture):
    """How much the outputs of an untrained network tell of a bit that was seen long ago."""
    torch.manual_seed(0)
    policy, level = architecture.build(SPEC), torch.zeros(2, dtype=torch.long)
    memory = policy.begin(Prompt(symbols=level[:, None][:, :0], level=level))
    for step in range(STEPS):
        seen = at([0, 1] if step == 0 else [2, 2], 1 - step / STEPS)
        scores, _, memory = policy.step(seen, memory)
    return float((scores[0] - scores[1]).abs().max())


@pytest.mark.slow
def test_a_bit_is_there_after_a_thousand_steps_before_any_training():
    assert difference(Aggregated(width=32)) > 1e-3
    assert difference(GRU(width=32)) < 1e-6
