"""The contracts of tasks, policies, learners and environments, as functions for your own tests.

Each raises an `AssertionError` that names the broken contract and what was observed.
"""

from typing import TYPE_CHECKING

from inwit.extras import at_first_use

if TYPE_CHECKING:
    from inwit.testing.environments import assert_sound
    from inwit.testing.learners import check_learner
    from inwit.testing.policies import check_policy
    from inwit.testing.tasks import check_task

_MODULES = {
    "assert_sound": "environments",
    "check_learner": "learners",
    "check_policy": "policies",
    "check_task": "tasks",
}
"""Imported when it is used: pytest reads the plugin beside it wherever inwit is installed."""

__all__ = ["assert_sound", "check_learner", "check_policy", "check_task"]


__getattr__ = at_first_use(__name__, _MODULES)
