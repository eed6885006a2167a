"""Trajectory -> loss: `Learner`, and the algorithms."""

from inwit.learners.a2c import A2C
from inwit.learners.base import Learner, Metrics, broken_by, check_loss
from inwit.learners.grpo import GRPO
from inwit.learners.optimiser import Adam
from inwit.learners.ppo import PPO
from inwit.learners.replay import Replay, ReplayBuffer

__all__ = [
    "A2C",
    "GRPO",
    "PPO",
    "Adam",
    "Learner",
    "Metrics",
    "Replay",
    "ReplayBuffer",
    "broken_by",
    "check_loss",
]
