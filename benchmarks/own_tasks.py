"""The 24 tasks of `benchmarks/own`, each by the default command, over seeds.

    python benchmarks/own_tasks.py                       # the half to develop on
    python benchmarks/own_tasks.py --half all --seeds 0-2 --out build/own

Runs `inwit train FILE --seed N`, with no other option, in a process of its own, then scores 1,000
held-out problems of each level. A task passes if at least 95 % are right at every level, for every
seed, within 120 CPU seconds each. Results are lines of JSON in the folder `--out`; the same command
goes on after a cut, and runs again what the sources or the task have changed since.
"""

import argparse
import hashlib
import json
import os
import re
import resource
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import inwit
from inwit.cli.main import prepare_process
from inwit.cli.mistakes import mistakes_in_a_line
from inwit.cli.waiting import waiting
from inwit.errors import UnknownName
from inwit.progress import one_by_one
from inwit.runs.seeds import read_seeds
from inwit.texts import to_json

FOLDER = Path(__file__).parent / "own"
TASKS = (
    "lookups",
    "joins",
    "units",
    "money",
    "dates",
    "strings",
    "geometry",
    "small_lists",
    "bits",
    "number_theory",
    "colours",
    "stack_language",
    "paths",
    "state_machine",
    "grid_world",
    "card_game",
    "shop",
    "thermostat",
    "maze",
    "failing_tools",
    "ten_tools",
    "wordings",
    "one_word_apart",
    "unneeded_operands",
)
DEVELOPMENT, HELD_OUT = TASKS[::2], TASKS[1::2]
HALVES = {"development": DEVELOPMENT, "held-out": HELD_OUT, "all": TASKS}
PROBLEMS, ACCURACY, CPU_SECONDS, LONGEST = 1000, 0.95, 120.0, 1800
"""Problems of each level, what passes, and the wall seconds after which a run is stopped."""
RESULTS = "results.jsonl"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One run of the default command."""

    task: str
    """Name of the task."""
    seed: int
    """Seed of the run."""
    sources: str
    """A digest of inwit and of the task's file."""
    cpu_seconds: float
    """CPU seconds of the command and its children, its own scores included."""
    accuracy: tuple[float, ...]
    """Right answers to held-out problems, by level; empty if the run failed."""
    error: str = ""
    """Why it failed."""

    @property
    def passed(self) -> bool:
        """Whether it is good enough, at every level and in time."""
        worst = min(self.accuracy, default=0.0)
        return worst >= ACCURACY and self.cpu_seconds <= CPU_SECONDS


def sources(task: str) -> str:
    """A digest of inwit and of the task's file."""
    digest = hashlib.sha256()
    for path in [*sorted(Path(inwit.__file__).parent.rglob("*.py")), FOLDER / f"{task}.py"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def measure(task: str, seed: int, out: Path) -> Outcome:
    """Train by the default command, then score the agent."""
    file, runs = FOLDER / f"{task}.py", out / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "inwit", "train", str(file), "--seed", str(seed)]
    made_of, before = sources(task), spent_by_children()
    try:
        run = subprocess.run(command, cwd=runs, capture_output=True, text=True, timeout=LONGEST)
        printed, error = run.stdout, run.stderr.strip() if run.returncode else ""
    except subprocess.TimeoutExpired:
        printed, error = "", f"stopped after {LONGEST} s"
    spent = spent_by_children() - before
    (runs / f"{task}-{seed}.txt").write_text(printed + error)
    found = re.search(r"^run folder: (.+)$", printed, re.M)
    scores = []
    if found and not error:
        scores = inwit.load(runs / found[1], task=str(file)).evaluate(PROBLEMS)
    return Outcome(
        task=task,
        seed=seed,
        sources=made_of,
        cpu_seconds=round(spent, 1),
        accuracy=tuple(score.agent.accuracy for score in scores),
        error=error[-200:] if scores or error else "it printed no run folder",
    )


def spent_by_children() -> float:
    """CPU seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def known(out: Path) -> dict[tuple[str, int], Outcome]:
    """What has been measured before with the present sources, by task and seed."""
    path, found = out / RESULTS, dict[tuple[str, int], Outcome]()
    for line in path.read_text().splitlines() if path.exists() else ():
        fields = json.loads(line)
        outcome = Outcome(**{**fields, "accuracy": tuple(fields["accuracy"])})
        if outcome.sources == sources(outcome.task):
            found[outcome.task, outcome.seed] = outcome
    return found


def table_row(task: str, outcomes: Sequence[Outcome]) -> str:
    """One line of the table: the worst seed counts at every level."""
    failed = [outcome.error for outcome in outcomes if not outcome.accuracy]
    by_level = zip(*(outcome.accuracy for outcome in outcomes), strict=False)
    worst = " / ".join(f"{100 * min(level):.1f}" for level in by_level)
    seconds = statistics.median(outcome.cpu_seconds for outcome in outcomes)
    passed = sum(outcome.passed for outcome in outcomes)
    cells = [task, failed[0][:60] if failed else worst, f"{seconds:.0f}"]
    return f"| {' | '.join(cells)} | {passed} of {len(outcomes)} |"


def chosen(half: str, names: str) -> tuple[str, ...]:
    """The tasks that are asked for.

    Raises:
        UnknownName: there is no such half or task.
    """
    if half not in HALVES:
        raise UnknownName("half", half, HALVES)
    asked = [name.strip() for name in names.split(",")] if names else list(HALVES[half])
    for name in asked:
        if name not in TASKS:
            raise UnknownName("task of benchmarks/own", name, TASKS)
    return tuple(dict.fromkeys(asked))


def run_all(tasks: Iterable[str], seeds: Sequence[int], out: Path) -> None:
    """Measure what is missing, and print the table row by row."""
    done, passed, count = known(out), 0, 0
    print("| task | % right by level, worst seed | CPU s (median) | passed |")
    print("| --- | --- | ---: | ---: |", flush=True)
    for task in one_by_one("task", tasks):
        for seed in seeds:
            if (task, seed) not in done:
                done[task, seed] = measure(task, seed, out)
                with (out / RESULTS).open("a") as lines:
                    lines.write(to_json(asdict(done[task, seed])) + "\n")
        outcomes = [done[task, seed] for seed in seeds]
        passed, count = passed + all(each.passed for each in outcomes), count + 1
        print(table_row(task, outcomes), flush=True)
    print(f"\n{passed} of {count} tasks passed with all of {len(seeds)} seeds")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", default="development", help=", ".join(HALVES))
    parser.add_argument("--tasks", default="", help="names with commas, in place of a half")
    parser.add_argument("--seeds", default="0-2")
    parser.add_argument("--out", type=Path, default=Path("build/own"))
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with mistakes_in_a_line():
        prepare_process()
        tasks, out = chosen(given.half, given.tasks), given.out.resolve()
        run_all(tasks, read_seeds(given.seeds), out)


if __name__ == "__main__":
    with waiting("training on tasks of benchmarks/own"):
        main()
