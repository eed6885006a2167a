"""Several seeds at once: each as if it were alone, whatever becomes of the others."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import redirect_stdout
from multiprocessing import active_children
from pathlib import Path
from statistics import median

import pytest

from inwit import devices
from inwit.agent import load, train
from inwit.cli.main import main
from inwit.errors import DamagedRun, Interrupted, InvalidOption
from inwit.recipes import recipe_for
from inwit.runs.seeds import SeedResult, read_seeds, table, train_seeds
from inwit.runs.workers import holds
from inwit.training.run_folder import RunFolder
from tests.conftest import without_waiting

SMALL = {"updates": 4, "batch": 64, "policy.width": 8, "replay": 16, "search": 0, "masks": "given"}
OPTIONS = [f"--{name}={value}" for name, value in SMALL.items()]
INWIT = [sys.executable, "-c", "from inwit.cli.main import main; main()"]
CONTENT = ("weights.safetensors", "metrics.jsonl")


def small(**changes):
    return recipe_for("stages").but(**SMALL | changes)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The runs of seeds 1 and 3, each by itself."""
    parent = tmp_path_factory.mktemp("alone")
    for seed in (1, 3):
        train(small(seed=seed, out=parent / f"seed-{seed}"))
    return parent


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Seeds 1 and 3 by the command line, and what it printed."""
    parent = tmp_path_factory.mktemp("together") / "runs"
    with redirect_stdout(io.StringIO()) as told:
        main(["train", "--seeds", "1,3", "--jobs", "2", "--out", str(parent), *OPTIONS])
    return parent, told.getvalue()


def assert_same(one, two):
    for seed in (1, 3):
        for name in CONTENT:
            path = f"seed-{seed}/{name}"
            assert (one / path).read_bytes() == (two / path).read_bytes(), path


@pytest.mark.slow
def test_a_seed_is_the_same_to_the_bit_as_alone(alone, together):
    assert_same(alone, together[0])


@pytest.mark.slow
def test_the_table_is_what_the_agents_score(together):
    parent, text = together
    rows = text.split("problems:")[1].splitlines()
    cells = {row.split()[0]: re.split(r" {2,}", row.strip()) for row in rows if row.strip()}
    scored = []
    for seed in (1, 3):
        scores = [score.agent.accuracy for score in load(parent / f"seed-{seed}").evaluate()]
        shown = [float(cell.removesuffix(" %")) for cell in cells[str(seed)][1:4]]
        assert shown == pytest.approx([100 * score for score in scores], abs=0.05)
        scored.append(scores)
    for place, (one, two) in enumerate(zip(*scored, strict=True), 1):
        middle = float(cells["median"][place].removesuffix(" %"))
        assert middle == pytest.approx(100 * median([one, two]), abs=0.1)
        low, high = cells["range"][place].removesuffix(" %").split(" to ")
        assert [float(low), float(high)] == pytest.approx(sorted([100 * one, 100 * two]), abs=0.05)
    assert all(float(cells[seed][4]) > 0 for seed in ("1", "3"))
    assert "complete" in text


@pytest.mark.slow
def test_what_is_complete_is_not_done_again(together, tmp_path):
    parent = shutil.copytree(together[0], tmp_path / "runs")
    before = {path: path.stat().st_mtime_ns for path in parent.rglob("*") if path.is_file()}
    results = train_seeds("stages", (1, 3), out=parent, **SMALL)
    assert [result.seed for result in results] == [1, 3]
    assert all(result.scores and result.cpu > 0 for result in results)
    assert {path: path.stat().st_mtime_ns for path in parent.rglob("*") if path.is_file()} == before


def cut(parent, seed, update):
    """Train a seed to an update and no further, as a kill leaves it."""

    def stop(report):
        if report.update == update:
            raise Interrupted(15)

    with pytest.raises(Interrupted):
        train(small(seed=seed, out=parent / f"seed-{seed}"), report=stop)


@pytest.mark.slow
def test_parts_are_gone_on_with_and_one_that_fails_stops_no_other(alone, tmp_path):
    parent = tmp_path / "runs"
    cut(parent, 1, 2)
    cut(parent, 2, 2)
    RunFolder.create(small(seed=3, out=parent / "seed-3"))  # killed before its first checkpoint
    with RunFolder(parent / "seed-2").held():  # as by another process
        results = train_seeds("stages", (1, 2, 3), out=parent, **SMALL)
    assert [bool(result.scores) for result in results] == [True, False, True]
    assert "another process is writing" in results[1].failure
    assert_same(alone, parent)


class Command:
    """`inwit train --seeds` in a group of its own, as a terminal has it."""

    def __init__(self, parent, *options):
        self.process = subprocess.Popen(
            [*INWIT, "train", "--out", str(parent), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_for(self, *paths):
        end = time.monotonic() + 120
        while not all(path.exists() and path.stat().st_size for path in paths):
            assert time.monotonic() < end
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.05)


LONG = ["--updates=2000", "--batch=64", "--policy.width=8", "--replay=16"]


@pytest.mark.nightly
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_the_group_stops_all_and_saves(tmp_path, number):
    """Ctrl-C, or a system that shuts down."""
    parent = tmp_path / "runs"
    command = Command(parent, "--seeds=0-2", "--jobs=2", *LONG)
    command.wait_for(parent / "seed-0/metrics.jsonl", parent / "seed-1/metrics.jsonl")
    os.killpg(command.process.pid, number)  # the children get it, too
    _, error = command.process.communicate(timeout=100)
    assert command.process.returncode == 128 + number
    assert without_waiting(error).count("\n") == 1
    assert "0 of 3 seeds are complete" in error
    assert str(parent) in error
    for seed in (0, 1):
        folder = RunFolder(parent / f"seed-{seed}")
        last = [line["update"] for line in folder.metrics()][-1]
        assert folder.latest().update == last > 0
    assert not (parent / "seed-2").exists()


@pytest.mark.slow
def test_a_killed_seed_is_told_and_the_other_completes(tmp_path, alone, capsys):
    parent = tmp_path / "runs"

    def kill(seed, message):
        if seed == 1:
            for process in active_children():
                held = Path(f"/proc/{process.pid}/fd").glob("*")
                if parent / "seed-1" in (each.resolve() for each in held):
                    process.kill()

    results = train_seeds("stages", (1, 3), report=kill, out=parent, **SMALL | {"updates": 40})
    assert [bool(result.scores) for result in results] == [False, True]
    assert results[0].failure == "killed by signal 9"
    assert holds(small(seed=3, out=parent / "seed-3", updates=40)) == "all"
    with pytest.raises(SystemExit) as stop:  # the same goes on; seed 1 is refused in another way
        main(["train", "--seeds=1,3", "--out", str(parent), *OPTIONS])
    assert stop.value.code == 2
    assert "updates 40, not 4" in capsys.readouterr().err
    again = train_seeds("stages", (1, 3), out=parent, **SMALL | {"updates": 40})
    assert again[0].scores
    assert again[1] == results[1]


@pytest.mark.nightly
def test_runs_whose_parent_is_killed_save_and_end(tmp_path):
    parent = tmp_path / "runs"
    command = Command(parent, "--seeds=0,1", "--jobs=2", *LONG)
    paths = [parent / f"seed-{seed}" for seed in (0, 1)]
    command.wait_for(*(path / "metrics.jsonl" for path in paths))
    command.process.kill()
    command.process.communicate(timeout=60)
    for path in paths:
        end = time.monotonic() + 60
        while not is_free(path):
            assert time.monotonic() < end
            time.sleep(0.1)
        folder = RunFolder(path)
        assert folder.latest().update == [line["update"] for line in folder.metrics()][-1] > 0


def is_free(path):
    try:
        with RunFolder(path).held():
            return True
    except InvalidOption:
        return False


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        ("0-7", tuple(range(8))),
        ("0,3,5", (0, 3, 5)),
        ("4", (4,)),
        ("5,0-2, 1", (5, 0, 1, 2)),
    ],
)
def test_seeds_are_read(text, seeds):
    assert read_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "3-1", "-3", "1-", "0-5000", "1,,2", "1.5"])
def test_what_names_no_seeds_is_refused(text):
    with pytest.raises(InvalidOption, match="--seeds"):
        read_seeds(text)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--seeds", "0-x"], "such as 0-7 or 0,3,5"),
        (["--seeds"], "--seeds"),
        (["--seeds=0,1", "--seed", "4"], "does not go with --seed"),
        (["--seeds=0,1", "--watch"], "does not go with --watch"),
        (["--seeds=0,1", "--jobs", "0"], "--jobs 0: it must be at least 1"),
        (["--seeds=0,1", "--jobs", "two"], "--jobs"),
        (["--seeds", f"1,{2**63}"], "it must be from 0 to 2^63 - 1"),
        (["--jobs", "2"], "--jobs and --ray go with --seeds"),
        (["--seeds=0,1", "--updtes=3"], "--updates"),
        (["--seeds=0,1", "--out", "FILE"], "not a folder"),
        (["--seeds=0,1", "--out", "FOREIGN"], "something other than a run"),
    ],
)
def test_mistakes_are_told_before_anything_is_started(
    tmp_path, monkeypatch, capsys, arguments, hint
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FILE").write_text("")
    (tmp_path / "FOREIGN" / "seed-1").mkdir(parents=True)
    (tmp_path / "FOREIGN" / "seed-1" / "thesis.tex").write_text("")
    with pytest.raises(SystemExit) as stop:
        main(["train", *arguments])
    assert stop.value.code == 2
    told = capsys.readouterr()
    assert hint in told.err
    assert told.out == ""
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("seeds", "jobs", "hint"),
    [
        ((), None, "no seeds"),
        ((0, 1, 0), 2, "seed 0 is given twice"),
        ((0,), "2", "--jobs '2': it must be a whole number"),
        ((0, -1), None, "--seed -1"),
    ],
)
def test_mistakes_in_python_are_told_too(tmp_path, seeds, jobs, hint):
    with pytest.raises(InvalidOption, match=hint):
        train_seeds("stages", seeds, jobs=jobs, out=tmp_path / "runs", **SMALL)
    assert not (tmp_path / "runs").exists()


@pytest.mark.slow
def test_damaged_results_are_told(together, tmp_path):
    parent = shutil.copytree(together[0], tmp_path / "runs")
    (parent / "seeds.json").write_text("{}")
    with pytest.raises(DamagedRun, match=r"seeds\.json is damaged"):
        train_seeds("stages", (1, 3), out=parent, **SMALL)


def test_the_table_tells_what_is_missing():
    assert table([SeedResult(seed=4, failure="killed by signal 9")]) == [
        ["seed", "CPU s", ""],
        ["4", "0.0", "killed by signal 9"],
    ]


@pytest.mark.parametrize(("quota", "cores"), [("max 100000", 16), ("150000 100000", 2), ("1 9", 1)])
def test_a_containers_share_of_the_cores_counts(tmp_path, monkeypatch, quota, cores):
    monkeypatch.setattr(devices, "SHARE", tmp_path / "cpu.max")
    monkeypatch.setattr(devices.os, "sched_getaffinity", lambda _: range(16), raising=False)
    (tmp_path / "cpu.max").write_text(quota + "\n")
    assert devices.usable_cores() == cores
