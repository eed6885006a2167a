"""The whole plan in the head: expressions read once as a prompt, then solved blind.

    python benchmarks/prompt_record.py --seeds 0 1 2 3 4

Trains one agent per seed with the recipe `expressions-prompt` (at most six operations) and scores
it, greedy, on 1,000 held-out expressions of each number of operations from 1 to 12.
"""

import argparse
import time

import torch

from inwit.cli.waiting import waiting
from inwit.evaluation.scores import score
from inwit.progress import one_by_one
from inwit.recipes import recipe_for
from inwit.training.loop import Training

COUNT, LEVELS, SEED = 1000, range(1, 13), 2026


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)))
    parser.add_argument("--updates", type=int, default=recipe_for("expressions-prompt").updates)
    given = parser.parse_args()
    torch.set_num_threads(1)
    for seed in one_by_one("seed", given.seeds):
        training = Training(recipe_for("expressions-prompt").but(seed=seed, updates=given.updates))
        start = time.process_time()
        for report in training.reports():
            if report.update % 100 == 0:
                spent = time.process_time() - start
                top, success = report.level, report.metrics["episodes/accuracy"]
                print(
                    f"  {report.update}: {spent:.0f} CPU s, level {top}, {success:.1%}", flush=True
                )
        spent = time.process_time() - start
        right = []
        for level in LEVELS:
            generator = torch.Generator().manual_seed(SEED + level)
            problems = training.task.sample(torch.full((COUNT,), level), generator, held_out=True)
            right.append(score(training.policy, training.environment, problems).right)
        shares = " ".join(f"{100 * each / COUNT:.1f}" for each in right)
        print(
            f"seed {seed}: {training.episodes:,} episodes, {spent:.0f} CPU s; right answers in % "
            f"at 1 to 12 operations: {shares}",
            flush=True,
        )


if __name__ == "__main__":
    with waiting("training and testing blind plans"):
        main()
