"""Calls of a benchmark side by side, on this machine or on the nodes of a Ray cluster."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from inwit.errors import Interrupted, InwitError
from inwit.progress import counting
from inwit.runs.workers import check_jobs, workers_of

Item = TypeVar("Item")
Result = TypeVar("Result")


def add_options(parser: ArgumentParser) -> None:
    """Take `--jobs` and `--ray`."""
    how_many = "how many at once; by default 1, on a cluster one per core"
    parser.add_argument("--jobs", type=int, help=how_many)
    where = "on the nodes of a Ray cluster: auto, or HOST:PORT"
    parser.add_argument("--ray", default="", metavar="ADDRESS", help=where)


def side_by_side(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    options: Namespace,
    name: Callable[[Item], str] = str,
) -> Iterator[tuple[Item, Result]]:
    """Call a function for every item, each call in a process of its own with one thread.

    Args:
        function: of a module, so that another process can import it.
        items: its arguments, which can be pickled.
        options: those of `add_options`.
        name: what an item is called where its call fails.

    Yields:
        An item and its result, as the calls end.

    Raises:
        InvalidOption: `--jobs` is not at least 1, or there is no such cluster.
        Interrupted: the user asked to stop; calls that are under way are given up.
        InwitError: calls have failed, each with a line on the error output; the others have ended.
    """
    jobs = 1 if options.jobs is None and not options.ray else options.jobs
    check_jobs(jobs)
    if not items:
        return
    failed = 0
    try:
        with workers_of(jobs, options.ray) as workers, counting("calls", len(items)) as step:
            for item, call in workers.as_ended(function, items):
                step.number = min(step.number + 1, step.total)
                if error := call.exception():
                    failed += 1
                    told = f"{name(item)}: {type(error).__name__}: {error}"
                    print(told, file=sys.stderr, flush=True)
                else:
                    yield item, call.result()
    except Interrupted as stop:
        how = "stopped; what has ended is kept, and the same command goes on"
        raise Interrupted(stop.signal, how) from None
    if failed:
        raise InwitError(f"{failed} of {len(items)} have failed; the same command tries them again")
