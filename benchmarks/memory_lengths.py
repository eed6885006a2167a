"""The longest `memory-length` that each policy solves with every seed, and the actions it took.

    python benchmarks/memory_lengths.py              # what is missing
    python benchmarks/memory_lengths.py --table      # only the table and the picture of the page

A run trains until the mean return of three successive updates is 0.95 (97.5 % right), for 80
updates at most; it has solved its length if that of 100 fresh episodes, with drawn actions, is 0.9
or more. A policy goes on to the next length only if all of its seeds have solved the last. Every
run is a line of `--out`; what is there already is not run again.
"""

import argparse
import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from inwit.cli.waiting import waiting
from inwit.devices import keep_freed_memory
from inwit.games.memory_length import MemoryLength
from inwit.games.player import Player
from inwit.games.recipe import game_recipe_for
from inwit.games.training import GameTraining
from inwit.texts import to_json
from page_tables import printed
from pictures import Curve, curves_picture

LENGTHS = (1, 3, 10, 30, 100, 300, 1000)
SEEDS, UPDATES, BATCH, EPISODES = 5, 80, 128, 100
LEARNT, WINDOW, SOLVED = 0.95, 3, 0.9
"""The mean return at which training ends, and updates that it is the mean of; that of fresh
episodes which counts as solved."""
RATES = {"optimiser.anneal": 0.5, "batch": BATCH, "updates": UPDATES}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "memoryless": {"policy": "memoryless", "optimiser.learning_rate": 3e-3},
    "gru": {"policy": "gru", "policy.width": 128, "optimiser.learning_rate": 3e-3},
    "gru, gates nearly closed": {
        "policy": "gru",
        "policy.width": 128,
        "policy.initial_memory": "length",
        "optimiser.learning_rate": 1e-3,
    },
    "aggregated": {
        "policy": "aggregated",
        "policy.width": 32,
        "optimiser.learning_rate": 3e-3,
    },
}
"""One setting of each for all lengths; `length` stands for the length."""
ROOT = Path(__file__).parent
RECORDS, PICTURE = ROOT / "memory_records.jsonl", ROOT.parent / "docs" / "memory_length.svg"
Line = dict[str, Any]


def run(name: str, length: int, seed: int) -> Line:
    """Train until the length is solved or the budget is spent, and score."""
    chosen = {key: length if value == "length" else value for key, value in SETTINGS[name].items()}
    begun = game_recipe_for(MemoryLength(length=length))
    assert begun is not None
    recipe = begun.but(seed=seed, **RATES, **chosen)
    start, training = time.process_time(), GameTraining(recipe)
    latest, actions = deque[float](maxlen=WINDOW), 0
    for report in training.reports():
        latest.append(report.metrics["episodes/return"])
        actions += int(report.metrics["episodes/actions"])
        if len(latest) == WINDOW and fmean(latest) >= LEARNT:
            break
    spent = time.process_time() - start
    score = Player(recipe, training.policy, training.update).evaluate(EPISODES)
    drawn, greedy = score.sampled.mean, score.greedy.mean
    found = {"updates": training.update, "actions": actions, "drawn": drawn, "greedy": greedy}
    return {"policy": name, "length": length, "seed": seed, **found, "cpu": round(spent, 1)}


def runs(lines: Sequence[Line], name: str, length: int) -> list[Line]:
    """Those of a policy at a length."""
    return [each for each in lines if (each["policy"], each["length"]) == (name, length)]


def solved(line: Line) -> bool:
    """A run has solved its length."""
    return bool(line["drawn"] >= SOLVED)


def longest(lines: Sequence[Line], name: str, seeds: int = SEEDS) -> int:
    """The longest length up to which a policy has solved all with every seed; 0 if none."""
    reached = 0
    for length in LENGTHS:
        at = runs(lines, name, length)
        if len(at) < seeds or not all(map(solved, at)):
            break
        reached = length
    return reached


def table(lines: Sequence[Line]) -> str:
    """A row for each policy and length; actions are those of the seeds that solved it."""
    heads = ["policy", "length", "solved", "actions", "drawn actions", "most probable", "CPU s"]
    rows = [heads, ["---", *["---:"] * (len(heads) - 1)]]
    for name in SETTINGS:
        for length in LENGTHS:
            if at := runs(lines, name, length):
                right = [each for each in at if solved(each)]
                spread = (_range(at, key) for key in ("drawn", "greedy"))
                actions = f"{fmean(each['actions'] for each in right):,.0f}" if right else "-"
                cpu = f"{fmean(each['cpu'] for each in at):.0f}"
                solved_by = f"{len(right)} of {len(at)}"
                rows.append([name, f"{length:,}", solved_by, actions, *spread, cpu])
    return printed(rows)


def picture(lines: Sequence[Line]) -> str:
    """Actions until a length is solved, up to the longest that all seeds solve."""
    curves = []
    for name in SETTINGS:
        far = longest(lines, name)
        points = [
            (length, fmean(each["actions"] for each in runs(lines, name, length)))
            for length in LENGTHS
            if length <= far
        ]
        if points:
            curves.append(Curve(label=f"{name}: to {far:,}", points=points))
    return curves_picture(
        "Remember one bit: actions until all of five seeds solve a length",
        "steps between seeing the bit and being asked for it",
        "actions in training",
        curves,
    )


def _range(lines: Sequence[Line], key: str) -> str:
    values = [line[key] for line in lines]
    return f"{min(values):.2f} to {max(values):.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--policies", nargs="+", default=list(SETTINGS), choices=SETTINGS)
    parser.add_argument("--most", type=int, default=LENGTHS[-1], help="the longest length")
    parser.add_argument("--out", type=Path, default=RECORDS)
    parser.add_argument("--table", action="store_true", help="run nothing")
    given = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()
    there = given.out.read_text().splitlines() if given.out.exists() else []
    lines = [json.loads(line) for line in there]
    done = {(line["policy"], line["length"], line["seed"]) for line in lines}
    for length in () if given.table else LENGTHS:
        for name in given.policies:
            shorter = [each for each in LENGTHS if each < length]
            if length > given.most or (shorter and longest(lines, name) < shorter[-1]):
                continue
            for seed in range(SEEDS):
                if (name, length, seed) not in done:
                    lines.append(run(name, length, seed))
                    print(to_json(lines[-1]), flush=True)
                    with given.out.open("a") as file:
                        file.write(to_json(lines[-1]) + "\n")
    print(table(lines))
    if given.out == RECORDS:
        PICTURE.write_text(picture(lines) + "\n")


if __name__ == "__main__":
    with waiting("training on memory-length"):
        main()
