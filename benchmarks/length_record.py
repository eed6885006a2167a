"""The generalisation record: train on a few operations, then solve thousands.

    python benchmarks/length_record.py --largest 4 --seeds 5

Trains one agent per seed with the recipe `expressions`, then scores it, greedy, on held-out
expressions of 100, 1,000 and 10,000 operations and on adversarial sets of 100 operations. Every
answer is compared with exact arithmetic (modulo a prime, since the values outgrow float64). For the
problems that a seed gets wrong, the shortest forms are shown.
"""

import argparse
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import torch

from inwit.cli.waiting import waiting
from inwit.evaluation.scores import Score, score
from inwit.progress import one_by_one
from inwit.recipes import recipe_for
from inwit.tasks import Expressions
from inwit.texts import to_json
from inwit.training.loop import Training
from inwit.training.rollout import play

LENGTHS = {4: 1000, 6: 1000, 25: 1000, 100: 1000, 1000: 200, 10_000: 20}
HARD, HARD_COUNT = 100, 200
SETS = {
    "all zeros": {"numbers": "zeros"},
    "all ones": {"numbers": "ones"},
    "only +": {"drawn": "+"},
    "only -": {"drawn": "-"},
    "only *": {"drawn": "*"},
    "deepest left": {"shape": "left"},
    "deepest right": {"shape": "right"},
    "needless parentheses everywhere": {"needless": 1.0},
    "three-digit numbers": {"numbers": "integers"},
    "negative numbers": {"numbers": "signed"},
}
SEED = 2026


def trained(seed: int, **options: object) -> tuple[Training, dict[str, float]]:
    """An agent of the recipe, and what its training took."""
    training = Training(recipe_for("expressions").but(seed=seed, **options))
    start = time.process_time()
    presses = sum(
        report.metrics["episodes/presses"] * training.recipe.batch for report in training.reports()
    )
    spent = time.process_time() - start
    return training, {"cpu s": spent, "episodes": training.episodes, "presses": presses}


def scores(training: Training, longest: int) -> dict[str, Score]:
    """The agent at every length up to the longest, and on every adversarial set."""
    task = training.task
    assert isinstance(task, Expressions)
    asked = {
        f"{length:,}": (task, length, count)
        for length, count in LENGTHS.items()
        if length <= longest
    }
    for name, fields in SETS.items():
        asked[name] = (replace(task, **fields), HARD, HARD_COUNT)
    return {name: ask(training, *question) for name, question in asked.items()}


def ask(training: Training, task: Expressions, length: int, count: int) -> Score:
    """Right answers to `count` problems of a length."""
    task = task.at_length(length)
    generator = torch.Generator().manual_seed(SEED + length)
    # A set with one operator has one structure of a kind: there is none to be held out.
    held_out = not (task.drawn or task.shape != "any")
    problems = task.sample(torch.full((count,), length), generator, held_out=held_out)
    return score(training.policy, training.environment.on(task), problems)


def failures(training: Training, count: int = 2000) -> list[tuple[str, int]]:
    """The shortest structures that the agent gets wrong, and how often each was."""
    task, wrong = training.task, Counter[str]()
    for level in range(1, 7):
        generator = torch.Generator().manual_seed(SEED + level)
        problems = task.sample(torch.full((count,), level), generator)
        right = play(training.policy, training.environment, problems)
        for row in (~right).nonzero()[:, 0].tolist():
            symbols = problems.symbols[row]
            wrong["".join(task.symbols[symbol] for symbol in symbols if symbol >= 0)] += 1
        if wrong:
            break
    return wrong.most_common(5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--largest", type=int, default=4)
    parser.add_argument("--longest", type=int, default=max(LENGTHS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--updates", type=int, default=recipe_for("expressions").updates)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    results = []
    for seed in one_by_one("seed", range(given.seeds)):
        training, cost = trained(seed, largest=given.largest, updates=given.updates)
        found = scores(training, given.longest)
        print(
            f"seed {seed}, trained on at most {given.largest} operations: "
            f"{cost['episodes']:,} episodes, {cost['presses']:,.0f} presses, "
            f"{cost['cpu s']:.1f} CPU s",
            flush=True,
        )
        for name, result in found.items():
            low, high = result.interval
            print(
                f"  {name:>32}  {result.right:>5} of {result.count:<5}  ({low:.1%} to {high:.1%})",
                flush=True,
            )
        wrong = failures(training)
        print(f"  wrong: {wrong or 'none of 12,000 of 1 to 6 operations'}", flush=True)
        told = {name: [result.right, result.count] for name, result in found.items()}
        results.append({"seed": seed, **cost, "scores": told, "wrong": wrong})
    if given.out is not None:
        given.out.write_text(to_json(results, indent=1) + "\n")


if __name__ == "__main__":
    with waiting("training and testing at length"):
        main()
