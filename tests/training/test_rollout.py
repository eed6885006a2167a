import pytest
import torch

from inwit.environment import Environment
from inwit.policies import Policy, Scripted, UniformRandom
from inwit.recipe import Recipe
from inwit.tasks import Stages
from inwit.training.rollout import evaluate, exploration, play, press_probabilities, rollout


class Fixed(Policy):
    """The same scores at every press; the value counts the presses: 1, 2, ..."""

    def __init__(self, scores):
        super().__init__()
        self.scores = scores

    def begin(self, prompt):
        return (torch.ones_like(prompt.level),)

    def step(self, observation, memory):
        scores = self.scores.expand(observation.legal.shape)
        return scores, memory[0].float(), (memory[0] + 1,)


def scores_for(environment, **preferred):
    scores = torch.full((len(environment.machine.vocabulary),), -50.0)
    for name, score in preferred.items():
        scores[environment.machine.vocabulary[name.removeprefix("key")]] = score
    return scores


def level(task, number, count, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return task.sample(torch.full((count,), number), generator)


def fields_of(trajectory):
    names = ("key", "log_prob", "value", "next_value", "reward", "terminated", "truncated")
    return [getattr(trajectory, name) for name in (*names, "pressed", "starts", "right")]


@torch.no_grad()
def test_keys_are_pressed_as_often_as_they_are_likely(environment, stages, generator):
    draws = 60_000
    policy = Fixed(torch.randn(len(stages.rules.vocabulary), generator=generator) * 2)
    first, _ = rollout(policy, environment, level(stages, 0, draws), generator)
    legal = environment.reset(level(stages, 0, 1))[1].legal[0]
    expected = torch.where(legal, policy.scores.exp(), 0.0).double()
    expected = expected / expected.sum()
    observed = torch.bincount(first.key[0], minlength=len(expected)) / draws
    assert not observed[~legal].any()
    deviation = (expected * (1 - expected) / draws).sqrt()
    assert ((observed - expected).abs() <= 5 * deviation).all()


@torch.no_grad()
def test_a_key_without_probability_is_never_drawn(environment, stages, generator):
    policy = Fixed(scores_for(environment, key1=0.0))
    made, _ = rollout(policy, environment, level(stages, 0, 5_000), generator)
    assert (made.key[0] == 1).all()


def test_evaluating_gives_the_outputs_again(environment, stages, network, generator, draw_mixed):
    problems = draw_mixed(stages, 50, generator)
    trajectory, outputs = rollout(network, environment, problems, generator, explore=0.1)
    again = evaluate(network, trajectory)
    assert torch.equal(again.log_prob, outputs.log_prob)
    assert torch.equal(again.entropy, outputs.entropy)
    assert torch.equal(again.value, outputs.value)


def test_the_record_is_without_gradient_and_the_outputs_are_with(
    environment, stages, network, generator
):
    trajectory, outputs = rollout(network, environment, level(stages, 0, 5), generator)
    assert not any(tensor.requires_grad for tensor in fields_of(trajectory))
    assert outputs.log_prob.requires_grad
    assert outputs.value.requires_grad
    assert torch.equal(outputs.value, trajectory.value)
    assert torch.equal(outputs.log_prob, trajectory.log_prob)  # nothing was explored


def test_entropy_is_over_the_legal_keys(environment, stages, generator):
    trajectory, outputs = rollout(UniformRandom(), environment, level(stages, 0, 5), generator)
    choices = trajectory.observation.legal.sum(-1).float()
    running = trajectory.pressed
    torch.testing.assert_close(outputs.entropy[running], choices.log()[running])
    assert outputs.entropy[0, 0] > 1  # three operands


def test_exploration_is_in_the_log_probabilities(environment, stages, network, generator):
    count, explore = 9, 0.2
    trajectory, outputs = rollout(
        network, environment, level(stages, 2, count), generator, explore=explore
    )
    for row in range(count):  # none in the first episode, twice the share in the last
        share = 2 * explore * row / (count - 1)
        for t in range(int(trajectory.pressed[:, row].sum())):
            choices = int(trajectory.observation.legal[t, row].sum())
            own = float(outputs.log_prob[t, row].detach().exp())
            mixed = (1 - share) * own + share / choices
            assert float(trajectory.log_prob[t, row].exp()) == pytest.approx(mixed, rel=1e-4)


@pytest.mark.parametrize("share", [0.0, 0.05, 0.2, 0.499])
def test_whatever_share_a_recipe_accepts_gives_probabilities(share):
    explore = Recipe(epsilon=share).epsilon
    scores = torch.tensor([[20.0, 0.0, -3.0, 5.0]]).expand(8, 4)
    legal = torch.tensor([[True, True, True, False]]).expand(8, 4)
    likely = press_probabilities(scores, legal, exploration(explore, 8))
    assert (likely >= 0).all()
    assert not likely[:, 3].any()
    torch.testing.assert_close(likely.sum(1), torch.ones(8))


def test_all_presses_are_even_at_most(generator):
    scores, legal = torch.zeros(5, 3), torch.ones(5, 3, dtype=torch.bool)
    likely = press_probabilities(scores, legal, exploration(0.3, 5))
    torch.testing.assert_close(likely, torch.full((5, 3), 1 / 3))


@torch.no_grad()
def test_nothing_follows_a_termination(environment, stages):
    problems = level(stages, 0, 4)
    keys = problems.oracle.T
    policy = Scripted(keys)
    made, _ = rollout(policy, environment, problems)
    presses = 6  # 0 MUL 1 ADD 2 ANS
    assert made.pressed.sum(0).tolist() == [presses] * 4
    assert made.terminated.sum(0).tolist() == [1] * 4
    assert made.terminated[presses - 1].all()
    assert made.reward.sum(0).tolist() == [1.0] * 4
    assert made.reward[presses - 1].all()
    assert not made.truncated.any()


@torch.no_grad()
def test_next_value_is_the_successors_and_nought_after_the_end():
    environment = Environment(Stages(once=False))
    policy = Fixed(scores_for(environment, key0=1.0, ANS=2.0))  # 0 ANS
    made, _ = rollout(policy, environment, level(environment.task, 0, 3))
    assert made.value[:2].tolist() == [[1.0] * 3, [2.0] * 3]
    assert made.next_value[:2].tolist() == [[2.0] * 3, [0.0] * 3]
    assert made.pressed.sum(0).tolist() == [2] * 3


@torch.no_grad()
def test_it_does_not_pay_to_press_until_the_presses_run_out():
    environment = Environment(Stages(once=False))
    policy = Fixed(scores_for(environment, key0=1.0))  # the same operand for ever
    problems = level(environment.task, 1, 3)
    made, _ = rollout(policy, environment, problems)
    limit = environment.task.max_presses(problems)
    assert len(made.key) == limit
    assert made.pressed.all()
    assert made.truncated.sum(0).tolist() == [1] * 3
    assert made.truncated[-1].all()
    assert not made.terminated.any()
    assert made.next_value[:, 0].tolist() == [float(t + 2) for t in range(limit - 1)] + [0]
    assert not made.right.any()
    assert not made.reward.any()


def test_starts_and_previous_keys(environment, stages, network, generator):
    made, _ = rollout(network, environment, level(stages, 1, 8), generator)
    assert made.starts[0].all()
    assert not made.starts[1:].any()
    assert (made.observation.previous[0] == stages.rules.vocabulary["CTX"]).all()
    assert torch.equal(made.observation.previous[1:], made.key[:-1])
    ended = (made.terminated | made.truncated).cumsum(0)
    assert torch.equal(made.pressed[1:], ended[:-1] == 0)


def test_the_same_seed_gives_the_same_bits(environment, stages, network):
    first, again, other = (
        rollout(
            network,
            environment,
            level(stages, 2, 40),
            torch.Generator().manual_seed(seed),
            explore=0.1,
        )[0]
        for seed in (5, 5, 6)
    )
    for one, two in zip(fields_of(first), fields_of(again), strict=True):
        assert torch.equal(one, two)
    assert not torch.equal(first.key, other.key)


def test_no_randomness_comes_from_elsewhere(environment, stages, network):
    state = torch.random.get_rng_state()
    rollout(network, environment, level(stages, 2, 10), torch.Generator().manual_seed(0))
    assert torch.equal(torch.random.get_rng_state(), state)


@torch.no_grad()
def test_the_rest_of_the_batch_changes_nothing(environment, stages, network, generator, draw_mixed):
    problems = draw_mixed(stages, 30, generator)
    whole, _ = rollout(network, environment, problems)
    for row in range(6):
        alone, _ = rollout(network, environment, problems.select(torch.tensor([row])))
        presses = int(alone.pressed.sum())
        assert presses == int(whole.pressed[:, row].sum())
        assert torch.equal(alone.key[:presses, 0], whole.key[:presses, row])
        torch.testing.assert_close(alone.value[:presses, 0], whole.value[:presses, row])
        assert alone.right[0] == whole.right[row]


@torch.no_grad()
def test_greedy_presses_the_likeliest_legal_key(environment, stages, network):
    made, _ = rollout(network, environment, level(stages, 2, 20))
    scores, _ = network.unroll(made.prompt, made.observation, made.starts)
    best = scores.masked_fill(~made.observation.legal, -torch.inf).argmax(-1)
    assert torch.equal(best[made.pressed], made.key[made.pressed])


@torch.no_grad()
def test_play_is_a_rollout_without_a_record(environment, stages, generator, draw_mixed):
    problems = draw_mixed(stages, 60, generator)
    keys = problems.oracle.clone()
    keys[::2, 1] = stages.rules.vocabulary["ADD"]  # every other program begins otherwise
    policy = Scripted(keys.T)
    made, _ = rollout(policy, environment, problems)
    assert 0 < made.right.sum() < 60
    assert torch.equal(play(policy, environment, problems), made.right)
    again, other = (
        play(UniformRandom(), environment, problems, torch.Generator().manual_seed(2))
        for _ in range(2)
    )
    assert torch.equal(again, other)
