"""Trajectory -> loss: `Learner`, and the algorithms by name."""

from typing import get_args

from inwit.errors import InvalidOption
from inwit.learners.a2c import A2C
from inwit.learners.base import Learner, Metrics
from inwit.learners.grpo import GRPO
from inwit.learners.ppo import PPO
from inwit.learners.replay import Found, Replay
from inwit.recipe import NAMES, LearnerName

POLICY_GRADIENTS: dict[str, type[Learner]] = {"a2c": A2C, "ppo": PPO, "grpo": GRPO}


def register(name: str, learner: type[Learner]) -> None:
    """Let recipes name a learner of one's own; it is made with `entropy_weight=`.

    Raises:
        InvalidOption: the name is that of a learner of ours.
    """
    if name in get_args(LearnerName):
        raise InvalidOption(f"a learner '{name}' is built in: choose another name")
    POLICY_GRADIENTS[name] = learner
    NAMES["learner"] = [*dict.fromkeys([*NAMES["learner"], name])]


__all__ = [
    "A2C",
    "GRPO",
    "POLICY_GRADIENTS",
    "PPO",
    "Found",
    "Learner",
    "Metrics",
    "Replay",
    "register",
]
