"""What every learner must hold to, and a planted violation of each contract."""

from dataclasses import dataclass, replace

import pytest
import torch

from inwit.environment import Environment
from inwit.learners import A2C, GRPO, PPO, Learner, Replay
from inwit.tasks import Stages
from inwit.testing import check_learner
from inwit.training.rollout import rollout
from inwit.trajectory import masked_mean
from tests.tiers import few_fast

OURS = {
    name: kind() for name, kind in Learner.registered.items() if kind.__module__.startswith("inwit")
}
FORMS = {
    "replay": Replay(),
    "grpo, leave one out": GRPO(leave_one_out=True),
    "a2c, nearsighted": A2C(discount=0.9, decay=0.5),
    "ppo, whole returns": PPO(decay=1.0),
}


@pytest.mark.parametrize("name", few_fast(OURS | FORMS, 0, 1, 2))
def test_the_learners_of_ours(name):
    check_learner((OURS | FORMS)[name])


def planted(kind):
    kind.name = "planted"
    return dataclass(frozen=True, kw_only=True)(kind)


@planted
class Plain(Learner):
    """REINFORCE with the mean of the batch as its baseline, to be spoilt."""

    entropy_weight: float = 0.0

    def weights(self, trajectory):
        total = trajectory.reward.sum(0)
        return (total - total.mean()).expand_as(trajectory.reward)

    def mean(self, values, trajectory):
        return masked_mean(values, trajectory.pressed)

    def loss(self, trajectory, outputs):
        gain = self.mean(self.weights(trajectory) * outputs.log_prob, trajectory)
        entropy = masked_mean(outputs.entropy, trajectory.pressed)
        return -gain - self.entropy_weight * entropy, {"loss/policy": -gain.detach()}


@planted
class Scaled(Plain):
    """Advantages of unit deviation: sound."""

    def weights(self, trajectory):
        advantage = super().weights(trajectory)
        return advantage / (advantage[0].std() + 1e-6)


@planted
class Grouped(Plain):
    """Groups by their place in the batch, each episode less the mean of the others: sound."""

    group_size: int = 8

    def weights(self, trajectory):
        total = trajectory.reward.sum(0)
        if len(total) % self.group_size:
            return total.expand_as(trajectory.reward)
        groups = total.view(-1, self.group_size)
        others = (groups.sum(1, keepdim=True) - groups) / (self.group_size - 1)
        return (groups - others).flatten().expand_as(trajectory.reward)


@planted
class Overdue(Plain):
    def mean(self, values, trajectory):
        return values.mean()


@planted
class Swayed(Plain):
    """No gradient flows there, and yet what stands after the end matters."""

    def weights(self, trajectory):
        return super().weights(trajectory) - trajectory.value.mean()


@planted
class Upside(Plain):
    def weights(self, trajectory):
        return -super().weights(trajectory)


@planted
class Impatient(Plain):
    """A press is credited with what it earned itself, and not with what followed."""

    def weights(self, trajectory):
        return trajectory.reward


@planted
class Following(Plain):
    """The reward of the press before."""

    def weights(self, trajectory):
        return trajectory.reward.roll(1, 0)


@planted
class Boasting(Plain):
    trains_value = True


@planted
class Silent(Plain):
    def loss(self, trajectory, outputs):
        loss, metrics = super().loss(trajectory, outputs)
        error = self.mean((outputs.value - trajectory.reward).square(), trajectory)
        return loss + error, metrics


@planted
class Clinging(Plain):
    def loss(self, trajectory, outputs):
        loss, _ = super().loss(trajectory, outputs)
        return loss, {"loss/policy": loss}


@planted
class Misnamed(Plain):
    def loss(self, trajectory, outputs):
        loss, _ = super().loss(trajectory, outputs)
        return loss, {"policy": loss.detach()}


@planted
class Detached(Plain):
    def loss(self, trajectory, outputs):
        loss, metrics = super().loss(trajectory, outputs)
        return loss.detach(), metrics


@pytest.mark.parametrize("kind", [Plain, Scaled, Grouped])
def test_what_is_spoilt_below_is_sound(kind):
    check_learner(kind)


@pytest.mark.parametrize(
    ("learner", "told"),
    [
        (Overdue, "'rows after the end carry no gradient': that of log_prob is"),
        (Swayed, "'rows after the end do not change the loss': it changes by"),
        (Upside, r"'the first on-policy gradient is REINFORCE's': at press 1 .* it is \(.*\), and"),
        (Impatient, r"'the first on-policy gradient is REINFORCE's': at press 1 of a problem of 2"),
        (
            Following,
            r"'the first on-policy gradient is REINFORCE's': at press 2 .* \(0, 0, 0\), and",
        ),
        (Boasting, "'trains_value says whether the value is trained': True, but it is not"),
        (Silent, "'trains_value says whether the value is trained': False, but it is$"),
        (Clinging, "'metrics are scalars without gradient, .*': 'loss/policy' .* and a gradient"),
        (
            Misnamed,
            "'metrics are scalars without gradient, named area/name': one is named 'policy'",
        ),
        (Detached, "'the loss has a gradient': it has none"),
        (Plain(entropy_weight=3.0), "'it solves a bandit': after 200 updates the arm .* in 4"),
    ],
)
def test_a_violation_is_told(learner, told):
    with pytest.raises(AssertionError, match=f"^learner 'planted' breaks the contract {told}"):
        check_learner(learner)


# The same against a slow form, on episodes of a network of ours.


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
    """(T, B): the episode's return less its group's mean, in standard deviations of the group."""
    total = trajectory.reward.sum(0)
    problems = list(map(tuple, trajectory.prompt.symbols.tolist()))
    advantage = torch.zeros_like(total)
    for problem in set(problems):
        group = torch.tensor([other == problem for other in problems])
        spread = total[group].std(correction=0) + 1e-6
        advantage[group] = (total[group] - total[group].mean()) / spread
    return advantage.expand_as(trajectory.key)


ADVANTAGES = {"grpo": returns_within_the_group}


@pytest.mark.parametrize("once", few_fast([True, False], 0))
@pytest.mark.parametrize("name", OURS)
def test_the_first_gradient_is_reinforces(name, once, generator, make_network, draw_mixed):
    wanted = {"entropy_weight": 0.0, "value_weight": 0.0, "decay": 1.0, "discount": 1.0}
    options = OURS[name].options()
    learner = replace(OURS[name], **{each: wanted[each] for each in wanted if each in options})
    environment = Environment(Stages(once=once))
    network = make_network(environment)
    problems = draw_mixed(environment.task, 320 // learner.group_size, generator)
    problems = problems.repeat(learner.group_size)
    trajectory, outputs = rollout(network, environment, problems, generator)
    loss, _ = learner.loss(trajectory, outputs)
    parameters = list(network.parameters())
    found = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)

    advantages = ADVANTAGES.get(name, returns_less_values)(trajectory)
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
