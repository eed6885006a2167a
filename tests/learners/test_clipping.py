"""The pure functions that PPO and GRPO share, against slow definitions."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from inwit.learners.clipping import clipped_gain
from inwit.learners.grpo import group_advantages

NUMBERS = st.floats(-2, 2, width=32)
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, st.booleans()), min_size=1, max_size=8)
ATTEMPTS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 1.0])), min_size=1)


def column(rows, index, kind=torch.float):
    return torch.tensor([[row[index]] for row in rows], dtype=kind)


@given(ROWS)
def test_the_gain_is_the_clipped_surrogate(rows):
    made = [column(rows, index) for index in range(3)]
    gain, share = clipped_gain(*made, column(rows, 3, torch.bool), 0.2)
    gains, clipped = [], 0
    for new, old, advantage, pressed in rows:
        if pressed:
            ratio = torch.tensor(new - old).exp().item()
            bounded = min(max(ratio, 0.8), 1.2)
            gains.append(min(ratio * advantage, bounded * advantage))
            clipped += bounded != ratio
    count = max(1, len(gains))
    assert gain.item() == pytest.approx(sum(gains) / count, abs=1e-4)
    assert share.item() == pytest.approx(clipped / count, abs=1e-6)


@pytest.mark.parametrize(
    ("new", "advantage", "slope"),
    [
        (0.0, 1.0, 1.0),  # on-policy: REINFORCE's
        (1.0, 1.0, 0.0),  # already likelier by far: nothing more is earned
        (-1.0, 1.0, 0.3679),  # less likely although better: the whole gradient, exp(-1)
        (1.0, -1.0, -2.7183),  # likelier although worse: the whole gradient
        (-1.0, -1.0, 0.0),
    ],
)
def test_its_gradient_stops_where_it_is_clipped(new, advantage, slope):
    log_prob = torch.tensor([[new]], requires_grad=True)
    shape = torch.ones(1, 1)
    gain, _ = clipped_gain(log_prob, 0 * shape, advantage * shape, shape > 0, 0.2)
    gain.backward()
    assert log_prob.grad.item() == pytest.approx(slope, abs=1e-4)


@given(ATTEMPTS, st.booleans())
def test_advantages_are_relative_to_the_group(episodes, leave_one_out):
    problem = torch.tensor([problem for problem, _ in episodes])
    total = torch.tensor([total for _, total in episodes])
    found = group_advantages(total, problem, leave_one_out=leave_one_out)
    for row, (own, reward) in enumerate(episodes):
        others = [r for i, (p, r) in enumerate(episodes) if p == own and i != row]
        group = [*others, reward]
        mean = sum(group) / len(group)
        deviation = (sum((r - mean) ** 2 for r in group) / len(group)) ** 0.5
        expected = (reward - mean) / (deviation + 1e-6)
        if leave_one_out:
            expected = reward - sum(others) / len(others) if others else 0.0
        assert found[row].item() == pytest.approx(expected, abs=1e-3)
