"""The command line. A user's mistake is one line on the error output and exit code 2."""

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from importlib.metadata import version

import tyro

from inwit.cli.commands import COMMANDS, train
from inwit.cli.commands.arguments import check_values
from inwit.cli.mistakes import mistakes_in_a_line
from inwit.cli.waiting import waiting
from inwit.errors import InvalidOption, UnknownName

MOST_THREADS = 1024
DESCRIPTION = """Train one small network to plan, remember and use tools, from a single reward:
right or wrong. `inwit COMMAND --help` lists the options of a command."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with mistakes_in_a_line():
        _run(given or ["--help"])


def _run(given: list[str]) -> None:
    if given == ["--version"]:
        print(f"inwit {version('inwit')}")
        return
    if given[0] == "train":  # its options depend on the task and the parts
        command: Callable[[], None] = lambda: train(given[1:])  # noqa: E731
    else:
        names = ["train", *COMMANDS]
        if not given[0].startswith("-") and given[0] not in names:
            raise UnknownName("command", given[0], names)
        command = check_values(
            tyro.extras.subcommand_cli_from_dict(
                {"train": _train, **COMMANDS},
                prog="inwit",
                description=DESCRIPTION,
                args=given,
            )
        )
    loaded = "torch" in sys.modules  # it takes seconds on a busy machine
    with nullcontext() if loaded else waiting("loading"):
        prepare_process()
    command()


def _train(arguments: tyro.conf.Positional[tuple[str, ...]] = ()) -> Callable[[], None]:
    """Train an agent: inwit train [TASK] [OPTIONS]."""
    return lambda: train(arguments)


def prepare_process() -> None:
    """Use one thread unless OMP_NUM_THREADS is set: these networks are too small for more.

    OpenMP allows a list with one number per nesting depth; the first one counts here. Freed memory
    is kept for what comes next.

    Raises:
        InvalidOption: it is not such a list.
    """
    given = os.environ.get("OMP_NUM_THREADS", "1")
    first = given.partition(",")[0].strip()
    if not first.isdecimal() or not 0 < int(first) <= MOST_THREADS:
        raise InvalidOption(f"OMP_NUM_THREADS={given}: it must be from 1 to {MOST_THREADS}")
    import torch

    from inwit.devices import keep_freed_memory

    torch.set_num_threads(int(first))
    keep_freed_memory()
