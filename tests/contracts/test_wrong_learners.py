"""Planted violations: what a learner returns and says, and what it makes of the end of episodes."""

from dataclasses import dataclass, replace

import pytest
import torch

from inwit.errors import InvalidOption
from inwit.learners import A2C, PPO, Learner
from inwit.learners.returns import generalised_advantages
from inwit.testing import check_learner
from inwit.trajectory import masked_mean
from tests.tiers import few_fast


def planted(kind):
    kind.name = "planted"
    return dataclass(frozen=True, kw_only=True)(kind)


def returns(trajectory, terminated, truncated, following):
    """What followed each press."""
    advantage = generalised_advantages(
        trajectory.reward,
        trajectory.value,
        following,
        terminated,
        truncated,
        discount=1.0,
        decay=1.0,
    )
    return advantage + trajectory.value


@planted
class Plain(Learner):
    """An actor with a critic, to be spoilt."""

    trains_value = True

    def returns(self, trajectory):
        ends = trajectory.terminated, trajectory.truncated
        return returns(trajectory, *ends, trajectory.next_value)

    def error(self, value, target):
        return (value - target).square()

    def loss(self, trajectory, outputs):
        target = self.returns(trajectory)
        advantage = target - trajectory.value
        gain = masked_mean(advantage * outputs.log_prob, trajectory.pressed)
        error = masked_mean(self.error(outputs.value, target), trajectory.pressed)
        return -gain + 0.5 * error, {"loss/policy": -gain.detach()}


@planted
class Finishing(Plain):
    """A truncation is a termination."""

    def returns(self, trajectory):
        ended = trajectory.terminated | trajectory.truncated
        return returns(trajectory, ended, ended, trajectory.next_value)


@planted
class Summing(Plain):
    """The sum of the rewards that followed, whatever ended the episode."""

    def returns(self, trajectory):
        reward = trajectory.reward * trajectory.pressed
        return reward.flip(0).cumsum(0).flip(0)


@planted
class Untiring(Plain):
    """Goes on after the end."""

    def returns(self, trajectory):
        ended = trajectory.terminated | trajectory.truncated
        return returns(trajectory, torch.zeros_like(ended), ended, trajectory.next_value)


@planted
class Spiteful(Plain):
    """The value goes away from the return."""

    def error(self, value, target):
        return -super().error(value, target)


@planted
class Opposite(Plain):
    """The value goes to the return with the wrong sign."""

    def error(self, value, target):
        return super().error(value, -target)


@planted
class Shortsighted(Plain):
    """The value learns what the press itself has earned."""

    def loss(self, trajectory, outputs):
        loss, metrics = super().loss(trajectory, replace(outputs, value=trajectory.value))
        error = masked_mean((outputs.value - trajectory.reward).square(), trajectory.pressed)
        return loss + 0.5 * error, metrics


@planted
class Leaking(Plain):
    """The advantage is of the value with gradient, which so learns from it."""

    def loss(self, trajectory, outputs):
        loss, metrics = super().loss(trajectory, outputs)
        advantage = self.returns(trajectory) - outputs.value
        return loss - masked_mean(advantage * outputs.log_prob, trajectory.pressed), metrics


@planted
class Reversed(Plain):
    """What follows a truncation counts against it."""

    def returns(self, trajectory):
        ends = trajectory.terminated, trajectory.truncated
        following = torch.where(trajectory.truncated, -trajectory.next_value, trajectory.next_value)
        return returns(trajectory, *ends, following)


@planted
class Bootstrapping(Plain):
    """Trains no value, but uses it, except where it is cut off."""

    trains_value = False

    def error(self, value, target):
        return torch.zeros_like(target)

    def returns(self, trajectory):
        following = trajectory.next_value.masked_fill(trajectory.truncated, 0.0)
        return trajectory.reward + following * ~trajectory.terminated


@planted
class Wide(Plain):
    def loss(self, trajectory, outputs):
        loss, metrics = super().loss(trajectory, outputs)
        return loss[None], metrics


@planted
class Rowwise(Plain):
    def loss(self, trajectory, outputs):
        return -outputs.log_prob, {}


