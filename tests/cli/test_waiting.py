import re
import signal
import threading
import time
from pathlib import Path

import pytest

from inwit.cli import waiting as module
from inwit.cli.commands.sweeping import left
from inwit.cli.main import main
from inwit.cli.waiting import progress_line, waiting
from inwit.progress import CURRENT, Step, counting, doing, one_by_one, steps

BENCHMARKS = sorted((Path(__file__).parents[2] / "benchmarks").glob("*.py"))


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(module, "FIRST", 0.05)
    monkeypatch.setattr(module, "LAST", 0.05)


def pause(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.01)


def test_a_long_command_says_what_it_does_and_how_far_it_is(hurried, capsys):
    out = error = ""
    with waiting("auditing stages"):
        for number, _ in enumerate(steps(["a", "b"], ["level 0", "level 1"])):
            end = time.monotonic() + 30  # a busy machine may be late with a line
            while f"level {number} " not in error and time.monotonic() < end:
                pause(0.02)
                more = capsys.readouterr()
                out, error = out + more.out, error + more.err
    assert out == ""
    lines = error.splitlines()
    assert lines[0] == "auditing stages: 0 s, level 0 (1 of 2)"
    assert "level 1 (2 of 2), about 0 s left if all steps take as long" in lines[-1]


def test_a_short_command_says_nothing_and_no_timer_is_left(capsys):
    before = signal.getsignal(signal.SIGALRM)
    with waiting("solving"):
        pass
    assert capsys.readouterr().err == ""
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_a_mistake_ends_the_lines(hurried, capsys):
    with pytest.raises(ValueError, match="x"), waiting("exporting"):
        raise ValueError("x")
    pause(0.12)
    assert capsys.readouterr().err == ""


def test_the_time_that_is_left_follows_from_the_steps_that_are_done():
    for place, _ in enumerate(steps(range(4), list("abcd"))):
        CURRENT.begun = time.monotonic() - 30
        line = progress_line("certifying", 31.0)
        left = 30.0 / place * (4 - place) if place else None
        assert ("left" in line) == (left is not None)
        if left is not None:
            assert f"about {left:.0f} s left" in line
    assert Step() == CURRENT
    assert progress_line("certifying", 30.0) == "certifying: 30 s"


def test_another_thread_only_computes(hurried, capsys):
    def run():
        with waiting("serving"):
            pause(0.12)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert capsys.readouterr().err == ""


def test_steps_inside_of_what_takes_as_long_as_it_takes_are_shown():
    with doing("search"):
        assert progress_line("training", 3.0) == "training: 3 s, search"
        lines = [progress_line("training", 3.0) for _ in steps("ab", ["x", "y"])]
        assert lines[0] == "training: 3 s, x (1 of 2)"
        assert progress_line("training", 3.0) == "training: 3 s, search"
    for _ in steps(["only"], ["step"]):
        with doing("search"):
            assert progress_line("training", 3.0) == "training: 3 s, step"
    assert Step() == CURRENT


def test_steps_that_end_elsewhere_are_counted():
    with counting("trial", 4) as step:
        step.begun -= 30
        assert progress_line("searching", 30.0) == "searching: 30 s, trial (1 of 4)"
        step.number = 3
        left = "about 30 s left if all steps take as long"
        assert progress_line("searching", 30.0) == f"searching: 30 s, trial (3 of 4), {left}"
    assert Step() == CURRENT


@pytest.mark.slow
def test_a_training_says_what_comes_before_its_first_update(hurried, capsys, tmp_path):
    practised = ["--masks.practice", "40", "--search", "40", "--batch", "64", "--updates", "2"]
    small = ["--policy.width", "8", "--no-early-stopping", "--out", str(tmp_path / "run")]
    main(["train", "stages", *practised, *small])
    out, error = capsys.readouterr()
    lines = error.splitlines()
    assert {re.match(r"[a-z ]+: ", line)[0] for line in lines} <= {
        *("reading the recipe: ", "before the first update: ", "scoring: ", "looking for reasons: ")
    }
    assert any(re.search(r"learning what keys mean \(\d+ of \d+\), about", each) for each in lines)
    found = [line for line in out.splitlines() if line.startswith("search: ")]
    assert len([line for line in found if "of at most" not in line]) == 1  # a slow one says more
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_steps_are_named_after_what_they_go_through():
    seen = [(seed, CURRENT.name, CURRENT.number) for seed in one_by_one("seed", (3, 5))]
    assert seen == [(3, "seed 3", 1), (5, "seed 5", 2)]


def test_a_sweep_says_how_many_trials_are_left():
    assert left(2, 6, 30.0) == "6 trials left, about 90 s if they take as long"
    assert left(8, 0, 30.0) == "all trials have ended, after 30 s"


@pytest.mark.parametrize(
    "path",
    sorted((Path(__file__).parents[2] / "benchmarks").glob("*.py")),
    ids=lambda path: path.stem,
)
def test_every_benchmark_says_what_it_does(path):
    text = path.read_text()
    if '__name__ == "__main__"' in text and path.stem != "update_speed":  # it is `inwit bench`
        said = r'with (mistakes_in_a_line\(\), )?waiting\("[^"]+"\)'
        assert re.search(rf'"__main__":\n    {said}:\n        main\(\)', text)
