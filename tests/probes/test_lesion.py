import torch

from inwit.environment import Environment
from inwit.policies import UniformRandom
from inwit.probes.lesion import (
    Reset,
    with_foreign_observations,
    with_prompt,
    without_keys,
    without_level,
    without_symbols,
)
from inwit.probes.subject import draw
from inwit.tasks import Expressions
from inwit.training.rollout import play, rollout
from tests.conftest import network_for
from tests.probes import planted


@torch.no_grad()
def test_keys_that_are_off_are_never_pressed(environment, stages, network, generator):
    problems = draw(stages, stages.levels, 90, 1)
    off = torch.tensor([stages.rules.vocabulary[name] for name in ("STO", "RCL", "MUL")])
    for policy in (network, UniformRandom()):
        made, _ = rollout(without_keys(policy, off), environment, problems, generator)
        assert not torch.isin(made.key[made.pressed], off).any()


def test_without_memory_keys_the_stage_that_needs_them_is_lost(environment, stages):
    off = torch.tensor([stages.rules.vocabulary[name] for name in ("STO", "RCL")])
    agent = without_keys(planted.stage_reader(), off)
    right = [play(agent, environment, draw(stages, [level], 100, 1)).sum() for level in range(3)]
    assert right[0] == right[1] == 100
    assert right[2] < 40


@torch.no_grad()
def test_a_reset_at_every_press_leaves_the_present_alone(environment, stages, network):
    problems = draw(stages, [2], 20, 1)
    made, _ = rollout(Reset(network, 1), environment, problems)
    fresh = network.begin(made.prompt)
    for press in range(len(made.key)):
        observation = type(made.observation)(
            previous=made.observation.previous[press],
            seen=made.observation.seen[press],
            legal=made.observation.legal[press],
        )
        scores = network.step(observation, fresh)[0].masked_fill(~observation.legal, -1e9)
        assert torch.equal(scores.argmax(1), made.key[press])


@torch.no_grad()
def test_a_reset_that_never_comes_changes_nothing(environment, stages):
    problems = draw(stages, stages.levels, 30, 1)
    for policy in ("gru", "transformer"):
        network = network_for(environment, policy=policy)
        whole, _ = rollout(network, environment, problems)
        made, _ = rollout(Reset(network, 1000), environment, problems)
        assert torch.equal(made.key, whole.key)


@torch.no_grad()
def test_withheld_prompts_look_alike(environment, stages, network):
    prompt = planted.prompt_of(environment, draw(stages, stages.levels, 30, 1))
    torch.nn.init.normal_(network.reader.level, generator=torch.Generator().manual_seed(0))
    for blind in (without_symbols(without_level(network)), without_level(without_symbols(network))):
        (state,) = blind.begin(prompt)
        assert torch.equal(state, state[:1].expand_as(state))
    (state,) = without_symbols(network).begin(prompt)
    (other,) = without_level(network).begin(prompt)
    (whole,) = network.begin(prompt)
    assert not torch.equal(other, whole)
    assert torch.equal(state[0], state[3])


@torch.no_grad()
def test_the_other_prompt_is_read(environment, stages, network):
    first, second = (draw(stages, [2], 10, seed) for seed in (1, 2))
    prompt = planted.prompt_of(environment, first)
    here = planted.prompt_of(environment, second)
    assert torch.equal(with_prompt(network, prompt).begin(here)[0], network.begin(prompt)[0])


def test_a_right_stream_needs_its_own_observations():
    environment = Environment(Expressions())
    problems = draw(environment.task, [4], 60, 1)
    agent = planted.Rules(environment.task)
    assert play(agent, environment, problems).all()
    assert play(with_foreign_observations(agent, slice(0, 3)), environment, problems).sum() < 20
    # The rules do not look at the third thing that is seen.
    assert play(with_foreign_observations(agent, slice(2, 3)), environment, problems).all()
