"""No tensor of the loop is made on another device, and nothing in it waits for the device.

Tensors on `meta` have no values: reading one on the host raises, as it would wait on a GPU.
"""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from inwit.environment import Environment
from inwit.learners import A2C, PPO
from inwit.training.rollout import begin, fill
from tests.recipes import recipe_of

CASES = [
    ("stages", {}, A2C()),
    *(
        pytest.param(*each, marks=pytest.mark.slow)
        for each in (
            ("expressions", {}, PPO()),
            ("stages", {"once": False, "policy": "gru-recurrent"}, PPO()),
            ("stages", {"policy": "transformer"}, A2C()),
            ("expressions-prompt", {}, A2C()),
        )
    ),
]


class OnlyOn(TorchDispatchMode):
    """Refuses operations that take or give a tensor, other than a number, on another device."""

    def __init__(self, device):
        super().__init__()
        self.device, self.operations = device, 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        given = function(*args, **(kwargs or {}))
        for each in tree_leaves((args, kwargs, given)):
            if isinstance(each, torch.Tensor) and each.dim():
                assert each.device.type == self.device, function
        self.operations += 1
        return given


def drawn(task, generator):
    return task.sample(torch.full((8,), task.levels[len(task.levels) // 2]), generator)


@pytest.mark.parametrize(("name", "changes", "learner"), CASES)
def test_all_tensors_of_an_update_are_on_the_device(name, changes, learner, generator):
    recipe = recipe_of(name, width=16, **changes)
    task = recipe.task
    environment = Environment(task, device="meta", fault_cost=0.1)
    policy = recipe.network(environment)
    problems = drawn(task, generator)
    limit, depth = task.max_presses(problems), task.max_depth(problems)
    problems = problems.to(environment.device)
    noise, explore = torch.rand(limit, 8, device="meta"), torch.rand(8, device="meta")
    with OnlyOn("meta") as watched:
        start = begin(
            policy, environment, problems, limit=limit, depth=depth, identity=problems.level
        )
        trajectory, outputs, _ = fill(
            policy, environment, start, limit, noise=noise, explore=explore
        )
        learner.loss(trajectory, outputs)[0].backward()
    assert watched.operations > 100 * limit
    assert any(each.grad is not None for each in policy.parameters())


def test_a_tensor_elsewhere_and_a_look_at_a_value_are_found():
    with pytest.raises(AssertionError), OnlyOn("meta"):
        torch.ones(3)
    with pytest.raises(RuntimeError, match="meta"):
        torch.ones(3, device="meta").sum().item()
