"""Registers the tasks with Gymnasium."""

import gymnasium

from inwit.recipes import RECIPES

IDENTIFIERS = {name: f"inwit/{name}-v0" for name in (*RECIPES, "task")}
"""Names by task; `task` is for your own task, given as `task=`."""
HERE = "inwit.gymnasium"


def register() -> None:
    """Register the names for `gymnasium.make` and `gymnasium.make_vec`."""
    for name, identifier in IDENTIFIERS.items():
        if identifier not in gymnasium.registry:
            gymnasium.register(
                id=identifier,
                entry_point=f"{HERE}.single:TaskEnv",
                vector_entry_point=f"{HERE}.vector:TaskVectorEnv",
                kwargs={"task": name} if name in RECIPES else {},
            )
