"""The names under which Gymnasium finds the tasks."""

import gymnasium

from inwit.recipes import RECIPES

IDENTIFIERS = {name: f"inwit/{name}-v0" for name in (*RECIPES, "task")}
"""By the task's name; `task` is for a task of one's own, given as `task=`."""
HERE = "inwit.gymnasium"


def register() -> None:
    """Make them known to `gymnasium.make` and `gymnasium.make_vec`."""
    for name, identifier in IDENTIFIERS.items():
        if identifier not in gymnasium.registry:
            gymnasium.register(
                id=identifier,
                entry_point=f"{HERE}.single:TaskEnv",
                vector_entry_point=f"{HERE}.vector:TaskVectorEnv",
                kwargs={"task": name} if name in RECIPES else {},
            )
