"""Sweeps in an environment: what the table says is what the run folders hold."""

import pytest

pytest.importorskip("optuna")

import inwit
from inwit.errors import InvalidOption
from inwit.runs.seeds import train_seeds
from inwit.runs.sweeps import read_plan, sweep, table
from inwit.runs.sweeps.rows import best, command
from inwit.training.run_folder import RunFolder

TEXT = """
task = "memory-length"
trials = 3
jobs = 1
problems = 20
objective = "{objective}"
threshold = {threshold}

[fixed]
length = 3
updates = 10
batch = 8
policy.width = 8

[search]
window = [4, 8, 16]

[pruning]
kind = "none"
"""


def swept(folder, objective, threshold):
    path = folder / "sweep.toml"
    path.write_text(TEXT.format(objective=objective, threshold=threshold))
    plan = read_plan(path)
    return plan, sweep(plan, folder / "trials")


def test_rows_are_what_the_run_folders_say(tmp_path):
    plan, rows = swept(tmp_path, "return", 0)
    for row in rows:
        path = tmp_path / "trials" / f"trial-{row.number:04d}" / "seed-0"
        assert RunFolder(path).plain()["window"] == row.options["window"]
        mean = inwit.load(path).evaluate(20).sampled.mean
        assert row.value == row.accuracy[0] == mean
        smoothed = None
        for line in RunFolder(path).metrics():
            value = line.get("episodes/return")
            if value is not None:
                smoothed = value if smoothed is None else smoothed + 0.3 * (value - smoothed)
            known = row.early.get(line["update"])
            assert known == (None if smoothed is None else pytest.approx(smoothed))
    first = best(plan, rows)
    assert first.value == max(row.value for row in rows)
    assert table(plan, rows)[0][1] == "return"
    words = command(plan, first)
    assert words.startswith("inwit train memory-length")
    assert f"--window {first.options['window']}" in words


def test_seconds_are_counted_to_the_first_snapshot_that_reaches_the_return(tmp_path):
    _, rows = swept(tmp_path, "cpu-seconds", -1)  # which every episode has
    assert [row.state for row in rows] == ["complete"] * 3
    assert all(0 <= row.value <= row.cpu for row in rows)
    never = tmp_path / "never"
    never.mkdir()
    _, rows = swept(never, "cpu-seconds", 1.5)
    assert {row.reason for row in rows} == {"seed 0 never reached 1.5"}
    assert [row.value for row in rows] == [None] * 3


@pytest.mark.parametrize("task", ["gymnasium:Nope-v1", "gymnasium:nowhere:Maze-v0"])
def test_an_environment_that_cannot_be_opened_is_told_before_anything_is_written(
    task, tmp_path, monkeypatch
):
    pytest.importorskip("gymnasium")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "sweep.toml"
    path.write_text(f'task = "{task}"\n[search]\nbatch = [4, 8]\n')
    with pytest.raises(InvalidOption, match=r"unknown environment|cannot be imported"):
        read_plan(path)
    with pytest.raises(InvalidOption, match=r"unknown environment|cannot be imported"):
        train_seeds(task, [0, 1])
    assert [each.name for each in tmp_path.iterdir()] == ["sweep.toml"]
