"""Trajectory -> loss: `Learner`, and the algorithms by name."""

from inwit.learners.a2c import A2C
from inwit.learners.base import Learner, Metrics
from inwit.learners.grpo import GRPO
from inwit.learners.ppo import PPO
from inwit.learners.replay import Found, Replay

POLICY_GRADIENTS: dict[str, type[A2C | PPO | GRPO]] = {"a2c": A2C, "ppo": PPO, "grpo": GRPO}

__all__ = ["A2C", "GRPO", "POLICY_GRADIENTS", "PPO", "Found", "Learner", "Metrics", "Replay"]
