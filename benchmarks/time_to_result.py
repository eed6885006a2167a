"""Time until the tasks are solved: our recipes and other libraries on the same tasks.

    pip install -r benchmarks/requirements.txt
    python benchmarks/time_to_result.py stages --seeds 5
    python benchmarks/time_to_result.py expressions --seeds 5
    python benchmarks/time_to_result.py throughput

A run ends when every level has 99 % right answers: greedy, 200 held-out problems per level,
evaluated every 2,560 episodes (ours) or 8,192 presses (the others, see `gymnasium_peers`). The
output gives the number of seeds that got there, and the median episodes and CPU seconds until then,
excluding evaluation. A run that uses up `--budget` CPU seconds first has failed.
"""

import argparse
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode

from comparisons import COUNT, GOAL, LOOK, accuracies, helped
from gymnasium_peers import PEERS, Act
from inwit.cli.waiting import waiting
from inwit.gymnasium import TaskVectorEnv
from inwit.progress import one_by_one
from inwit.texts import to_json
from inwit.training.loop import Training

SEED = 2026
VERSIONS = ("torch", "numpy", "gymnasium", "stable-baselines3", "sb3-contrib", "torchrl")


@dataclass(frozen=True, kw_only=True)
class Look:
    """A training under way."""

    episodes: int
    """Episodes so far."""
    measure: Callable[[], list[float]]
    """Its greedy accuracy now, by level."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One training."""

    contender: str
    """Who was trained."""
    seed: int
    """Which seed."""
    reached: bool
    """It came to the goal within the budget."""
    episodes: int
    """Episodes until then, or in all."""
    seconds: float
    """CPU seconds until then, or in all."""
    accuracy: list[float]
    """The last accuracies, by level."""


def ours(task: str, seed: int, **changes: object) -> Iterator[Look]:
    """A recipe of ours with help, perhaps with some options changed."""
    training = Training(helped(task).but(seed=seed, **changes))
    levels = training.task.levels
    for report in training.reports():
        if report.update % LOOK == 0:
            yield Look(episodes=training.episodes, measure=lambda: accuracies(training, levels))


def peer(name: str, task: str, seed: int) -> Iterator[Look]:
    """A peer, asked the problems that are held out."""
    asked = helped(task).task
    places = [
        TaskVectorEnv(
            asked,
            num_envs=COUNT,
            levels=[level],
            held_out=True,
            autoreset_mode=AutoresetMode.DISABLED,
        )
        for level in asked.levels
    ]
    for progress in PEERS[name](task, seed):

        def measure(act: Act = progress.act) -> list[float]:
            return [accuracy(place, act) for place in places]

        yield Look(episodes=progress.episodes, measure=measure)


def accuracy(place: TaskVectorEnv, act: Act) -> float:
    """The share of right answers, one episode at each problem."""
    seen, info = place.reset(seed=SEED)
    over = right = np.zeros(place.num_envs, bool)
    while not over.all():
        seen, _, terminated, truncated, info = place.step(act(seen, info["action_mask"]))
        ends = terminated | truncated
        right = right | (info["is_success"] & ends & ~over)
        over = over | ends
        if ends.any():
            seen, _ = place.reset(options={"reset_mask": ends})
            info["action_mask"] = place.action_masks()
    return float(right.mean())


LIKE_PEERS = {"learner": "ppo", "replay": 0, "curriculum": "uniform"}
CONTENDERS: dict[str, Callable[[str, int], Iterator[Look]]] = {
    "inwit, the recipe (with help)": ours,
    "inwit, PPO, all levels alike": lambda task, seed: ours(task, seed, **LIKE_PEERS),
    **{name: lambda task, seed, name=name: peer(name, task, seed) for name in PEERS},
}


def run(contender: str, task: str, seed: int, budget: float) -> Result:
    """Train until the goal, the budget or the recipe's end."""
    start, looking, looks = time.process_time(), 0.0, None
    episodes, seconds = 0, 0.0
    for look in CONTENDERS[contender](task, seed):
        before = time.process_time()
        episodes, seconds = look.episodes, before - start - looking
        looks = look.measure()
        looking += time.process_time() - before
        if min(looks) >= GOAL or seconds > budget:
            break
    return Result(
        contender=contender,
        seed=seed,
        reached=min(looks) >= GOAL,
        episodes=episodes,
        seconds=seconds,
        accuracy=looks,
    )


def row(results: list[Result]) -> str:
    """One line of the table, in Markdown."""
    there = [result for result in results if result.reached]
    cells = [results[0].contender, f"{len(there)} of {len(results)}"]
    for values in ([each.episodes for each in there], [each.seconds for each in there]):
        if values:
            middle, least, most = statistics.median(values), min(values), max(values)
            cells.append(f"{middle:,.0f} ({least:,.0f} to {most:,.0f})")
        else:
            cells.append("-")
    worst = [min(result.accuracy) for result in results]
    cells.append(f"{min(worst):.1%}")
    return "| " + " | ".join(cells) + " |"


def throughput(seconds: float = 3.0) -> Iterator[str]:
    """Presses a second of random legal play, each a line of the table."""
    for task in ("stages", "expressions"):
        name = f"inwit/{task}-v0"
        for kind, mode in (("native", "vector_entry_point"), ("SyncVectorEnv", "sync")):
            for episodes in (1, 64, 1024) if kind == "native" else (1, 64):
                place = gymnasium.make_vec(name, episodes, vectorization_mode=mode)
                speed = presses_a_second(place, seconds)
                yield f"| {task} | {kind} | {episodes:,} | {speed:,.0f} |"


def presses_a_second(place: gymnasium.vector.VectorEnv, seconds: float) -> float:
    """Of random legal play, by CPU time."""
    random = np.random.default_rng(0)
    _, info = place.reset(seed=0)
    start, presses = time.process_time(), 0
    while time.process_time() - start < seconds:
        masks = info["action_mask"]
        info = place.step((masks * random.random(masks.shape)).argmax(1))[-1]
        presses += place.num_envs
    return presses / (time.process_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("study", choices=["stages", "expressions", "throughput"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--budget", type=float, default=120.0, help="CPU seconds a run")
    parser.add_argument("--only", default="", help="contenders whose names match this")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(", ".join(f"{name} {version(name)}" for name in VERSIONS), end="\n\n")
    if given.study == "throughput":
        print("| task | vector environment | episodes | presses a CPU second |")
        print("| --- | --- | ---: | ---: |")
        for line in throughput():
            print(line, flush=True)
        return
    contenders = [name for name in CONTENDERS if re.search(given.only, name)]
    results = []
    # All of one seed together: a busy hour strikes them alike.
    for seed in one_by_one("seed", range(given.seeds)):
        for contender in contenders:
            results.append(run(contender, given.study, seed, given.budget))
            if given.out is not None:
                given.out.write_text(to_json([asdict(each) for each in results], indent=1))
    print("| contender | seeds at 99 % | episodes | CPU s | worst level of all seeds |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for contender in contenders:
        print(row([result for result in results if result.contender == contender]))


if __name__ == "__main__":
    with waiting("training contenders"):
        main()
