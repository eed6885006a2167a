"""What every policy must hold to, and a planted violation of each contract."""

from dataclasses import replace

import pytest
import torch

from inwit.environment import Environment
from inwit.policies import (
    Architecture,
    FeedForward,
    Memoryless,
    Transformer,
    log_probabilities,
)
from inwit.recipe import Recipe
from inwit.recipes import RECIPES, recipe_for
from inwit.testing import check_policy
from inwit.training.rollout import evaluate, exploration, press_probabilities, rollout
from inwit.trajectory import Observation, Prompt
from tests.contracts.planted import WIDTH, Plain, planted
from tests.recipes import ARCHITECTURES
from tests.tiers import few_fast

BATCH = 12
SMALL = {"expressions": {"largest": 3}, "expressions-prompt": {"largest": 3}}
"""Options that make the tests quick."""


def pairs():
    """Every policy on the stages, and every recipe's policy on its task."""
    yield from ((f"{name}-stages", made, "stages") for name, made in ARCHITECTURES.items())
    yield from ((name, recipe().policy, name) for name, recipe in RECIPES.items())
    yield "transformer-expressions", Transformer(), "expressions"  # its cache begins empty


PAIRS = {
    name: (made.but(width=WIDTH), recipe_for(task).task.but(**SMALL.get(task, {})))
    for name, made, task in pairs()
}


@pytest.fixture(params=few_fast(PAIRS, *range(0, len(PAIRS), 3)), scope="module")
def pair(request):
    return PAIRS[request.param]


@pytest.mark.parametrize("name", few_fast(PAIRS, 0, 9))
def test_the_policies_of_ours(name):
    architecture, task = PAIRS[name]
    check_policy(architecture, task=task)


def test_no_architecture_was_forgotten():
    ours = {name for name, kind in Architecture.registered.items() if is_ours(kind)}
    assert {made.name for made, _ in PAIRS.values()} == ours


def is_ours(kind):
    return kind.__module__.startswith("inwit.")


class Flat(Plain):
    def step(self, observation, memory):
        scores, value, memory = super().step(observation, memory)
        return scores, value[:, None], memory


class Turned(Plain):
    def begin(self, prompt):
        return (super().begin(prompt)[0], torch.zeros(3, len(prompt.level)))

    def step(self, observation, memory):
        scores, value, state = super().step(observation, memory[:1])
        return scores, value, (*state, memory[1])


class Endless(Plain):
    def step(self, observation, memory):
        scores, value, memory = super().step(observation, memory)
        return scores / 0, value, memory


class Hasty(Plain):
    """Its own unroll reads one press too late."""

    def unroll(self, prompt, observation, starts):
        return super().unroll(
            prompt, replace(observation, previous=observation.previous.roll(1, 0)), starts
        )


class Forgetful(Plain):
    """Its own unroll clears the state at the first row alone."""

    def unroll(self, prompt, observation, starts):
        first = torch.zeros_like(starts)
        first[0] = True
        return super().unroll(prompt, observation, first)


class Late(Plain):
    """The state is cleared after the row at which an episode starts."""

    def unroll(self, prompt, observation, starts):
        late = starts.roll(1, 0)
        late[0], late[1] = True, False
        return super().unroll(prompt, observation, late)


class Secretive(Plain):
    """Keeps its state in itself, so that no start can clear it."""

    def begin(self, prompt):
        self.kept = super().begin(prompt)
        return self.kept

    def step(self, observation, memory):
        scores, value, self.kept = super().step(observation, self.kept)
        return scores, value, self.kept


class Sociable(Plain):
    """The tutorial's fault: the mean runs over the batch."""

    def begin(self, prompt):
        (state,) = super().begin(prompt)
        return (state.mean(0).expand_as(state),)


class Blind(Plain):
    def begin(self, prompt):
        (state,) = super().begin(prompt)
        return (torch.zeros_like(state),)


class Ordered(Plain):
    """Adds the place in the batch."""

    def step(self, observation, memory):
        scores, value, memory = super().step(observation, memory)
        return scores, value + torch.arange(len(value)), memory


@pytest.mark.parametrize(
    ("network", "told"),
    [
        (Flat, r"'there is a score for each key and one value': \(12, 18\) and \(12, 1\)"),
        (Turned, r"'the first axis of a state is the batch': a part of it is \(3, 12\)"),
        (Endless, "'scores and values are finite': some are not"),
        (Hasty, "'unroll equals step by step': scores or values differ by .* at press 1"),
        (Forgetful, "'starts isolates episodes': .* of an episode in a longer record"),
        (Late, "'starts isolates episodes': .* of an episode in a longer record"),
        (Secretive, "'starts isolates episodes': .* of an episode in a longer record"),
        (Sociable, "'a state depends on its own prompt alone': .* of the batch"),
        (Ordered, "'a state depends on its own prompt alone': .* in another order"),
        (Blind, "'different prompts make a difference': none of 12 episodes"),
    ],
)
def test_a_violation_is_told(network, told):
    with pytest.raises(AssertionError, match=f"^policy 'planted' breaks the contract {told}"):
        check_policy(planted(network))


