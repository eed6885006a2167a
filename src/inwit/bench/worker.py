"""The process of one contender: builds it, makes updates on request, and reports the time.

    python -m inwit.bench.worker MODULE:FUNCTION EPISODES THREADS

It answers with lines of JSON on standard output; whatever libraries print goes to standard error.
Each input line is a number of updates to make.
"""

import os
import resource
import sys
import time
from importlib import import_module
from importlib.metadata import PackageNotFoundError, packages_distributions, version

from inwit.bench.contenders import LeftOut, Update
from inwit.texts import to_json

WARM_UP = 2
"""Untimed updates, for compilation and first allocations."""


def main() -> None:
    """Serve until the input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def tell(**facts: object) -> None:
        print(to_json(facts), file=answers)

    place, episodes, threads = sys.argv[1:]
    start = time.perf_counter()
    try:
        update = _build(place, int(episodes), int(threads))
        for _ in range(WARM_UP):
            update()
        began = time.perf_counter()
        update()
    except LeftOut as reason:
        tell(left_out=str(reason))
        return
    except Exception as error:  # whatever a library raises is reported, and the others are measured
        tell(left_out=f"failed: {type(error).__name__}: {error}".splitlines()[0])
        return
    now = time.perf_counter()
    tell(started=now - start, update=now - began, versions=_versions())
    for line in sys.stdin:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(int(line)):
            update()
        tell(cpu=time.process_time() - cpu, wall=time.perf_counter() - wall, memory=_memory())


def _build(place: str, episodes: int, threads: int) -> Update:
    module, function = place.split(":")
    made: Update = getattr(import_module(module), function)(episodes, threads)
    return made


def _memory() -> float:
    """Peak memory of this process, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _versions() -> dict[str, str]:
    """The versions of the imported libraries."""
    names = packages_distributions()
    found = {}
    for module in ("torch", "numpy", "jax", "stable_baselines3", "sb3_contrib", "torchrl"):
        if module in sys.modules:
            try:
                found[names[module][0]] = version(names[module][0])
            except (KeyError, PackageNotFoundError):
                continue
    return found


if __name__ == "__main__":
    main()
