"""Everything that takes long, step by step, and what came of it in docs/results.md.

    make nightly

A step is the long tests of a folder, or a record, on one core; every core does one. What it prints
is kept in build/nightly. A step that passed with the present sources is not done again, so the same
command goes on after a cut. Records are made with one or two seeds: whether they still hold; the
pages have those of five.
"""

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "results.md"
KEPT, LINES = ROOT / "build" / "nightly", "build/nightly/popgym.jsonl"
BEGIN, END = "<!-- written by make nightly -->", "<!-- until here -->"
LONG = {
    "learning, browsers and compilers": "learning or (slow and not nightly)",
    "long forms of the fast tests": "nightly and not learning",
    "properties at 3,000 examples": "hypothesis and not (learning or slow or nightly)",
}
RECORDS = {
    "records": (
        "tutorial_as_published.py",
        "length_record.py --seeds 2",
        *(f"prompt_record.py --seeds {seed}" for seed in range(2)),
        "worked_examples.py --seeds 2",
        "own_tasks.py --half all --seeds 0",
        *(f"comparisons.py {study} --seeds 1" for study in ("learners", "curricula", "ablations")),
        "long_run.py",
    ),
    "other libraries": (
        *(
            f"time_to_result.py {study} --seeds 1"
            for study in ("stages", "expressions", "throughput")
        ),
        "reasoning_gym_generators.py",
        "update_speed.py --rounds 2",
        *(
            f"popgym_scores.py --size {size} --steps 100000 --seeds 1 --out {LINES}"
            for size in ("Medium", "Hard")
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that takes long."""

    group: str
    """What it belongs to."""
    command: tuple[str, ...]
    """What is run, by this Python."""

    @property
    def name(self) -> str:
        """What it is called in the list of what has been done."""
        return " ".join(self.command)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a step."""

    passed: bool
    """It ended as it should."""
    seconds: float
    """How long it took."""


def steps() -> list[Step]:
    """All folders that hold long tests, then the records."""
    tests = [
        Step(group=group, command=("-m", "pytest", "-m", marks, folder))
        for group, marks in LONG.items()
        for folder in folders_with(marks)
    ]
    records = [
        Step(group=group, command=(f"benchmarks/{command.split()[0]}", *command.split()[1:]))
        for group, commands in RECORDS.items()
        for command in commands
    ]
    return [*tests, *records]


def folders_with(marks: str) -> list[str]:
    """The folders of `tests`, and the files beside them, that hold tests with some marks."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", marks]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if told.returncode:
        raise SystemExit(told.stdout + told.stderr)
    return sorted(set(re.findall(r"^(tests/[^/:]+)\S*:", told.stdout, re.M)))


def sources() -> str:
    """A digest of all tracked files as they are, without the page that is written and this list."""
    left_out = [f":!{path.relative_to(ROOT)}" for path in (PAGE, Path(__file__))]
    listed = ["git", "-C", str(ROOT), "ls-files", "-z", "--", ".", *left_out]
    names = subprocess.run(listed, capture_output=True).stdout.decode().split("\0")
    digest = hashlib.sha256()
    for name in filter(None, names):
        path = ROOT / name
        content = path.read_bytes() if path.is_file() else b""
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:12]


def commit() -> str:
    """The commit that is checked out."""
    command = ["git", "-C", str(ROOT), "rev-parse", "--short=12", "HEAD"]
    return subprocess.run(command, capture_output=True).stdout.decode().strip()


def run(step: Step) -> Outcome:
    """Do a step; what it prints is kept."""
    print(f"begun: {step.name}\n", end="", flush=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    name = "".join(letter if letter.isalnum() else "-" for letter in step.name).strip("-")
    begun = time.monotonic()
    with (KEPT / f"{name}.txt").open("w", encoding="utf8") as printed:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "HYPOTHESIS_PROFILE": "long"}
        command = [sys.executable, *step.command]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=printed, stderr=subprocess.STDOUT
        )
    return Outcome(passed=done.returncode == 0, seconds=time.monotonic() - begun)


def known(state: Path, made_of: str) -> dict[str, Outcome]:
    """What has been done with these sources; what was made with others is removed."""
    told = json.loads(state.read_text(encoding="utf8")) if state.exists() else {}
    if told.get("sources") != made_of:
        for lines in state.parent.glob("*.jsonl"):
            lines.unlink()
        return {}
    return {name: Outcome(**outcome) for name, outcome in told["outcomes"].items()}


def keep(state: Path, made_of: str, outcomes: dict[str, Outcome]) -> None:
    """Write what has been done."""
    state.parent.mkdir(parents=True, exist_ok=True)
    told = {name: asdict(outcome) for name, outcome in outcomes.items()}
    text = json.dumps({"sources": made_of, "outcomes": told}, indent=1)
    part = state.with_suffix(".part")
    part.write_text(text, encoding="utf8")
    part.replace(state)


def record(
    wanted: Sequence[Step], outcomes: dict[str, Outcome], made_at: str, day: str
) -> Iterator[str]:
    """What is told of a run: how many steps of each group have passed, and which have failed."""
    done = [outcomes[step.name] for step in wanted if step.name in outcomes]
    minutes = sum(outcome.seconds for outcome in done) / 60
    yield f"`make nightly`, {day}, commit {made_at}, {os.cpu_count()} cores ({platform.machine()}),"
    yield f"{minutes:,.0f} minutes of a core: {len(done)} of {len(wanted)} steps are done. Passed:"
    groups = dict.fromkeys(step.group for step in wanted)
    yield ", ".join(f"{group} {_passed(group, wanted, outcomes)}" for group in groups) + "."
    failed = [f"`{name}`" for name, outcome in outcomes.items() if not outcome.passed]
    yield f"Failed: {', '.join(failed) or 'nothing'}."


def _passed(group: str, wanted: Sequence[Step], outcomes: dict[str, Outcome]) -> str:
    names = [step.name for step in wanted if step.group == group]
    passed = sum(name in outcomes and outcomes[name].passed for name in names)
    return f"{passed} of {len(names)}"


def write(page: Path, lines: Sequence[str]) -> None:
    """Put the lines into the page, in the place of those of the run before."""
    text = page.read_text(encoding="utf8")
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{page}: {BEGIN} and {END} must stand there")
    body = "\n".join(["", *lines, ""])
    page.write_text(f"{before}{BEGIN}{body}{END}{after}", encoding="utf8")


def nightly(
    wanted: Sequence[Step], made_of: str, *, state: Path, page: Path, at_once: int = 1
) -> bool:
    """Do what has not passed yet, so many steps at once; whether everything has."""
    outcomes = known(state, made_of)
    keep(state, made_of, outcomes)
    missing = [
        step for step in wanted if not (step.name in outcomes and outcomes[step.name].passed)
    ]
    with ThreadPoolExecutor(at_once) as pool:
        running = {pool.submit(run, step): step for step in missing}
        try:
            for done in as_completed(running):
                step, outcome = running[done], done.result()
                outcomes[step.name] = outcome
                word = "passed" if outcome.passed else "FAILED"
                print(f"{word}, {outcome.seconds:.0f} s: {step.name}\n", end="", flush=True)
                keep(state, made_of, outcomes)
                day = datetime.now(UTC).date().isoformat()
                write(page, [*record(wanted, outcomes, commit(), day)])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return all(outcomes[step.name].passed for step in wanted)


if __name__ == "__main__":
    cores = os.cpu_count() or 1
    sys.exit(not nightly(steps(), sources(), state=KEPT / "state.json", page=PAGE, at_once=cores))