def test_what_was_spoilt_is_sound():
    check_policy(planted(Plain))
    check_policy(planted(Plain)())


# What is asked of our own policies beside the contracts.


@pytest.fixture(scope="module")
def environment(pair):
    return Environment(pair[1])


@pytest.fixture
def policy(pair, environment):
    return Recipe(task=pair[1], policy=pair[0]).network(environment)


@pytest.fixture
def played(policy, environment, generator, draw_mixed):
    problems = draw_mixed(environment.task, BATCH, generator)
    with torch.no_grad():
        return rollout(policy, environment, problems, generator)[0]


@torch.no_grad()
def test_without_a_start_the_first_episode_is_remembered(pair, policy, played):
    """So the contract of `starts` can fail."""
    length = len(played.key)
    twice = Observation(
        **{name: torch.cat([part] * 2) for name, part in vars(played.observation).items()}
    )
    starts = torch.zeros(2 * length, BATCH, dtype=torch.bool)
    starts[0] = True
    starts[length, ::2] = True
    scores, _ = policy.unroll(played.prompt, twice, starts)
    torch.testing.assert_close(scores[length:, ::2], scores[:length, ::2])
    kept = torch.allclose(scores[length:, 1::2], scores[:length, 1::2])
    assert kept == isinstance(pair[0], (Memoryless, FeedForward))


def states(policy, prompt):
    with torch.no_grad():
        return torch.cat([part.flatten(1).float() for part in policy.begin(prompt)], 1)


def test_every_problem_has_a_state_of_its_own(policy, environment):
    if environment.task.rules.stream:
        pytest.skip("a streamed problem has no prompt")
    prompt = Prompt(
        symbols=torch.tensor([[0, 1, 2, -1], [0, 1, 3, -1], [0, 1, 2, 3]]),
        level=torch.tensor([0, 0, 0]),
        values=torch.zeros(3, 4, environment.task.prompt_values),
    )
    state = states(policy, prompt)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert not torch.allclose(state[first], state[second])


@torch.no_grad()
def test_illegal_keys_are_never_likely(policy, played):
    scores, _ = policy.unroll(played.prompt, played.observation, played.starts)
    legal = played.observation.legal
    some = legal.any(-1)
    for explore in (0.0, 0.3):
        likely = press_probabilities(scores * 1000, legal, exploration(explore, scores.shape[1]))
        assert not likely[~legal & some[..., None]].any()
        torch.testing.assert_close(likely.sum(-1), torch.ones(scores.shape[:2]))
    assert legal.gather(-1, played.key[..., None])[..., 0][played.pressed].all()


def test_every_parameter_learns(policy, played, generator):
    scores, values = policy.unroll(played.prompt, played.observation, played.starts)
    told = log_probabilities(scores, played.observation.legal)
    weight = torch.rand(told.shape, generator=generator)
    ((weight * told).mean() + values.square().mean()).backward()
    streamed = played.prompt.symbols.shape[1] == 0  # nothing is read before the first press
    for name, parameter in policy.named_parameters():
        of_reading = "symbol" in name or name == "level.weight"  # a transformer's
        assert (streamed and of_reading) or parameter.grad.any(), name


def test_evaluating_again_gives_the_outputs_of_the_rollout(
    policy, environment, generator, draw_mixed
):
    problems = draw_mixed(environment.task, BATCH, generator)
    trajectory, outputs = rollout(policy, environment, problems, generator)
    again = evaluate(policy, trajectory)
    torch.testing.assert_close(again.log_prob, outputs.log_prob)
    torch.testing.assert_close(again.value, outputs.value)
    torch.testing.assert_close(again.entropy, outputs.entropy)


def test_by_rank_an_operand_key_is_scored_by_its_place_among_the_legal_ones(generator):
    recipe = recipe_for("countdown").but(**{"policy.width": 16})
    environment = recipe.environment()
    network = recipe.network(environment)
    prompt, seen = environment.reset(environment.task.parse("3 5 20 60 -> 12"))
    legal = seen.legal.clone()
    legal[:, 0] = False  # as if the first number had been used
    with torch.no_grad():
        every, _, _ = network.step(seen, network.begin(prompt))
        rest, _, _ = network.step(replace(seen, legal=legal), network.begin(prompt))
    assert torch.equal(rest[0, 1:4], every[0, :3])
    assert torch.equal(rest[0, 4:], every[0, 4:])
