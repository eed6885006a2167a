import pytest
import torch

from inwit.policies.base import PolicySpec
from inwit.policies.gru import GRU, SMALL, sum_of_rows
from inwit.trajectory import Observation, Prompt

BIT = PolicySpec(symbols=0, levels=1, keys=2, observations=(3,))
"""Two keys; seen are a bit at first and nothing later."""


@torch.no_grad()
def test_the_cell_is_torchs(environment, network, stages):
    """The same weights in `nn.GRUCell`, fed with one-hot keys, go through the same states."""
    cell = network.cell
    width, keys = cell.recurrent.in_features, len(stages.rules.vocabulary)
    torchs = torch.nn.GRUCell(keys, width)
    torchs.weight_ih.copy_(cell.inputs.weight.T)
    torchs.bias_ih.zero_()
    torchs.weight_hh.copy_(cell.recurrent.weight)
    torchs.bias_hh.copy_(cell.recurrent.bias)
    state = torch.randn(4, width, generator=torch.Generator().manual_seed(1))
    expected = state
    for previous in (torch.tensor([0, 10, 3, 17]), torch.tensor([11, 2, 2, 5])):
        observation = Observation(
            previous=previous,
            seen=torch.empty(4, 0, dtype=torch.long),
            legal=torch.ones(4, keys, dtype=torch.bool),
        )
        (scores, _, (state,)) = network.step(observation, (state,))
        expected = torchs(torch.nn.functional.one_hot(previous, keys).float(), expected)
        torch.testing.assert_close(state, expected)
    assert scores.shape == (4, keys)


@pytest.mark.parametrize("size", [SMALL, SMALL + 1])
def test_rows_are_added_the_same_in_a_small_table_and_in_a_large_one(size, generator):
    table = torch.randn(size, 6, generator=generator)
    rows = torch.stack([torch.randperm(size, generator=generator)[:3] for _ in range(20)])
    torch.testing.assert_close(sum_of_rows(table, rows), table[rows].sum(1))


@torch.no_grad()
def difference_kept(policy, steps):
    """Largest difference that a bit seen first makes to the state, so many steps later."""
    nothing = torch.zeros(2, dtype=torch.long)
    memory = policy.begin(Prompt(symbols=nothing[:, None][:, :0], level=nothing))
    for step in range(steps + 1):
        seen = torch.tensor([[0], [1]]) if step == 0 else torch.full((2, 1), 2)
        observation = Observation(
            previous=nothing, seen=seen, legal=torch.ones(2, 2, dtype=torch.bool)
        )
        _, _, memory = policy.step(observation, memory)
    return (memory[0][0] - memory[0][1]).abs().max().item()


@pytest.mark.slow
def test_an_initial_memory_holds_a_bit_before_training():
    for seed in range(10):
        torch.manual_seed(seed)
        assert difference_kept(GRU(width=64).build(BIT), 100) < 1e-4
        torch.manual_seed(seed)
        assert difference_kept(GRU(width=64, initial_memory=100).build(BIT), 100) > 0.1


def test_biases_of_an_initial_memory_are_logarithms_of_times():
    cell = GRU(width=500, initial_memory=100).build(BIT).cell
    times = cell.recurrent.bias[500:1000].exp()
    assert times.min() >= 1
    assert times.max() <= 99
    assert times.mean().item() == pytest.approx(50, abs=5)


@pytest.mark.parametrize("steps", [1, 2])
def test_the_shortest_initial_memories_are_finite(steps):
    weights = GRU(initial_memory=steps).build(BIT).parameters()
    assert all(each.isfinite().all() for each in weights)
