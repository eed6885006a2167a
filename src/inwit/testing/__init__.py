"""What every task, policy and learner must hold to, as functions for your own tests.

Each raises an `AssertionError` that says which contract is broken, and what was seen.
"""

from inwit.testing.learners import check_learner
from inwit.testing.policies import check_policy
from inwit.testing.tasks import check_task

__all__ = ["check_learner", "check_policy", "check_task"]
