"""Sweeps: what the table says is what the run folders hold, whatever happened on the way."""

import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from statistics import mean, median
from wsgiref.util import setup_testing_defaults

import pytest

pytest.importorskip("optuna")

from inwit.agent import load
from inwit.cli.main import main
from inwit.errors import DamagedRun, Interrupted, InvalidOption
from inwit.recipe import options_of
from inwit.runs.sweeps import Choices, WholeRange, read_plan, sweep, table
from inwit.runs.sweeps import study as module
from inwit.runs.sweeps.rows import best, command
from inwit.runs.sweeps.study import dashboard
from inwit.training.run_folder import RunFolder

INWIT = [sys.executable, "-c", "from inwit.cli.main import main; main()"]
TEXT = """
task = "stages"
trials = 4
seeds = "0-1"
jobs = 1
problems = 50

[fixed]
updates = 10
batch = 32
masks = "given"
search = 0
once = true
policy.width = 8

[search]
optimiser.learning_rate = {low = 1e-4, high = 0.1, log = true}
replay = {low = 16, high = 64, step = 16}
learner = ["a2c", "ppo"]

[pruning]
startup = 1
warmup = 1
"""
EVERY, WARMUP, SMOOTHING, LEVELS = 1, 1, 0.3, 3


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "sweep.toml"
    path.write_text(TEXT)
    return read_plan(path)


@pytest.fixture(scope="module")
def done(plan, tmp_path_factory):
    """A whole sweep: its folder and rows."""
    folder = tmp_path_factory.mktemp("sweep") / "50% whole?"
    return folder, sweep(plan, folder)


def runs(folder, row):
    return sorted((folder / f"trial-{row.number:04d}").iterdir())


