"""Contenders whose speed is known: they work for so many CPU milliseconds, or fail."""

import os
import time

from inwit.bench.contenders import LeftOut


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
