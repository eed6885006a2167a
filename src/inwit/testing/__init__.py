"""The contracts of tasks, policies, learners and environments, as functions for your own tests.

Each raises an `AssertionError` that names the broken contract and what was observed.
"""

from inwit.testing.environments import assert_sound
from inwit.testing.learners import check_learner
from inwit.testing.policies import check_policy
from inwit.testing.tasks import check_task

__all__ = ["assert_sound", "check_learner", "check_policy", "check_task"]
