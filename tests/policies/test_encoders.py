import pytest
import torch

from inwit.policies.base import PolicySpec
from inwit.policies.encoders import Attentive, Bag, Recurrent
from inwit.trajectory import Prompt

SPEC = PolicySpec(keys=18, symbols=10, levels=3)


@pytest.fixture(params=[Bag, Recurrent, Attentive], ids=lambda kind: kind.__name__)
def reader(request):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = request.param(SPEC, 8)
        torch.nn.init.normal_(made.level)
    return made


def prompt(*symbols, level=0):
    return Prompt(symbols=torch.tensor([symbols]), level=torch.tensor([level]))


@torch.no_grad()
@pytest.mark.parametrize("reader", [Bag], indirect=True)
def test_the_bags_state_is_the_tutorials_formula(reader):
    for level in range(3):
        mean = reader.symbol.weight[[4, 8, 3]].mean(0)
        expected = torch.tanh(mean + reader.level[: level + 1].sum(0))
        torch.testing.assert_close(reader(prompt(3, 7, 2, level=level))[1][0], expected)


@torch.no_grad()
@pytest.mark.parametrize("reader", [Recurrent], indirect=True)
def test_the_recurrent_reader_is_torchs_bidirectional_gru(reader):
    peer = torch.nn.GRU(8, 4, batch_first=True, bidirectional=True)
    forth, back = reader.forth.state_dict(), reader.back.state_dict()
    peer.load_state_dict(forth | {f"{name}_reverse": value for name, value in back.items()})
    symbols = torch.tensor([[3, 7, 2, 9]])
    expected, ends = peer(reader.symbol(symbols + 1))
    vectors, whole = reader.read(symbols, torch.zeros(1, 4, 0))
    torch.testing.assert_close(vectors, expected)
    torch.testing.assert_close(whole, reader.whole(ends.transpose(0, 1).flatten(1)))


@torch.no_grad()
def test_padding_has_no_influence(reader):
    alone, state = reader(prompt(3, 7, 2))
    padded, same = reader(prompt(3, 7, 2, -1, -1))
    torch.testing.assert_close(state, same)
    torch.testing.assert_close(alone, padded[:, :3])
    assert not torch.allclose(state, reader(prompt(3, 7, 2, 0))[1])


@torch.no_grad()
def test_the_order_of_symbols_is_seen_or_not(reader):
    same = torch.allclose(reader(prompt(3, 7, 2))[1], reader(prompt(7, 3, 2))[1])
    assert same == isinstance(reader, Bag)


@torch.no_grad()
def test_every_row_has_a_state_of_its_own(reader):
    batch = Prompt(symbols=torch.tensor([[1, 2], [3, 4], [5, -1]]), level=torch.tensor([0, 1, 2]))
    vectors, states = reader(batch)
    assert vectors.shape == (3, 2, 8)
    for row, alone in enumerate((prompt(1, 2), prompt(3, 4, level=1), prompt(5, level=2))):
        torch.testing.assert_close(states[row], reader(alone)[1][0])
    assert states.std(0).min() > 0.01


@torch.no_grad()
def test_a_prompt_without_symbols_is_its_level(reader):
    empty = Prompt(symbols=torch.empty(2, 0, dtype=torch.long), level=torch.tensor([0, 0]))
    vectors, states = reader(empty)
    assert vectors.shape == (2, 0, 8)
    torch.testing.assert_close(states, torch.tanh(reader.level[:1]).expand(2, 8))
