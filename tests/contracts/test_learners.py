"""What every learner must hold to. A new one takes its place in the tables below."""

import pytest
import torch

from inwit.environment import Environment
from inwit.learners import A2C, Replay
from inwit.rollout import rollout
from inwit.tasks import Stages
from inwit.trajectory import Outputs

GRADIENTS = {"a2c": A2C(entropy_weight=0.0, value_weight=0.0)}
"""The policy gradients, with nothing in their loss but the policy."""
LEARNERS = {"a2c": A2C(entropy_weight=0.1), "replay": Replay()}
"""All learners, with all parts of their loss."""


@pytest.fixture(params=sorted(LEARNERS))
def learner(request):
    return LEARNERS[request.param]


@pytest.fixture(params=sorted(GRADIENTS))
def gradient_learner(request):
    return GRADIENTS[request.param]


def leaves(shape, generator):
    """Outputs that are leaves of the graph: what flows back ends in them."""
    drawn = [torch.rand(shape, generator=generator).requires_grad_() for _ in range(3)]
    return Outputs(log_prob=drawn[0], entropy=drawn[1], value=drawn[2])


def flows(loss, outputs):
    parts = (outputs.log_prob, outputs.entropy, outputs.value)
    grads = torch.autograd.grad(loss, parts, allow_unused=True)
    return [grad for grad in grads if grad is not None]


def test_rows_after_the_end_carry_no_gradient(learner, record, generator):
    pressed = [[True, True, True], [True, False, True], [True, False, False]]
    made = record(
        reward=[[0.0, 1.0, 0.0], [0.0, 7.0, 1.0], [1.0, 7.0, 7.0]],
        terminated=[[False, True, False], [False, True, True], [True, True, True]],
        pressed=pressed,
        value=torch.rand(3, 3, generator=generator).tolist(),
    )
    outputs = leaves((3, 3), generator)
    grads = flows(learner.loss(made, outputs)[0], outputs)
    assert grads
    for grad in grads:
        assert not grad[~made.pressed].any()
    assert grads[0][made.pressed].all()  # and every other row does


def test_what_happened_after_the_end_does_not_matter(learner, record, generator):
    numbers = torch.rand(2, 2, generator=generator)
    losses = []
    for wild in (0.0, 1e6):
        made = record(
            reward=[[0.0, 1.0], [1.0, wild]],
            value=[[0.3, 0.2], [0.5, wild]],
            terminated=[[False, True], [True, False]],
            pressed=[[True, True], [True, False]],
        )
        late = torch.where(made.pressed, numbers, -wild)
        losses.append(learner.loss(made, Outputs(log_prob=late, entropy=late, value=late))[0])
    torch.testing.assert_close(losses[0], losses[1])


def test_metrics_are_scalars_without_gradient(learner, record, generator):
    made = record(reward=[[1.0, 0.0]], terminated=[[True, True]])
    loss, metrics = learner.loss(made, leaves((1, 2), generator))
    assert loss.requires_grad
    assert metrics
    for name, value in metrics.items():
        assert name.count("/") == 1
        assert value.dim() == 0
        assert not value.requires_grad


@pytest.mark.parametrize("once", [True, False])
def test_the_first_gradient_is_reinforces(
    gradient_learner, once, generator, make_network, draw_mixed
):
    environment = Environment(Stages(once=once))
    network = make_network(environment)
    problems = draw_mixed(environment.task, 200, generator)
    trajectory, outputs = rollout(network, environment, problems, generator)
    loss, _ = gradient_learner.loss(trajectory, outputs)
    parameters = list(network.parameters())
    found = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)

    total, count = torch.tensor(0.0), 0
    for episode in range(200):
        steps = int(trajectory.pressed[:, episode].sum())
        ahead = 0.0  # what follows: bootstrapped where the presses ran out
        if trajectory.truncated[steps - 1, episode]:
            ahead = float(trajectory.next_value[steps - 1, episode])
        for t in reversed(range(steps)):
            ahead += float(trajectory.reward[t, episode])
            advantage = ahead - float(trajectory.value[t, episode])
            total = total - advantage * outputs.log_prob[t, episode]
            count += 1
    expected = torch.autograd.grad(total / count, parameters, allow_unused=True)
    assert (trajectory.truncated.any()).item() != once  # both ends of an episode were met
    assert any(grad is not None and grad.abs().max() > 1e-4 for grad in found)
    for ours, theirs in zip(found, expected, strict=True):
        if theirs is not None:
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)


def bandit(scores, key):
    """Outputs of a policy with one score per arm and no value."""
    log_probs = torch.log_softmax(scores, 0)
    entropy = -(log_probs.exp() * log_probs).sum().expand(1, len(key))
    return Outputs(
        log_prob=log_probs[key][None], entropy=entropy, value=torch.zeros(1, len(key))
    )


def test_it_learns_which_arm_pays(learner, record, generator):
    scores = torch.tensor([1.0, 0.0, 1.0]).requires_grad_()
    optimiser = torch.optim.Adam([scores], 0.1)
    for _ in range(120):
        key = torch.multinomial(scores.detach().softmax(0), 64, True, generator=generator)
        key[0] = 1
        made = record(
            key=[key.tolist()],
            keys=3,
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
