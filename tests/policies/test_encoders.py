import torch

from inwit.policies.encoders import Bag
from inwit.trajectory import Prompt


def reader():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        bag = Bag(10, 3, 8)
        torch.nn.init.normal_(bag.level)
    return bag


def prompt(*symbols, level=0):
    return Prompt(symbols=torch.tensor([symbols]), level=torch.tensor([level]))


@torch.no_grad()
def test_the_state_is_the_tutorials_formula():
    bag = reader()
    for level in range(3):
        mean = bag.symbol.weight[[4, 8, 3]].mean(0)
        expected = torch.tanh(mean + bag.level[: level + 1].sum(0))
        torch.testing.assert_close(bag(prompt(3, 7, 2, level=level))[0], expected)


@torch.no_grad()
def test_padding_has_no_influence():
    bag = reader()
    torch.testing.assert_close(bag(prompt(3, 7, 2)), bag(prompt(3, 7, 2, -1, -1)))
    assert not torch.allclose(bag(prompt(3, 7, 2)), bag(prompt(3, 7, 2, 0)))


@torch.no_grad()
def test_every_row_has_a_state_of_its_own():
    bag = reader()
    batch = Prompt(symbols=torch.tensor([[1, 2], [3, 4], [5, -1]]), level=torch.tensor([0, 1, 2]))
    states = bag(batch)
    assert states.shape == (3, 8)
    for row, alone in enumerate((prompt(1, 2), prompt(3, 4, level=1), prompt(5, level=2))):
        torch.testing.assert_close(states[row], bag(alone)[0])
    assert states.std(0).min() > 0.01


@torch.no_grad()
def test_a_prompt_without_symbols_is_its_level():
    bag = reader()
    empty = Prompt(symbols=torch.empty(2, 0, dtype=torch.long), level=torch.tensor([0, 0]))
    torch.testing.assert_close(bag(empty), torch.tanh(bag.level[:1]).expand(2, 8))
