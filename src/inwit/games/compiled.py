"""The learner's loss in an environment and its gradient as one compiled graph.

Stepping an environment is Python and stays as it is; the gradient steps, of which PPO makes several
on every window, are compiled at the first one (see `training.compiled`).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn

from inwit.games.normalising import NormalisedPolicy
from inwit.learners import Learner, Metrics, check_loss
from inwit.policies import Memory, Policy, renew
from inwit.records import flatten, unflatten
from inwit.training.compiled import check_compiler, compile_gradient, take_gradient
from inwit.training.rollout import outputs_of
from inwit.trajectory import Outputs, Trajectory

_log = logging.getLogger(__name__)


class CompiledLoss:
    """Compiles at the first window; all have the same shape."""

    def __init__(self, policy: NormalisedPolicy, learner: Learner, device: torch.device) -> None:
        """Prepare for one network.

        Raises:
            InvalidOption: there is no C++ compiler.
        """
        check_compiler(device)
        self.policy, self.learner = policy, learner
        # They share their values with the network's: a step of the optimiser is seen here.
        named = policy.inner.named_parameters()
        self.parameters = {name: each.detach() for name, each in named}
        self.graph: Callable[..., dict[str, Tensor]] | None = None

    def backward(self, memory: Memory, trajectory: Trajectory) -> tuple[Tensor, Metrics]:
        """The loss of a window and its metrics; its gradient is left with the parameters.

        Raises:
            InvalidOption: the policy needs something that cannot be compiled.
        """
        # The statistics change from window to window, so they stay outside of the graph.
        seen = replace(trajectory, observation=self.policy.normalised(trajectory.observation))
        inputs = flatten(seen, "trajectory")
        inputs |= {f"memory.{place}": each for place, each in enumerate(memory)}
        if self.graph is None:
            start = time.monotonic()
            loss = _Loss(self.policy.inner, self.learner, len(memory))
            self.graph = compile_gradient(loss, self.parameters, inputs, "this policy")
            _log.info("--compile: compiled the loss in %.0f s", time.monotonic() - start)
        results = self.graph(*self.parameters.values(), *inputs.values())
        return take_gradient(self.policy.inner, results)


class _Loss(nn.Module):
    """What is compiled as a function of the policy's parameters."""

    def __init__(self, policy: Policy, learner: Learner, parts: int) -> None:
        super().__init__()
        self.policy, self.learner, self.parts = policy, learner, parts

    def forward(self, inputs: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and what the learner reports."""
        trajectory = unflatten(Trajectory, inputs, "trajectory")
        memory = tuple(inputs[f"memory.{place}"] for place in range(self.parts))
        learnt = self.learner.loss(trajectory, _unrolled(self.policy, memory, trajectory))
        check_loss(self.learner, learnt)
        loss, report = learnt
        return loss, {f"report.{name}": each.detach() for name, each in report.items()}


def _unrolled(policy: Policy, memory: Memory, trajectory: Trajectory) -> Outputs:
    """Outputs row by row; unlike `Policy.unroll_from` the steps do not depend on values."""
    observation, fresh = trajectory.observation, policy.begin(trajectory.prompt)
    scores, values = [], []
    for t, start in enumerate(trajectory.starts):
        memory = renew(start, fresh, memory) if t else memory
        score, value, memory = policy.step(observation.at(t), memory)
        scores.append(score)
        values.append(value)
    return outputs_of(torch.stack(scores), torch.stack(values), observation, trajectory.key)
