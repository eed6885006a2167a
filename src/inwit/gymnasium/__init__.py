"""Gymnasium environments of every task, one episode or many at a time.

    import gymnasium
    import inwit.gymnasium

    gymnasium.make("inwit/stages-v0")
    gymnasium.make_vec("inwit/expressions-v0", num_envs=64)
    gymnasium.make("inwit/task-v0", task="my_task.py")

game           a task, its levels, and a supply of problems for every episode
observations   observations as one vector of zeros and ones
single         `TaskEnv`: one episode
vector         `TaskVectorEnv`: many at once, as tensors
"""

from inwit.extras import require

require("gymnasium", "gymnasium")

from inwit.gymnasium.registration import IDENTIFIERS, register  # noqa: E402
from inwit.gymnasium.single import TaskEnv  # noqa: E402
from inwit.gymnasium.vector import TaskVectorEnv  # noqa: E402

register()

__all__ = ["IDENTIFIERS", "TaskEnv", "TaskVectorEnv"]
