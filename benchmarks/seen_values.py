"""The example that needs a seen number, with and without it: accuracy by seed, CPU seconds.

python benchmarks/seen_values.py --seeds 5
"""

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import torch

import inwit
from inwit.recipes import own_task
from inwit.tasks import FunctionTask, read_task

EXAMPLE = Path(__file__).parent.parent / "examples" / "13_seen_values.py"
UPDATES = 250


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--updates", type=int, default=UPDATES)
    given = parser.parse_args()
    torch.set_num_threads(1)
    task = read_task(str(EXAMPLE))
    assert isinstance(task, FunctionTask)
    recipe = own_task(task).but(updates=given.updates)
    print("| the agent | right answers by seed, of 1,000 | CPU s (median) |")
    print("| --- | --- | ---: |", flush=True)
    for name, sees in (("sees the display", task.sees), ("sees no number", ())):
        right, seconds = [], []
        for seed in range(given.seeds):
            with tempfile.TemporaryDirectory() as folder:
                start = time.process_time()
                changed = replace(recipe, task=replace(task, sees=sees))
                agent = inwit.train(changed.but(seed=seed, out=f"{folder}/run"))
                seconds.append(time.process_time() - start)
                right.append(agent.evaluate(1000)[0].agent.right)
        cells = [name, ", ".join(map(str, right)), f"{statistics.median(seconds):.0f}"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
