"""Contenders whose speed is known: they work for so many CPU milliseconds, or fail."""

import os
import time

from inwit.bench.contenders import FLOOR, OURS, LeftOut
from inwit.bench.results import Absent, Measured, Results, Turn


def _works(milliseconds):
    def update():
        end = time.process_time() + milliseconds / 1000
        while time.process_time() < end:
            pass

    return update


def quick(episodes, threads):
    return _works(5)


def slow(episodes, threads):
    print("libraries print what they like")
    return _works(20)


def faulty(episodes, threads):
    raise RuntimeError("no such thing\nand more")


def dying(episodes, threads):
    os._exit(3)


def surroundings(episodes, threads):
    """Left out, with what it was started with."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else threads
    raise LeftOut(f"{episodes} episodes, {cores} cores, {os.environ['OMP_NUM_THREADS']} threads")


def measured(name, seconds, episodes=10):
    turns = [Turn(updates=2, cpu=2 * each, wall=4 * each, memory=1) for each in seconds]
    return Measured(
        name=name, title=name, episodes=episodes, threads=1, started=1, turns=tuple(turns)
    )


def three_rounds():
    """A machine that is twice as slow in the second round, and three times in the third."""
    floor, ours = measured(FLOOR, [0.01, 0.02, 0.03]), measured(OURS, [0.04, 0.08, 0.12])
    rival = measured("rival", [0.02, 0.04, 0.12])
    absent = [Absent(name="tutorial", reason="too large", episodes=10, threads=1)]
    return Results(measured=[floor, ours, rival], absent=absent, versions={"numpy": "2"})
