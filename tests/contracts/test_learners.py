"""What every learner must hold to."""

from dataclasses import fields

import pytest
import torch

from inwit.environment import Environment
from inwit.learners import POLICY_GRADIENTS, Replay
from inwit.rollout import rollout
from inwit.tasks import Stages
from inwit.trajectory import Outputs

ALL = {name: learner() for name, learner in POLICY_GRADIENTS.items()} | {"replay": Replay()}


def with_fields(learner, **wanted):
    """The learner with those of the wanted values for which it has fields."""
    names = {field.name for field in fields(learner)}
    return learner(**{name: value for name, value in wanted.items() if name in names})


@pytest.fixture(params=sorted(ALL))
def learner(request):
    return ALL[request.param]


@pytest.fixture(params=sorted(POLICY_GRADIENTS))
def gradient_learner(request):
    """With nothing in its loss but the policy, and whole returns."""
    learner = POLICY_GRADIENTS[request.param]
    return with_fields(learner, entropy_weight=0.0, value_weight=0.0, decay=1.0, discount=1.0)


def leaves(shape, generator):
    """Outputs that are leaves of the graph: what flows back ends in them."""
    drawn = [torch.rand(shape, generator=generator).requires_grad_() for _ in range(3)]
    return Outputs(log_prob=drawn[0], entropy=drawn[1], value=drawn[2])


def flows(loss, outputs):
    parts = (outputs.log_prob, outputs.entropy, outputs.value)
    grads = torch.autograd.grad(loss, parts, allow_unused=True)
    return [grad for grad in grads if grad is not None]


def test_rows_after_the_end_carry_no_gradient(learner, record, generator):
    outputs = leaves((3, 3), generator)
    made = record(
        problem=[4, 4, 4],
        reward=[[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]],
        terminated=[[False, True, False], [False, False, True], [True, False, False]],
        pressed=[[True, True, True], [True, False, True], [True, False, False]],
        value=torch.rand(3, 3, generator=generator).tolist(),
        log_prob=outputs.log_prob.tolist(),
    )
    grads = flows(learner.loss(made, outputs)[0], outputs)
    assert grads
    for grad in grads:
        assert not grad[~made.pressed].any()
    assert grads[0][made.pressed].all()  # and every other row does


def test_what_stands_after_the_end_does_not_matter(learner, record, generator):
    drawn = torch.rand(2, 2, generator=generator)
    losses = []
    for late in (0.0, 1e6):
        made = record(
            problem=[4, 4],
            reward=[[0.0, 1.0], [0.0, 0.0]],
            value=[[0.3, 0.2], [0.5, late]],
            next_value=[[0.5, 0.0], [0.0, late]],
            log_prob=[[-0.1, -0.2], [-0.3, late]],
            terminated=[[False, True], [True, False]],
            pressed=[[True, True], [True, False]],
        )
        told = torch.where(made.pressed, drawn, late)
        losses.append(learner.loss(made, Outputs(log_prob=told, entropy=told, value=told))[0])
    torch.testing.assert_close(losses[0], losses[1])


def test_a_learner_says_whether_it_trains_the_value(learner, record, generator):
    made = record(reward=[[1.0, 0.0]], terminated=[[True, True]])
    outputs = leaves((1, 2), generator)
    loss, metrics = learner.loss(made, outputs)
    (grad,) = torch.autograd.grad(loss, [outputs.value], allow_unused=True)
    assert (grad is not None and grad.any().item()) == learner.trains_value
    assert ("loss/value" in metrics) == learner.trains_value


def test_metrics_are_scalars_without_gradient(learner, record, generator):
    made = record(reward=[[1.0, 0.0]], terminated=[[True, True]])
    loss, metrics = learner.loss(made, leaves((1, 2), generator))
    assert loss.requires_grad
    assert metrics
    for name, value in metrics.items():
        assert name.count("/") == 1
        assert value.dim() == 0
        assert not value.requires_grad


def returns_less_values(trajectory):
    """(T, B): what followed each press, bootstrapped where the presses ran out, less the value."""
    advantage = torch.zeros(trajectory.key.shape)
    for episode in range(len(trajectory.problem)):
        steps = int(trajectory.pressed[:, episode].sum())
        cut = trajectory.truncated[steps - 1, episode]
        ahead = float(trajectory.next_value[steps - 1, episode]) if cut else 0.0
        for t in reversed(range(steps)):
            ahead += float(trajectory.reward[t, episode])
            advantage[t, episode] = ahead - float(trajectory.value[t, episode])
    return advantage


def returns_within_the_group(trajectory):
    """(T, B): the attempt's return less its group's mean, in standard deviations of the group."""
    total = trajectory.reward.sum(0)
    problems = list(map(tuple, trajectory.prompt.symbols.tolist()))
    advantage = torch.zeros_like(total)
    for problem in set(problems):
        group = torch.tensor([other == problem for other in problems])
        spread = total[group].std(correction=0) + 1e-6
        advantage[group] = (total[group] - total[group].mean()) / spread
    return advantage.expand_as(trajectory.key)


ADVANTAGES = {"grpo": returns_within_the_group}


@pytest.mark.parametrize("once", [True, False])
def test_the_first_gradient_is_reinforces(
    gradient_learner, once, generator, make_network, draw_mixed
):
    learner, environment = gradient_learner, Environment(Stages(once=once))
    network = make_network(environment)
    problems = draw_mixed(environment.task, 320 // learner.attempts, generator)
    problems = problems.repeat(learner.attempts)
    trajectory, outputs = rollout(network, environment, problems, generator)
    loss, _ = learner.loss(trajectory, outputs)
    parameters = list(network.parameters())
    found = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)

    advantages = ADVANTAGES.get(learner.name, returns_less_values)(trajectory)
    total = -sum(
        advantages[t, episode] * outputs.log_prob[t, episode]
        for t, episode in trajectory.pressed.nonzero().tolist()
    )
    expected = torch.autograd.grad(total / trajectory.pressed.sum(), parameters, allow_unused=True)
    assert (trajectory.truncated.any()).item() != once  # both ends of an episode were met
    assert any(grad is not None and grad.abs().max() > 1e-4 for grad in found)
    for ours, theirs in zip(found, expected, strict=True):
        if theirs is not None:
            torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-6)


def bandit(scores, key):
    """Outputs of a policy with one score per arm and no value."""
    log_probs = torch.log_softmax(scores, 0)
    entropy = -(log_probs.exp() * log_probs).sum().expand(1, len(key))
    return Outputs(log_prob=log_probs[key][None], entropy=entropy, value=torch.zeros(1, len(key)))


def test_it_learns_which_arm_pays(learner, record, generator):
    scores = torch.tensor([1.0, 0.0, 1.0]).requires_grad_()
    optimiser = torch.optim.Adam([scores], 0.1)
    for _ in range(120):
        key = torch.multinomial(scores.detach().softmax(0), 64, True, generator=generator)
        key[0] = 1
        made = record(
            problem=[0] * 64,
            key=[key.tolist()],
            keys=3,
            log_prob=[scores.detach().log_softmax(0)[key].tolist()],
            reward=[(key == 1).float().tolist()],
            terminated=[[True] * 64],
            right=(key == 1).tolist(),
        )
        if isinstance(learner, Replay):
            made = made.select(made.right.nonzero()[:, 0])
        loss, _ = learner.loss(made, bandit(scores, made.key[0]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert scores.softmax(0)[1] > 0.9