def early(path):
    """The smoothed accuracy in training at every update, from the run folder alone."""
    levels, told = [0.0] * LEVELS, {}
    for line in RunFolder(path).metrics():
        for level in range(LEVELS):
            accuracy = line.get(f"episodes/accuracy@{level}")
            if accuracy is not None:
                levels[level] += SMOOTHING * (accuracy - levels[level])
        if line["update"] % EVERY == 0:
            told[line["update"] // EVERY] = mean(levels)
    return told


def test_rows_are_what_the_run_folders_say(plan, done):
    folder, rows = done
    assert [row.number for row in rows] == [0, 1, 2, 3]
    for row in rows:
        for path in runs(folder, row):
            options = options_of(RunFolder(path).recipe())
            assert {name: options[name].value for name in row.options} == row.options
            assert (options["updates"].value, options["policy.width"].value) == (10, 8)
        scored = [path for path in runs(folder, row) if (path / "weights.safetensors").exists()]
        if row.state == "complete":
            accuracy = [
                [score.agent.accuracy for score in load(path).evaluate(50)] for path in scored
            ]
            assert row.seeds == len(scored) == 2
            assert row.accuracy == tuple(map(mean, zip(*accuracy, strict=True)))
            assert row.value == row.accuracy[-1]
            assert row.cpu > 0


def test_what_is_pruned_is_below_the_median_of_what_was_complete(plan, done):
    """Optuna's rule by hand: the best so far, beside the median of the complete trials there."""
    folder, rows = done
    assert {"complete", "pruned"} <= {row.state for row in rows}
    complete = []
    for row in rows:
        values = {}
        for seed, path in enumerate(runs(folder, row)):
            values |= {20 * seed + step: value for step, value in early(path).items()}
        for step, value in row.early.items():
            assert value == pytest.approx(values[step])
        fell = [
            step
            for step in sorted(row.early)
            if step > WARMUP and complete
            if max(values[each] for each in row.early if each <= step)
            < median(other[step] for other in complete)
        ]
        assert fell == ([max(row.early)] if row.state == "pruned" else [])
        if row.state == "complete":
            complete.append(values)
        else:
            assert int(re.search(r"at update (\d+)", row.reason)[1]) % EVERY == 0


@pytest.mark.slow
def test_killed_and_gone_on_with_it_becomes_the_same(plan, done, tmp_path):
    folder = tmp_path / "cut"
    (tmp_path / "sweep.toml").write_text(TEXT)
    command = [*INWIT, "sweep", str(tmp_path / "sweep.toml"), "--out", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wanted, end = folder / "trial-0001/seed-0/metrics.jsonl", time.monotonic() + 120
    while not wanted.exists() or wanted.read_bytes().count(b"\n") < 2:
        assert time.monotonic() < end
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.wait()
    wait_until_free(folder / "trial-0001/seed-0")
    rows = sweep(plan, folder)
    assert [replace(row, cpu=0.0) for row in rows] == [replace(row, cpu=0.0) for row in done[1]]
    for row in rows:
        if row.state == "complete":
            for one, two in zip(runs(folder, row), runs(done[0], row), strict=True):
                for name in ("weights.safetensors", "metrics.jsonl"):
                    assert (one / name).read_bytes() == (two / name).read_bytes()


def wait_until_free(path):
    """Until a run whose parent was killed has noticed it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with RunFolder(path).held():
                return
        except InvalidOption:
            time.sleep(0.1)
    raise AssertionError(path)


def test_a_whole_sweep_is_only_shown(plan, done, tmp_path, capsys):
    folder = shutil.copytree(done[0], tmp_path / "runs")
    (tmp_path / "sweep.toml").write_text(TEXT)
    before = (folder / "study.sqlite").read_bytes()
    main(["sweep", str(tmp_path / "sweep.toml"), "--out", str(folder)])
    shown = capsys.readouterr().out
    for row in table(plan, done[1]):
        assert all(cell in shown for cell in row)
    assert command(plan, best(plan, done[1])) in shown
    assert (folder / "study.sqlite").read_bytes() == before


def test_ctrl_c_saves_and_the_same_goes_on(plan, done, tmp_path):
    folder = shutil.copytree(done[0], tmp_path / "runs")
    longer = replace(plan, trials=5)
    with pytest.raises(Interrupted, match="the same command resumes it"):
        sweep(longer, folder, report=lambda row: signal.raise_signal(signal.SIGINT))
    rows = sweep(longer, folder)
    assert [replace(row, cpu=0.0) for row in rows[:4]] == [replace(r, cpu=0.0) for r in done[1]]
    assert len(rows) == 5
    assert rows[4].state in ("complete", "pruned")


def test_the_dashboard_shows_every_trial(done, tmp_path):
    """The address that the command gives it, asked as a browser asks."""
    folder = shutil.copytree(done[0], tmp_path / "a sweep")
    name, address = shlex.split(dashboard(folder))
    assert name == "optuna-dashboard"
    app = pytest.importorskip("optuna_dashboard").wsgi(address)

    def answer(path):
        environ = {"PATH_INFO": path}
        setup_testing_defaults(environ)
        return json.loads(b"".join(app(environ, lambda *given: None)))

    (summary,) = answer("/api/studies")["study_summaries"]
    trials = answer(f"/api/studies/{summary['study_id']}")["trials"]
    for row, trial in zip(done[1], trials, strict=True):
        assert trial["number"] == row.number
        assert trial["state"].lower() == row.state
        assert [each["name"] for each in trial["params"]] == list(row.options)
        if row.state == "complete":
            assert trial["values"] == [row.value]
        early = {each["step"]: each["value"] for each in trial["intermediate_values"]}
        assert early == row.early


def test_seconds_until_an_accuracy_are_those_of_a_moment(plan, tmp_path):
    changed = replace(
        plan,
        trials=1,
        seeds=(0,),
        objective="cpu-seconds",
        threshold=0.0,
        search={"learner": Choices(values=("a2c",))},
    )
    rows = sweep(changed, tmp_path / "reached")
    assert all(row.state == "complete" and 0 <= row.value < row.cpu for row in rows)
    assert best(changed, rows).value == min(row.value for row in rows)
    never = sweep(replace(changed, trials=1, threshold=1.0), tmp_path / "never")
    assert never[0].state == "pruned"
    assert never[0].reason == "seed 0 never reached 100.0%"


def test_a_trial_that_cannot_be_is_told_and_stops_no_other(plan, tmp_path):
    search = {"learner": Choices(values=("none",)), "replay": Choices(values=(0,))}
    rows = sweep(replace(plan, trials=2, search=search), tmp_path / "sweep")
    assert [row.state for row in rows] == ["failed", "failed"]
    assert "needs --replay" in rows[0].reason


def test_a_sweep_without_a_trial_that_trains_is_a_mistake(tmp_path, capsys):
    path = tmp_path / "sweep.toml"
    path.write_text(TEXT.partition("[search]")[0] + '[search]\n"reward.shaping" = [1e38]\n')
    with pytest.raises(SystemExit, match="2"):
        main(["sweep", str(path), "--out", str(tmp_path / "runs")])
    told = capsys.readouterr()
    assert "every trial failed, the first one with: update 1 was not made" in told.err
    assert "best:" not in told.out


def test_a_damaged_study_is_told(plan, done, tmp_path):
    folder = shutil.copytree(done[0], tmp_path / "runs")
    (folder / "study.sqlite").write_bytes(b"no database")
    with pytest.raises(DamagedRun, match=r"study\.sqlite cannot be read"):
        sweep(plan, folder)
    (folder / "plan.json").write_text("{")
    with pytest.raises(DamagedRun, match=r"plan\.json is damaged"):
        sweep(plan, folder)


def test_another_plan_or_place_is_refused(plan, done, tmp_path):
    with pytest.raises(InvalidOption, match="another search"):
        sweep(replace(plan, search={"policy.width": WholeRange(low=8, high=16)}), done[0])
    (tmp_path / "thesis.tex").write_text("")
    with pytest.raises(InvalidOption, match="holds no sweep"):
        sweep(plan, tmp_path)


@pytest.mark.parametrize("drawn", [0, 1])
def test_killed_while_it_draws_a_trial_becomes_the_same(plan, tmp_path, monkeypatch, drawn):
    """What is drawn of a trial does not depend on what was drawn of it before a kill."""

    def options(folder):
        module._prepare(plan, folder)
        with module._opened(plan, folder) as opened:
            trials = module._Trials(plan, folder, opened, lambda row: None)
            with suppress(KeyboardInterrupt):
                trials.next_job()
            return opened.trials[0].params

    whole, seeded = options(tmp_path / "whole"), module._Trials._seed
    with monkeypatch.context() as patch:

        def killed(self, *place):
            if place[-1] > drawn:
                raise KeyboardInterrupt
            seeded(self, *place)

        patch.setattr(module._Trials, "_seed", killed)
        assert len(options(tmp_path / "cut")) == drawn
    assert options(tmp_path / "cut") == whole
