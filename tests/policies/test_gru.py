import pytest
import torch

from inwit.policies.gru import SMALL, sum_of_rows
from inwit.trajectory import Observation


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
