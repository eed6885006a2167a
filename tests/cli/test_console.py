import io
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console

from inwit.cli.console import LINES, Pace, Progress, print_advice, print_presses, print_scores
from inwit.evaluation.scores import LevelScore, Score
from inwit.evaluation.traces import trace
from inwit.training.metrics import Report

METRICS = {
    "episodes/accuracy": 0.5,
    "episodes/return": 0.5,
    "episodes/presses": 6.0,
    "policy/entropy": 0.7,
    "loss/value": 0.25,
}


def reports(updates):
    for update in range(1, updates + 1):
        yield Report(
            update=update, episodes=64 * update, level=0, metrics=dict(METRICS), seconds=update / 10
        )


def shown(updates, *, terminal):
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=160)
    with Progress(console, updates) as progress:
        for report in reports(updates):
            progress(report)
    return text.getvalue()


def test_plain_lines_where_there_is_no_terminal():
    lines = shown(1000, terminal=False).splitlines()
    assert LINES <= len(lines) - 1 <= LINES + 2
    assert lines[-1].split()[0] == "1000/1000"
    assert "\x1b" not in "".join(lines)
    assert lines[-1].split()[1:4] == ["0", "50.0%", "0.700"]


def test_a_live_table_on_a_terminal():
    text = shown(100, terminal=True)
    assert "\x1b[" in text
    assert "100/100" in text


def test_the_time_left_does_not_count_what_comes_before_the_first_update():
    pace, cells = Pace(100), []
    for report in reports(100):
        cells.append(pace(replace(report, seconds=60 + report.seconds)))
    assert cells[0] == ["-", "-"]
    assert cells[1] == ["640", "10 s"]
    assert cells[-1] == ["640", "0 s"]
    resumed = Pace(100)
    assert [resumed(each)[1] for each in list(reports(100))[49:51]] == ["-", "5 s"]


def printed(write, *, width, terminal=False):
    text = io.StringIO()
    write(Console(file=text, force_terminal=terminal, width=width, no_color=True))
    return text.getvalue()


def scores():
    full, some = Score(right=1000, count=1000), Score(right=7, count=1000)
    form = "100 operations of a form that is described at length"
    return [
        LevelScore(level=level, form=form, agent=some, oracle=full, chance=some, presses=6.0)
        for level in (1, 100_000)
    ]


@pytest.mark.parametrize("terminal", [False, True])
def test_scores_are_whole_at_any_width(terminal):
    narrow = printed(lambda console: print_scores(console, scores()), width=20, terminal=terminal)
    wide = printed(lambda console: print_scores(console, scores()), width=500, terminal=terminal)
    assert narrow == wide
    assert "\u2026" not in narrow
    heading, *lines = narrow.splitlines()
    assert all(name in heading for name in ("level", "95 % interval", "error / press", "chance"))
    for line, level in zip(lines, ("     1  ", "100000  "), strict=True):
        assert line.startswith(level + scores()[0].form)
        assert line.endswith("7 of 1000   0.3% to 1.4%        5.6e-01  100.0 %   0.7 %")


def test_presses_are_whole_and_their_values_only_where_they_are_trained(environment, network):
    (made,) = trace(network, environment, environment.task.parse("3*7+2-4*5"))
    for valued in (True, False):
        shown = replace(made, valued=valued)
        text = printed(lambda console, shown=shown: print_presses(console, shown), width=9)
        assert "\u2026" not in text
        heading, *lines, verdict = text.splitlines()
        assert heading.split()[-1] == "value"
        assert [line.split()[1] for line in lines] == made.keys.split()
        values = [f"{press.value:.3f}" if valued else "-" for press in made.presses]
        assert [line.split()[-1] for line in lines] == values
        assert verdict.startswith(made.problem)


@pytest.mark.parametrize(
    ("right", "count", "text"),
    [(1000, 1000, "100.0 %"), (9999, 10_000, "99.9 %"), (1, 3, "33.3 %"), (0, 7, "0.0 %")],
)
def test_a_hundred_percent_is_said_only_where_nothing_was_wrong(right, count, text):
    assert Score(right=right, count=count).percent == text


def test_every_thousandth_is_shown_as_it_is():
    for right in range(1001):
        shown = float(Score(right=right, count=1000).percent.removesuffix(" %"))
        assert shown == pytest.approx(right / 10)


def test_that_no_reason_was_found_is_said(monkeypatch):
    agent, found = SimpleNamespace(advice=lambda scores: found), []
    text = io.StringIO()
    failed = [replace(scores()[0], agent=Score(right=7, count=1000))]
    print_advice(Console(file=text, width=200), agent, failed)
    assert "looking for reasons ...\n  - none was found" in text.getvalue()
    found.append("too few: more")
    print_advice(Console(file=text, width=200), agent, failed)
    assert text.getvalue().count("none was found") == 1
    assert "  - too few: more\n" in text.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_a_failure_that_lasts_is_told_once(terminal):
    text = io.StringIO()
    console = Console(file=text, force_terminal=terminal, width=160, no_color=True)
    failing = {"tools": "keys are no longer pressed: [ADD]"}
    with Progress(console, 100) as progress:
        for report in reports(100):
            warned = failing if 40 <= report.update < 60 or report.update > 80 else {}
            progress(replace(report, warnings=warned))
    told = "warning: keys are no longer pressed: [ADD]"
    assert text.getvalue().count(told) == 2
    assert f"update 40: {told}" in text.getvalue()
    assert f"update 81: {told}" in text.getvalue()
