import pytest
import torch

from inwit.learners import A2C

GARBAGE = 9.0  # in the row after the end


@pytest.fixture
def made(record):
    """Two episodes: right after two presses; wrong after one."""
    return record(
        reward=[[0.0, 0.0], [1.0, GARBAGE]],
        value=[[0.2, 0.5], [0.6, GARBAGE]],
        next_value=[[0.6, 0.0], [0.0, GARBAGE]],
        terminated=[[False, True], [True, False]],
        pressed=[[True, True], [True, False]],
    )


@pytest.fixture
def outputs(outputs_from):
    return outputs_from(
        torch.tensor([[-1.0, -0.5], [-2.0, -GARBAGE]], requires_grad=True),
        entropy=torch.tensor([[1.0, 0.3], [0.5, GARBAGE]], requires_grad=True),
        value=torch.tensor([[0.3, 0.5], [0.6, GARBAGE]], requires_grad=True),
    )


# Advantages 0.8 and 0.4 (return 1 less the value), and -0.5. Over the three rows that happened:
#   policy   -(0.8 * -1 + 0.4 * -2 + -0.5 * -0.5) / 3 = 0.45
#   value    ((0.3 - 1)^2 + (0.6 - 1)^2 + (0.5 - 0)^2) / 3 = 0.3
#   entropy  (1 + 0.5 + 0.3) / 3 = 0.6
def test_the_loss_by_hand(made, outputs):
    loss, metrics = A2C(entropy_weight=0.01, value_weight=0.5).loss(made, outputs)
    assert loss.item() == pytest.approx(0.45 + 0.5 * 0.3 - 0.01 * 0.6)
    assert metrics["loss/policy"].item() == pytest.approx(0.45)
    assert metrics["loss/value"].item() == pytest.approx(0.3)


def test_the_gradient_by_hand(made, outputs):
    loss, _ = A2C(entropy_weight=0.01, value_weight=0.5).loss(made, outputs)
    loss.backward()
    for tensor, expected in (
        (outputs.log_prob, [[-0.8, 0.5], [-0.4, 0.0]]),
        (outputs.value, [[-0.7, 0.5], [-0.4, 0.0]]),
        (outputs.entropy, [[-0.01, -0.01], [-0.01, 0.0]]),
    ):
        torch.testing.assert_close(tensor.grad, torch.tensor(expected) / 3)


def test_discount_and_decay_are_used(made, outputs):
    # delta: 0 + 0.5 * 0.6 - 0.2 = 0.1;  1 - 0.6 = 0.4;  -0.5.  A_0 = 0.1 + 0.25 * 0.4 = 0.2
    learner = A2C(entropy_weight=0.0, value_weight=0.0, discount=0.5, decay=0.5)
    loss, _ = learner.loss(made, outputs)
    assert loss.item() == pytest.approx((0.2 * 1 + 0.4 * 2 - 0.5 * 0.5) / 3)
