"""POPGym on equal steps: ours, ours without memory, RecurrentPPO of sb3-contrib, random play.

    pip install -r benchmarks/requirements.txt
    python benchmarks/popgym_scores.py                            # all that is missing
    python benchmarks/popgym_scores.py --steps 20000 --seeds 1    # a small try
    python benchmarks/popgym_scores.py --jobs 4                   # runs side by side
    python benchmarks/popgym_scores.py --ray HOST:PORT            # on the nodes of a cluster
    python benchmarks/popgym_scores.py --size Hard --out hard.jsonl
    python benchmarks/popgym_scores.py --table                    # only the table of the page

A result is one line of JSON of the file `--out`: environment, contender, seed, actions in training,
the returns of 100 fresh episodes with drawn actions, the mean with the most probable ones, CPU
seconds, MMER. The file is part of the repository. What is there already is not run again, so that
the same command goes on after a cut, also on another machine: commit the lines that it adds. Seed
after seed, every environment is played by ours and RecurrentPPO first, then by the others. Every
run has a process of its own with one thread, and its line is written when it ends.

Each side has one setting for all environments (`popgym_contenders.SETTING` and `OUR_SETTING`): an
update is 32 actions of 64 episodes; RecurrentPPO makes 8 steps on all of it, ours goes through it
twice in 8 minibatches. They were chosen in RepeatPreviousEasy, after 24 tries each, which the page
lists. RecurrentPPO has its own defaults for the rest. CPU seconds are of training, include stepping
and depend on what else ran: `popgym_speed.py` compares them.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from inwit.cli.mistakes import mistakes_in_a_line
from inwit.cli.waiting import waiting
from inwit.texts import to_json
from popgym_contenders import CONTENDERS, Found, mark_of
from popgym_report import MEMORYLESS, OURS, RANDOM, THEIRS, told
from side_by_side import add_options, side_by_side

NAMES = (
    "RepeatPrevious",
    "RepeatFirst",
    "PositionOnlyCartPole",
    "CountRecall",
    "HigherLower",
    "VelocityOnlyCartpole",
    "MultiarmedBandit",
    "Autoencode",
    "Concentration",
)
"""What is played in one size by default; any environment of POPGym can be named."""
SIZES = ("Easy", "Medium", "Hard")
RECORDS = Path(__file__).parent / "popgym_records" / "scores.jsonl"
"""The lines that the page was made from."""
ROUNDS = ((RANDOM, OURS, THEIRS), (MEMORYLESS,), ("ours, aggregated",))
"""Of each seed: all environments by the first of these, then by the others."""
DEFAULT = [RANDOM, OURS, THEIRS, MEMORYLESS]
KEYS = ("environment", "contender", "seed", "steps")
Run = tuple[str, str, int, int]
"""These four of a run; each is made once."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    played = parser.add_mutually_exclusive_group()
    played.add_argument("--size", default=SIZES[0], choices=SIZES, help="of the nine environments")
    played.add_argument("--environments", nargs="+", help="others in place of the nine")
    parser.add_argument("--contenders", nargs="+", default=DEFAULT, choices=[*CONTENDERS])
    parser.add_argument("--steps", type=int, default=500_000, help="actions in training")
    parser.add_argument("--seeds", type=int, default=3, help="how many, from 0")
    add_options(parser)
    parser.add_argument("--out", type=Path, default=RECORDS)
    parser.add_argument("--table", action="store_true", help="print the table and run nothing")
    given = parser.parse_args()
    environments = given.environments or [name + given.size for name in NAMES]
    there = given.out.read_text().splitlines() if given.out.exists() else []
    lines = [line for line in map(json.loads, there) if line["steps"] == given.steps]
    lines = [line for line in lines if line.get("setting") == mark_of(line["contender"])]
    done = {tuple(line[key] for key in KEYS) for line in lines}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    wanted = planned(environments, given.contenders, given.seeds, given.steps)
    missing = [] if given.table else [run for run in wanted if run not in done]
    for run, result in side_by_side(result_of, missing, given, named):
        made = dict(zip(KEYS, run, strict=True))
        lines.append(made | {"setting": mark_of(made["contender"])} | result)
        with given.out.open("a") as file:
            file.write(to_json(lines[-1]) + "\n")
    print(told([line for line in lines if line["environment"] in environments]))


def planned(
    environments: Sequence[str], contenders: Sequence[str], seeds: int, steps: int
) -> list[Run]:
    """All runs, in order."""
    return [
        (name, contender, seed, steps)
        for seed in range(seeds)
        for some in ROUNDS
        for name in environments
        for contender in some
        if contender in contenders
    ]


def result_of(run: Run) -> Found:
    """Train and score; what is loaded once is not timed."""
    name, contender, seed, steps = run
    CONTENDERS[contender](name, 1, 0)
    return CONTENDERS[contender](name, steps, seed)


def named(run: Run) -> str:
    name, contender, seed, _ = run
    return f"{contender}, {name}, seed {seed}"


if __name__ == "__main__":
    with mistakes_in_a_line(), waiting("training on POPGym"):
        main()
