"""What every task, policy, learner and environment must hold to, as functions for your own tests.

Each raises an `AssertionError` that says which contract is broken, and what was seen.
"""

from inwit.testing.environments import assert_sound
from inwit.testing.learners import check_learner
from inwit.testing.policies import check_policy
from inwit.testing.tasks import check_task

__all__ = ["assert_sound", "check_learner", "check_policy", "check_task"]
