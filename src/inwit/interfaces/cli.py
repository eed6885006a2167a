"""The command line. What a user gets wrong is told in one line on the error output, exit code 2."""

import sys
from collections.abc import Sequence
from importlib.metadata import version

from inwit.errors import Interrupted, InvalidFile, InvalidProblem, InwitError, UnknownName
from inwit.interfaces.commands import COMMANDS, train
from inwit.interfaces.commands.arguments import parse

LONGEST_LINE, MISTAKES = 400, 20
"""Characters of a line, and lines about a file, that are told."""

HELP = """usage: inwit COMMAND [OPTIONS]

  audit TASK            is a task worth training on? its ceilings, before any training
  train [TASK]          train an agent; TASK is stages if none is given, or a file: my_task.py;
                        with --watch, on a page that shows how it learns;
                        with --track NAME, metrics go to tensorboard, trackio or wandb, too;
                        with --seeds 0-7, several seeds at once (--jobs 2), and one table
  resume RUN            go on with a run that was cut off
  sweep FILE.toml       search for good options by trials, as the file says (Optuna)
  evaluate RUN          accuracy on held-out problems, with intervals; of a language model with
                        --agent llm:SPEC --task TASK
  certify RUN           what the network knows: lesions, causal tests, probes; pass or fail
  trace RUN             greedy attempts at held-out problems
  solve [RUN] PROBLEM   solve a problem press by press: inwit solve "3*7+2-4*5"
  play [RUN ...]        a page on which to watch agents press keys, break and compare them
  export RUN --web DIR  a folder for any static host: the agent runs in the browser; --onnx DIR
                        and --hub DIR for other programs; of a TASK the problems: --jsonl FILE,
                        --datasets DIR, --verifiers DIR
  tools [TASK]          what can be called: names, arguments and types

inwit COMMAND --help lists the options of a command; inwit --version prints the version."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help"):
        print(HELP)
    elif given[0] == "--version":
        print(f"inwit {version('inwit')}")
    else:
        _run(given[0], given[1:])


def _run(command: str, rest: Sequence[str]) -> None:
    try:
        if command == "train":
            train(rest)
        elif command in COMMANDS:
            parse(COMMANDS[command], rest, f"inwit {command}")()
        else:
            raise UnknownName("command", command, ["train", *COMMANDS])
    except InwitError as error:
        print(f"inwit: {_plain(error)}", file=sys.stderr)
        sys.exit(128 + error.signal if isinstance(error, Interrupted) else 2)
    except KeyboardInterrupt:
        print("inwit: stopped at once; the last checkpoint is whole", file=sys.stderr)
        sys.exit(130)


def _plain(error: InwitError) -> str:
    """A message that may quote a stranger's file: short, in one line, nothing a terminal obeys."""
    lines, most_lines = str(error).splitlines(), 3
    if isinstance(error, InvalidFile):  # a line for each of its mistakes
        most_lines = MISTAKES
    elif not isinstance(error, InvalidProblem):  # which points at a character in lines of its own
        lines = [" ".join(lines)]
    shown = [
        "".join(each if each.isprintable() else "?" for each in line) for line in lines[:most_lines]
    ]
    most = LONGEST_LINE // 2
    return "\n".join(
        line if len(line) <= 2 * most else f"{line[:most]} ... {line[-most:]}" for line in shown
    )
