"""Write another plan into a trained agent's state, and see whether the agent executes it.

The agent enters the first two digits of `a*b+c-d*e` in one order or the other. One direction of its
state decides which. Written into the state after reading, it makes the agent press a plan that was
named before and that it would not have chosen. A random direction of equal length does it less
often.

    python examples/13_edit_a_plan.py
"""

import torch

import inwit
from inwit.probes import edit
from inwit.recipe import Recipe
from inwit.tasks import Stages, by_turns

PROBLEMS, OTHERS = 300, 1500


def main() -> None:
    print("training, then editing: half a minute on an idle core", flush=True)
    agent = inwit.train(Recipe(task=Stages(once=True)), seed=0)  # it keeps two plans
    task, generator = agent.environment.task, torch.Generator().manual_seed(1)
    asked = task.sample(by_turns([2], PROBLEMS), generator, held_out=True)
    others = task.sample(by_turns([2], OTHERS), generator)
    found = edit(agent.policy, agent.environment, others, asked, generator)

    assert found is not None, "all right episodes begin alike: there is no choice to write"
    print(f"the plan that was named is executed: {found.edited}")
    print(f"with a random direction:             {found.random}")
    print(f"the answer is right, anyhow:         {found.right}")
    assert found.edited.interval[0] > found.random.accuracy + 0.3


if __name__ == "__main__":
    main()
