"""Planted violations: of inputs, the state, windows, the weights and their gradient."""

import itertools
from dataclasses import dataclass, replace

import pytest
import torch
from torch import nn

from inwit.policies import Architecture, GRUPolicy, Policy, Transformer
from inwit.policies.encoders import Bag
from inwit.tasks import Expressions
from inwit.testing import check_policy

WIDTH = 16
COUNT = itertools.count()


class Plain(GRUPolicy):
    """Ours, to be spoilt; windows are made of steps."""

    unroll_window = Policy.unroll_window

    def __init__(self, spec, width=WIDTH):
        super().__init__(spec, width, Bag)


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


class Keeping(Plain):
    """Keeps the prompt in itself and reads it again at every press."""

    def begin(self, prompt):
        self.prompt = prompt
        return super().begin(prompt)

    def step(self, observation, memory):
        begun = super().begin(self.prompt)[0]
        if len(begun) != len(memory[0]):
            begun = torch.zeros_like(memory[0])
        scores, values, memory = super().step(observation, memory)
        return scores, values + begun.sum(1), memory


class Writing(Plain):
    def begin(self, prompt):
        prompt.symbols.clamp_(min=0)
        return super().begin(prompt)


class Overwriting(Plain):
    def step(self, observation, memory):
        result = super().step(observation, memory)
        observation.previous.zero_()
        return result


class InPlace(Plain):
    def step(self, observation, memory):
        scores, values, state = super().step(observation, memory)
        memory[0].copy_(state[0].detach())
        return scores, values, state


class LaterInPlace(Plain):
    """The state counts presses, in place from the third on."""

    def begin(self, prompt):
        return (*super().begin(prompt), torch.zeros(len(prompt.level)))

    def step(self, observation, memory):
        scores, values, state = super().step(observation, memory[:1])
        count = memory[1]
        return scores, values, (*state, count.add_(1) if count[0] > 1 else count + 1)


class Clearing(Plain):
    def unroll(self, prompt, observation, starts):
        result = super().unroll(prompt, observation, starts)
        starts[1:] = False
        return result


class WindowWriting(Plain):
    def unroll_window(self, memory, prompt, observation, starts):
        result = super().unroll_window(memory, prompt, observation, starts)
        observation.legal.fill_(True)
        return result


class Boastful(Plain):
    """Says that it has no memory, and has one."""

    recurrent = False


class Ignoring(Plain):
    """Begins every window with a new episode."""

    def unroll_from(self, memory, prompt, observation, starts):
        return super().unroll_from(self.begin(prompt), prompt, observation, starts)


class Other(Plain):
    """Looks at every window one press late."""

    def unroll_window(self, memory, prompt, observation, starts):
        late = replace(observation, previous=observation.previous.roll(1, 0))
        return super().unroll_window(memory, prompt, late, starts)


class Unclearing(Plain):
    """No episode starts inside of a window."""

    def unroll_window(self, memory, prompt, observation, starts):
        return super().unroll_window(memory, prompt, observation, torch.zeros_like(starts))


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


class Listed(Plain):
    def begin(self, prompt):
        return super().begin(prompt)[0]


class Pair(Plain):
    def step(self, observation, memory):
        return super().step(observation, memory)[:2]


class Frozen(Plain):
    """What does not require a gradient need not learn: sound."""

    def __init__(self, spec):
        super().__init__(spec)
        self.reader.requires_grad_(False)


def planted(network):
    """An architecture that makes this network."""

    @dataclass(frozen=True, kw_only=True)
    class Planted(Architecture):
        name = "planted"

        def build(self, spec):
            return network(spec)

    return Planted()


@pytest.mark.parametrize(
    ("network", "told"),
    [
        (Detached, "'outputs have a gradient': scores have none by steps"),
        (Valueless, "'outputs have a gradient': values have none by steps"),
        (Idle, r"'every parameter learns': the gradient of spare.bias, spare.weight is zero"),
        (Unread, "'every parameter learns': the gradient of reader.* is zero by steps"),
        (Cut, "'outputs have a gradient': scores have none by unroll$"),
        (CutWindow, "'every parameter learns': the gradient of reader.* is zero by unroll_window"),
        (Keeping, "'the state holds all that a press depends on': .* played in turns"),
        (Writing, "'what is given is not changed': begin writes into prompt.symbols"),
        (Overwriting, "'what is given is not changed': step writes into observation.previous"),
        (InPlace, "'what is given is not changed': step writes into part 1 of the state"),
        (LaterInPlace, "'what is given is not changed': step writes into part 2 of the state"),
        (Clearing, "'what is given is not changed': unroll writes into starts"),
        (WindowWriting, "'what is given is not changed': unroll_window writes into .*legal"),
        (Boastful, "'with recurrent = False a press depends on prompt and .* at press 2"),
        (Ignoring, "'unroll_from equals step by step': .* at row 1 of a window"),
        (Other, "'unroll_window equals step by step': .* at row . of a window"),
        (Unclearing, "'unroll_window equals step by step': .* at row . of a window"),
        (Unseeded, "'the same seed builds the same network': the second one has another heads.bi"),
        (Growing, "'the same seed builds the same network': the second one has another reader"),
        (Outside, "'state_dict holds the whole network': .* of another seed"),
        (Running, "'.*': scores or values differ"),
        (Unloadable, "'state_dict holds the whole network': Error.* loading state_dict"),
        (Listed, r"'a state is a tuple of tensors': begin gives tensor\("),
        (Pair, r"'step gives scores, values and the next state': it gives \(tensor"),
    ],
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
