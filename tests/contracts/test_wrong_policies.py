"""Planted violations: of inputs, the state and windows."""

from dataclasses import replace

import pytest
import torch

from inwit.testing import check_policy
from tests.contracts.planted import Plain, planted
from tests.tiers import few_fast


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


class Listed(Plain):
    def begin(self, prompt):
        return super().begin(prompt)[0]


class Pair(Plain):
    def step(self, observation, memory):
        return super().step(observation, memory)[:2]


@pytest.mark.parametrize(
    ("network", "told"),
    few_fast(
        [
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
            (Listed, r"'a state is a tuple of tensors': begin gives tensor\("),
            (Pair, r"'step gives scores, values and the next state': it gives \(tensor"),
        ],
        *range(0, 99, 2),
        many=True,
    ),
)
def test_a_violation_is_told(network, told):
    with pytest.raises(AssertionError, match=f"^policy 'planted' breaks the contract {told}"):
        check_policy(planted(network))


def test_what_is_spoilt_above_is_sound():
    check_policy(planted(Plain))
