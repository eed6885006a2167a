"""Do memory and speed stay flat over a long run? Prints the slopes.

    python benchmarks/long_run.py --updates 20000

A tiny run that writes everything a real one does: metrics, snapshots, checkpoints. The first tenth
does not count towards the slopes, because caches fill and late imports happen in it.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import torch

import inwit
from inwit.cli.waiting import waiting
from inwit.policies import GRU
from inwit.recipe import Recipe
from inwit.tasks import Expressions
from inwit.training.metrics import Report

LOOKS = 100


class Meter:
    """Memory and processor time at a hundred moments of a run."""

    def __init__(self, updates: int) -> None:
        self.every = max(1, updates // LOOKS)
        self.rows: list[tuple[float, float, float]] = []

    def __call__(self, report: Report) -> None:
        """Look, a hundred times a run; print ten times."""
        if report.update % self.every == 0:
            self.rows.append((report.update, time.process_time(), resident()))
            if len(self.rows) % 10 == 0:
                self.print()

    def print(self) -> None:
        """Print where it is, and the slopes so far, without the first tenth."""
        rows = torch.tensor(self.rows[len(self.rows) // 10 :], dtype=torch.double)
        updates, memory = rows[1:, 0], rows[1:, 2]
        pace = 1e3 * rows.diff(dim=0)[:, 1] / self.every
        print(f"after {int(updates[-1]):,} updates", flush=True)
        for name, unit, values in (("memory", "MB", memory), ("time", "ms", pace)):
            slope, error = fitted(updates / 100_000, values)
            mean = values.mean()
            print(
                f"  {name}: {mean:.2f} {unit}, slope {slope:+.3f} +- {2 * error:.3f} {unit} "
                f"({slope / mean:+.2%} +- {2 * error / mean:.2%}) in 100,000 updates"
            )


def fitted(x: torch.Tensor, y: torch.Tensor) -> tuple[float, float]:
    """The slope of a straight line, and its standard error."""
    x, y = x - x.mean(), y - y.mean()
    slope = (x * y).sum() / x.square().sum()
    error = ((y - slope * x).square().sum() / (len(x) - 2) / x.square().sum()).sqrt()
    return float(slope), float(error)


def resident() -> float:
    """Megabytes of memory in use now."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:  # not Linux: the most so far
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=20_000)
    given = parser.parse_args()
    meter = Meter(given.updates)
    with tempfile.TemporaryDirectory() as folder:
        recipe = Recipe(
            task=Expressions(largest=1),
            policy=GRU(width=8),
            updates=given.updates,
            batch=4,
            replay=None,
            out=Path(folder) / "run",
        )
        inwit.train(recipe, report=meter)
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        print(f"{len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    with waiting("training for long"):
        main()
