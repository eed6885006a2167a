"""Trajectory -> loss: `Learner`, and the algorithms by name."""

from inwit.learners.a2c import A2C
from inwit.learners.base import Learner, Metrics
from inwit.learners.replay import Found, Replay

__all__ = ["A2C", "Found", "Learner", "Metrics", "Replay"]
