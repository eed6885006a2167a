"""The window at once, beside the step by step: states, scores and all gradients."""

import pytest
import torch

from inwit.policies import GRU, Memoryless, PolicySpec
from inwit.policies.gated_window import states_along
from inwit.trajectory import Observation, Prompt

ROWS, EPISODES, WIDTH = 9, 5, 6


def window(generator, kind, *, fields, values):
    """A network with a learnt first state, and a window in which episodes begin."""
    spec = PolicySpec(keys=4, symbols=0, levels=1, observations=fields, values=values)
    network = kind(width=WIDTH).build(spec).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    several = [torch.randint(0, size, (ROWS, EPISODES), generator=generator) for size in fields]
    empty = torch.empty(ROWS, EPISODES, 0, dtype=torch.long)
    observation = Observation(
        previous=torch.randint(0, 4, (ROWS, EPISODES), generator=generator),
        seen=torch.stack(several, 2) if several else empty,
        legal=torch.ones(ROWS, EPISODES, 4, dtype=torch.bool),
        values=torch.randn(ROWS, EPISODES, values, generator=generator, dtype=torch.double),
    )
    zeros = torch.zeros(EPISODES, dtype=torch.long)
    starts = torch.rand(ROWS, EPISODES, generator=generator) < 0.2
    starts[0, 0] = starts[3] = True  # the first row goes on from the given state all the same
    memory = torch.randn(EPISODES, WIDTH, generator=generator, dtype=torch.double)
    prompt = Prompt(symbols=zeros[:, None][:, :0], level=zeros)
    return network, (memory.requires_grad_(),), prompt, observation, starts


def found(network, unroll, memory, *rest):
    """Scores, values, and the gradient of something that depends on each of them differently."""
    network.zero_grad()
    memory[0].grad = None
    scores, values = unroll(memory, *rest)
    ((scores * scores.detach().sin()).sum() + values.cos().sum()).backward()
    named = {name: each.grad for name, each in network.named_parameters()}
    assert named["reader.level"].abs().sum() > 0  # an episode begins inside
    grads = {name: each.clone() for name, each in named.items() if each is not None}
    return {"scores": scores, "values": values, "memory": memory[0].grad.clone()} | grads


@pytest.mark.parametrize("kind", [GRU, Memoryless])
@pytest.mark.parametrize(("fields", "values"), [((3, 2), 2), ((), 1), ((3,), 0)])
def test_a_window_at_once_equals_the_steps_with_all_gradients(generator, kind, fields, values):
    network, *given = window(generator, kind, fields=fields, values=values)
    slow, fast = (
        found(network, unroll, *given) for unroll in (network.unroll_from, network.unroll_window)
    )
    assert slow.keys() == fast.keys()
    for name in slow:
        torch.testing.assert_close(fast[name], slow[name], msg=lambda text, name=name: name + text)


def test_the_gradient_is_that_of_finite_differences(generator):
    def drawn(*shape):
        made = torch.randn(*shape, generator=generator, dtype=torch.double)
        return made.requires_grad_()

    starts = torch.tensor([[True, False], [False, False], [False, True]])
    given = drawn(3, 2, 6), drawn(2, 2), drawn(2, 2)
    assert torch.autograd.gradcheck(states_along, (*given, starts, drawn(6, 2), drawn(6)))