@planted
class Counting(Plain):
    def loss(self, trajectory, outputs):
        loss, _ = super().loss(trajectory, outputs)
        return loss, {"loss/policy": float(loss.detach())}


@planted
class Alone(Plain):
    def loss(self, trajectory, outputs):
        return super().loss(trajectory, outputs)[0]


@planted
class Unlisted(Plain):
    def loss(self, trajectory, outputs):
        return super().loss(trajectory, outputs)[0], None


@pytest.mark.parametrize(
    "learner",
    few_fast(
        [
            Plain(),
            A2C(discount=0.5, decay=0.0),
            PPO(normalise=True),
            PPO(discount=0.3, decay=0.3, epochs=1),
            A2C(discount=0.05),
        ],
        0,
        2,
    ),
    ids=repr,
)
def test_what_is_sound_passes(learner):
    check_learner(learner)


@pytest.mark.parametrize(
    ("learner", "told"),
    [
        (Finishing, "'next_value follows a truncation': a press is no better with a higher one"),
        (Summing, "'next_value follows a truncation': a press is no better with a higher one"),
        (Reversed, "'next_value follows a truncation': a press is no better with a higher one"),
        (Bootstrapping, "'next_value follows a truncation': a press is no better"),
        (Untiring, "'nothing follows a termination': the gradient of log_prob changes by"),
        (Spiteful, "'the value is trained towards the return': where that is 1 and the value 0"),
        (Opposite, "'the value is trained towards the return': where that is 1 and the value 0"),
        (Shortsighted, "'the value is trained towards the return': where that is 1 and the value"),
        (Leaking, "'the value is trained towards the return': where that is . and the value"),
        (Wide, r"'the loss is a scalar tensor': it is a tensor of float32 with shape \(1,\)"),
        (Rowwise, r"'the loss is a scalar tensor': it is a tensor of float32 with shape \(2, 3\)"),
        (Counting, "'metrics are scalars without gradient, .*': 'loss/policy' is .*, a float"),
        (Alone, "'loss gives a pair, the loss and its metrics': it gives a tensor"),
        (Unlisted, "'metrics are scalars .*': they are None, a NoneType"),
    ],
)
def test_a_violation_is_told(learner, told):
    with pytest.raises(AssertionError, match=f"^learner 'planted' breaks the contract {told}"):
        check_learner(learner)


class Forgetting(PPO):
    """Its ratio is always 1: nothing is ever clipped."""

    def loss(self, trajectory, outputs):
        trajectory.log_prob.copy_(outputs.log_prob.detach())
        return super().loss(trajectory, outputs)


class Emptying(PPO):
    def loss(self, trajectory, outputs):
        made = super().loss(trajectory, outputs)
        trajectory.right.fill_(True)
        return made


class Laying(A2C):
    def loss(self, trajectory, outputs):
        trajectory.reward.sum(0).view(-1, 4)
        return super().loss(trajectory, outputs)


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Forgetting, "'what is given is not changed': loss writes into trajectory.log_prob"),
        (Emptying, "'what is given is not changed': loss writes into trajectory.right"),
        (Laying, "'loss takes any number of episodes; .*': it raised RuntimeError: .*in loss"),
    ],
)
def test_a_loss_leaves_its_episodes_alone_however_many_there_are(kind, told):
    with pytest.raises(AssertionError, match=f"breaks the contract {told}"):
        check_learner(planted(kind))


@pytest.mark.parametrize("name", ["epochs", "minibatches", "group_size"])
@pytest.mark.parametrize("value", [0, -3, 1.5, None, "2", True])
def test_counts_are_whole_numbers(name, value):
    kind = planted(type("Spoilt", (Plain,), {name: value}))
    with pytest.raises(InvalidOption, match=r"^--learner\..*: give a whole number of at least 1$"):
        check_learner(kind)
    unchecked = type("Unchecked", (kind,), {"__post_init__": lambda self: None})
    with pytest.raises(AssertionError, match=f"contract '{name} is a whole number of at least 1'"):
        check_learner(unchecked)
