"""Planted violations: weights that are not seeded, not saved, or do not learn."""

import itertools

import pytest
import torch
from torch import nn

from inwit.policies import Transformer
from inwit.tasks import Expressions
from inwit.testing import check_policy
from tests.contracts.planted import WIDTH, Plain, planted
from tests.tiers import few_fast

COUNT = itertools.count()


class Detached(Plain):
    def step(self, observation, memory):
        scores, values, memory = super().step(observation, memory)
        return scores.detach(), values, memory


class Valueless(Plain):
    """The value is made of a copy of what the heads say."""

    def step(self, observation, memory):
        scores, values, memory = super().step(observation, memory)
        return scores, values.detach(), memory


class Idle(Plain):
    """A part of the network is never asked."""

    def __init__(self, spec):
        super().__init__(spec)
        self.spare = nn.Linear(2, 2)


class Unread(Plain):
    """The prompt is read, but how is never learnt."""

    def begin(self, prompt):
        return (super().begin(prompt)[0].detach(),)


class Cut(Plain):
    """Learns by steps, but not by its own unroll."""

    def unroll(self, prompt, observation, starts):
        scores, values = super().unroll(prompt, observation, starts)
        return scores.detach(), values


class CutWindow(Plain):
    def unroll_window(self, memory, prompt, observation, starts):
        state = memory[0].detach()
        return super().unroll_window((state,), prompt, observation, starts)


class Unseeded(Plain):
    def __init__(self, spec):
        super().__init__(spec)
        nn.init.constant_(self.heads.bias, 1.0 + next(COUNT))


class Growing(Plain):
    def __init__(self, spec):
        super().__init__(spec, WIDTH + next(COUNT))


class Outside(Plain):
    """Some of the weights are no parameters."""

    def __init__(self, spec):
        super().__init__(spec)
        self.extra = torch.rand(())

    def step(self, observation, memory):
        scores, values, memory = super().step(observation, memory)
        return scores, values + self.extra, memory


class Running(Plain):
    """A mean of what was seen is kept, and not saved."""

    def __init__(self, spec):
        super().__init__(spec)
        self.mean = torch.zeros(())

    def begin(self, prompt):
        self.mean = self.mean * 0.9 + 0.1 * prompt.symbols.float().mean()
        return (*super().begin(prompt), self.mean.expand(len(prompt.level)))

    def step(self, observation, memory):
        scores, values, state = super().step(observation, memory[:1])
        return scores, values + memory[1], (*state, memory[1])


class Unloadable(Plain):
    """Names its parameters anew."""

    def __init__(self, spec):
        super().__init__(spec)
        self.built = nn.ParameterDict({f"of{int(torch.randint(10**9, ()))}": torch.ones(1)})

    def step(self, observation, memory):
        scores, values, memory = super().step(observation, memory)
        return scores, values * next(iter(self.built.values())), memory


class Frozen(Plain):
    """What does not require a gradient need not learn: sound."""

    def __init__(self, spec):
        super().__init__(spec)
        self.reader.requires_grad_(False)


@pytest.mark.parametrize(
    ("network", "told"),
    few_fast(
        [
            (Detached, "'outputs have a gradient': scores have none by steps"),
            (Valueless, "'outputs have a gradient': values have none by steps"),
            (Idle, r"'every parameter learns': the gradient of spare.bias, spare.weight is zero"),
            (Unread, "'every parameter learns': the gradient of reader.* is zero by steps"),
            (Cut, "'outputs have a gradient': scores have none by unroll$"),
            (
                CutWindow,
                "'every parameter learns': the gradient of reader.* is zero by unroll_window",
            ),
            (
                Unseeded,
                "'the same seed builds the same network': the second one has another heads.bi",
            ),
            (Growing, "'the same seed builds the same network': the second one has another reader"),
            (Outside, "'state_dict holds the whole network': .* of another seed"),
            (Running, "'.*': scores or values differ"),
            (Unloadable, "'state_dict holds the whole network': Error.* loading state_dict"),
        ],
        *range(0, 99, 2),
        many=True,
    ),
)
def test_a_violation_is_told(network, told):
    with pytest.raises(AssertionError, match=f"^policy 'planted' breaks the contract {told}"):
        check_policy(planted(network))


@pytest.mark.parametrize("network", [Plain, Frozen])
def test_what_is_sound_passes(network):
    check_policy(planted(network))


class Reading(Plain):
    """A part that would read a prompt has nothing to read in a stream: sound there."""

    def __init__(self, spec):
        super().__init__(spec)
        self.symbol = nn.Embedding(spec.symbols + 1, WIDTH)

    def begin(self, prompt):
        (state,) = super().begin(prompt)
        return (state + self.symbol(prompt.symbols + 1).sum(1),)


@pytest.mark.slow
def test_what_reads_prompts_need_not_learn_where_there_is_none():
    check_policy(planted(Reading), task=Expressions(largest=3))
    check_policy(Transformer(width=WIDTH), task=Expressions(largest=3))


def test_what_learns_from_no_prompt_is_found_in_a_stream_too():
    with pytest.raises(AssertionError, match="'every parameter learns': the gradient of spare"):
        check_policy(planted(Idle), task=Expressions(largest=3))


def test_the_order_of_the_checks_leaves_nothing_behind():
    """Gradients of the checks are not kept, and the generator of the process is not drawn from."""
    made = []

    class Seen(Plain):
        def __init__(self, spec):
            super().__init__(spec)
            made.append(self)

    before = torch.get_rng_state()
    check_policy(planted(Seen))
    assert torch.equal(before, torch.get_rng_state())
    assert all(each.grad is None for network in made for each in network.parameters())
