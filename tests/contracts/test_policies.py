"""What every policy in the registry must hold to."""

from dataclasses import replace

import pytest
import torch

from inwit.assembly import make_task
from inwit.environment import Environment
from inwit.policies import POLICIES, log_probabilities
from inwit.recipe import RECIPES, Recipe
from inwit.rollout import evaluate, exploration, press_probabilities, rollout
from inwit.trajectory import Percept, Prompt

BATCH = 12


def pairs():
    """Every policy on the stages, and every recipe's policy on its task."""
    yield from ((policy, "stages") for policy in POLICIES)
    yield from ((recipe().policy, recipe().task) for recipe in RECIPES.values())
    yield "transformer", "expressions"  # its cache begins empty


@pytest.fixture(params=sorted(set(pairs())), ids="-".join, scope="module")
def pair(request):
    return request.param


@pytest.fixture(scope="module")
def environment(pair):
    return Environment(make_task(RECIPES.get(pair[1], Recipe)().but(largest=3)))


@pytest.fixture
def policy(pair, environment, make_network):
    return make_network(environment, policy=pair[0])


@pytest.fixture
def played(policy, environment, generator, draw_mixed):
    problems = draw_mixed(environment.task, BATCH, generator)
    with torch.no_grad():
        return rollout(policy, environment, problems, generator)[0]


def at(percept, index):
    return Percept(
        previous=percept.previous[index], seen=percept.seen[index], legal=percept.legal[index]
    )


def twice(percept):
    return Percept(
        previous=torch.cat([percept.previous] * 2),
        seen=torch.cat([percept.seen] * 2),
        legal=torch.cat([percept.legal] * 2),
    )


def changed(percept, generator):
    """The same shapes, with other keys pressed before."""
    keys = percept.legal.shape[-1]
    previous = torch.randint(keys, percept.previous.shape, generator=generator)
    return replace(percept, previous=previous)


@torch.no_grad()
def test_step_equals_unroll(policy, played):
    scores, values = policy.unroll(played.prompt, played.percept, played.starts)
    memory = policy.begin(played.prompt)
    for t in range(len(played.key)):
        score, value, memory = policy.step(at(played.percept, t), memory)
        torch.testing.assert_close(score, scores[t])
        torch.testing.assert_close(value, values[t])


@torch.no_grad()
def test_starts_isolate_episodes(pair, policy, played, generator):
    prompt, length = played.prompt, len(played.key)
    other = changed(played.percept, generator)
    joined = Percept(
        previous=torch.cat([played.percept.previous, other.previous]),
        seen=torch.cat([played.percept.seen, other.seen]),
        legal=torch.cat([played.percept.legal, other.legal]),
    )
    scores, values = policy.unroll(prompt, joined, torch.cat([played.starts] * 2))
    for part, percept in ((slice(0, length), played.percept), (slice(length, None), other)):
        alone = policy.unroll(prompt, percept, played.starts)
        torch.testing.assert_close(scores[part], alone[0])
        torch.testing.assert_close(values[part], alone[1])
    if pair[0] == "memoryless":
        return
    # Without the second start the first episode is remembered: the test can fail.
    never = torch.cat([played.starts, torch.zeros_like(played.starts)])
    assert not torch.allclose(policy.unroll(prompt, joined, never)[0][length:], scores[length:])


@torch.no_grad()
def test_starts_may_differ_from_episode_to_episode(pair, policy, played):
    length, percept = len(played.key), twice(played.percept)
    starts = torch.zeros(2 * length, BATCH, dtype=torch.bool)
    starts[0] = True
    starts[length, ::2] = True
    scores, _ = policy.unroll(played.prompt, percept, starts)
    torch.testing.assert_close(scores[length:, ::2], scores[:length, ::2])
    kept = torch.allclose(scores[length:, 1::2], scores[:length, 1::2])
    assert kept == (pair[0] == "memoryless")


@torch.no_grad()
def test_every_stretch_between_starts_is_as_if_alone(policy, played, generator):
    starts = torch.rand(played.starts.shape, generator=generator) < 0.3
    starts[0] = True
    scores, values = policy.unroll(played.prompt, played.percept, starts)
    for row in range(0, BATCH, 3):
        alone = played.select(torch.tensor([row]))
        memory = fresh = policy.begin(alone.prompt)
        for t in range(len(played.key)):
            memory = fresh if starts[t, row] else memory
            score, value, memory = policy.step(at(alone.percept, t), memory)
            torch.testing.assert_close(score[0], scores[t, row])
            torch.testing.assert_close(value[0], values[t, row])


@torch.no_grad()
def test_a_permuted_batch_gives_permuted_results(policy, played, generator):
    order = torch.randperm(BATCH, generator=generator)
    scores, values = policy.unroll(played.prompt, played.percept, played.starts)
    moved = played.select(order)
    again = policy.unroll(moved.prompt, moved.percept, moved.starts)
    torch.testing.assert_close(again[0], scores[:, order])
    torch.testing.assert_close(again[1], values[:, order])


@torch.no_grad()
def test_a_companion_changes_nothing(policy, played):
    scores, _ = policy.unroll(played.prompt, played.percept, played.starts)
    for row in range(3):
        alone = played.select(torch.tensor([row]))
        own, _ = policy.unroll(alone.prompt, alone.percept, alone.starts)
        torch.testing.assert_close(own[:, 0], scores[:, row])


def states(policy, prompt):
    with torch.no_grad():
        return torch.cat([part.flatten(1).float() for part in policy.begin(prompt)], 1)


def test_every_problem_has_a_state_of_its_own(policy, environment):
    if environment.task.rules.stream:
        pytest.skip("a streamed problem has no prompt")
    prompt = Prompt(
        symbols=torch.tensor([[0, 1, 2, -1], [0, 1, 3, -1], [0, 1, 2, 3]]),
        level=torch.tensor([0, 0, 0]),
    )
    state = states(policy, prompt)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert not torch.allclose(state[first], state[second])
    other = replace(prompt, symbols=prompt.symbols[[0, 2, 2]])
    torch.testing.assert_close(states(policy, other)[0], state[0])  # whatever stands beside it


@torch.no_grad()
def test_illegal_keys_are_never_likely(policy, played):
    scores, _ = policy.unroll(played.prompt, played.percept, played.starts)
    legal = played.percept.legal
    some = legal.any(-1)
    for explore in (0.0, 0.3):
        likely = press_probabilities(scores * 1000, legal, exploration(explore, scores.shape[1]))
        assert not likely[~legal & some[..., None]].any()
        torch.testing.assert_close(likely.sum(-1), torch.ones(scores.shape[:2]))
    assert legal.gather(-1, played.key[..., None])[..., 0][played.pressed].all()


def test_every_parameter_learns(policy, played, generator):
    scores, values = policy.unroll(played.prompt, played.percept, played.starts)
    told = log_probabilities(scores, played.percept.legal)
    weight = torch.rand(told.shape, generator=generator)
    ((weight * told).mean() + values.square().mean()).backward()
    for name, parameter in policy.named_parameters():
        unused = played.prompt.symbols.shape[1] == 0 and "reader.symbol" in name
        assert unused or parameter.grad.any(), name


def test_evaluating_again_gives_the_outputs_of_the_rollout(
    policy, environment, generator, draw_mixed
):
    problems = draw_mixed(environment.task, BATCH, generator)
    trajectory, outputs = rollout(policy, environment, problems, generator)
    again = evaluate(policy, trajectory)
    torch.testing.assert_close(again.log_prob, outputs.log_prob)
    torch.testing.assert_close(again.value, outputs.value)
    torch.testing.assert_close(again.entropy, outputs.entropy)
