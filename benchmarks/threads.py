"""Are two threads faster than one? Our updates at several sizes, alternating between both.

    python benchmarks/threads.py
    python benchmarks/threads.py --batches 64,2048 --widths 96,512 --rounds 5 --policy gru

It reports wall time, which a second thread should save; the CPU time shows what it costs. Each
round makes one set of updates with one thread and one with more, and the ratio is the median over
rounds. Other work on the machine makes two threads look worse, so the load is printed.
"""

import argparse
import os
import time
from pathlib import Path
from statistics import median

import torch

from inwit.bench.contenders import Update
from inwit.bench.ours import build
from inwit.cli.waiting import waiting
from inwit.progress import one_by_one

TURN = 0.4
"""Seconds of a turn, at least."""


def turn(update: Update, updates: int, threads: int) -> tuple[float, float]:
    """Wall and CPU seconds of an update."""
    torch.set_num_threads(threads)
    update()
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(updates):
        update()
    taken = time.perf_counter() - wall, time.process_time() - cpu
    return taken[0] / updates, taken[1] / updates


def row(batch: int, width: int, policy: str, rounds: int, threads: int) -> str:
    """One line of the table."""
    update = build(batch, 1, policy=policy, **{"policy.width": width})
    once, _ = turn(update, 2, 1)
    updates = max(1, int(TURN / once))
    pairs = [(turn(update, updates, 1), turn(update, updates, threads)) for _ in range(rounds)]
    walls = [(one[0], more[0]) for one, more in pairs]
    gain = median(one / more for one, more in walls)
    cost = median(more[1] / one[1] for one, more in pairs)
    cells = [
        f"{batch:,}",
        str(width),
        f"{1000 * median(one for one, _ in walls):,.3g}",
        f"{1000 * median(more for _, more in walls):,.3g}",
        f"{gain:.2f}",
        f"{min(one / more for one, more in walls):.2f} to "
        f"{max(one / more for one, more in walls):.2f}",
        f"{cost:.2f}",
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batches", default="64,256,2048,8192")
    parser.add_argument("--widths", default="96,256,512")
    parser.add_argument("--policy", default="gru")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args()
    lines = [
        f"| batch | width | one thread, ms | {given.threads} threads, ms | faster by | least, most"
        " | CPU time |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    print("\n".join(lines), flush=True)
    for width in one_by_one("width", map(int, given.widths.split(","))):
        for batch in map(int, given.batches.split(",")):
            lines.append(row(batch, width, given.policy, given.rounds, given.threads))
            print(lines[-1], flush=True)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"load of the machine over 1, 5 and 15 minutes: {load}")
    if given.markdown is not None:
        given.markdown.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    with waiting("timing updates"):
        main()
