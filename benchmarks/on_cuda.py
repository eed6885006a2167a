"""An update on a CUDA device: is anything waited for, is it right, how fast is it beside the CPU?

    python benchmarks/on_cuda.py --json build/on_cuda.json

Three checks on one machine. PyTorch is told to refuse host synchronisation while episodes are
played and their gradient is taken. Seeds 0 to 4 of a recipe are trained on the device and scored on
1,000 held-out problems of each level. The median time of an update is measured on the device and on
the CPU, in turns, for several batch sizes.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch

import inwit
from inwit.recipes import recipe_for
from inwit.texts import to_json
from inwit.training.batch import draw_batch
from inwit.training.loop import Training

BATCHES = (192, 2048, 8192, 65536)
ROUNDS = 7


def waits_for_nothing(task: str, batch: int) -> bool:
    """Whether episodes and gradient of an update do without host synchronisation."""
    training = Training(recipe_for(task).but(device="cuda", batch=batch, compile=False))
    next(training.reports())  # what is made once is made now
    level = torch.full((batch,), training.task.levels[-1])
    problems = training.task.sample(level, training.generator)
    drawn = draw_batch(training.environment, problems, training.generator, 0.1)
    torch.cuda.set_sync_debug_mode("error")
    try:
        training.engine.collect(drawn)
        training.engine.descend(0)
    except RuntimeError as error:
        print(f"{task}: {error}")
        return False
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return True


def seconds_of_an_update(task: str, device: str, batch: int) -> float:
    """The median of some updates, after two that are not counted."""
    recipe = recipe_for(task).but(device=device, batch=batch, updates=2 + ROUNDS)
    training = Training(recipe)
    times = []
    reports = training.reports()
    for _ in range(recipe.updates):
        start = time.perf_counter()
        next(reports)
        if device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return statistics.median(times[2:])


def main() -> None:
    """Print each figure as soon as it is known, and write them all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, default=None)
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    found: dict[str, object] = {
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }
    print(found, flush=True)
    for task in ("stages", "expressions", "expressions-prompt"):
        found[f"waits for nothing: {task}"] = waits_for_nothing(task, 192)
    for batch in BATCHES:
        for device in ("cuda", "cpu"):
            seconds = seconds_of_an_update("expressions", device, batch)
            found[f"ms an update: expressions, {batch}, {device}"] = round(1000 * seconds, 2)
        print({name: each for name, each in found.items() if str(batch) in name}, flush=True)
    for task in ("stages", "expressions"):
        for seed in range(given.seeds):
            start = time.perf_counter()
            agent = inwit.train(task, device="cuda", seed=seed)
            taken = time.perf_counter() - start
            accuracy = [score.agent.accuracy for score in agent.evaluate(1000)]
            found[f"{task}, seed {seed}"] = {"seconds": round(taken, 1), "accuracy": accuracy}
            print(task, seed, found[f"{task}, seed {seed}"], flush=True)
            if given.json:
                given.json.write_text(to_json(found, indent=2))


if __name__ == "__main__":
    main()
