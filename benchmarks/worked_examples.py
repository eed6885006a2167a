"""The five tasks of the examples, over seeds: accuracy, CPU seconds, chance.

python benchmarks/worked_examples.py --seeds 5
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import torch

import inwit
from inwit.cli.waiting import waiting
from inwit.progress import one_by_one

EXAMPLES = Path(__file__).parent.parent / "examples"
TASKS = {
    "06_convert_units": 80,
    "07_dates": 150,
    "08_two_hops": 150,
    "09_readings": 100,
    "10_decide_by_result": 80,
}
"""How many updates each is trained for."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print("| task | right answers by seed, of 1,000 | chance | CPU s (median) |")
    print("| --- | --- | ---: | ---: |", flush=True)
    for name in one_by_one("task", TASKS):
        updates, right, seconds = TASKS[name], [], []
        for seed in range(given.seeds):
            with tempfile.TemporaryDirectory() as folder:
                start = time.process_time()
                agent = inwit.train(
                    str(EXAMPLES / f"{name}.py"), updates=updates, seed=seed, out=f"{folder}/run"
                )
                seconds.append(time.process_time() - start)
                [score] = agent.evaluate(1000)
                right.append(score.agent.right)
        cells = [name, ", ".join(map(str, right)), f"{score.chance.accuracy:.1%}"]
        print(f"| {' | '.join(cells)} | {statistics.median(seconds):.0f} |", flush=True)


if __name__ == "__main__":
    with waiting("training worked examples"):
        main()
