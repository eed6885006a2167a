import io

import pytest
from rich.console import Console

from inwit.evaluation import Score
from inwit.interfaces.console import LINES, Progress, percent
from inwit.recipe import Recipe
from inwit.training import Report

METRICS = {
    "attempts/accuracy": 0.5,
    "attempts/return": 0.5,
    "attempts/presses": 6.0,
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
    with Progress(console, Recipe(updates=updates)) as progress:
        for report in reports(updates):
            progress(report)
    return text.getvalue()


def test_plain_lines_where_there_is_no_terminal():
    lines = shown(1000, terminal=False).splitlines()
    assert LINES <= len(lines) - 1 <= LINES + 2
    assert lines[-1].split()[0] == "1000/1000"
    assert "\x1b" not in "".join(lines)
    assert lines[-1].split()[1:4] == ["0", "50.0%", "0.500"]


def test_a_live_table_on_a_terminal():
    text = shown(100, terminal=True)
    assert "\x1b[" in text
    assert "100/100" in text


@pytest.mark.parametrize(
    ("right", "count", "text"),
    [(1000, 1000, "100.0 %"), (9999, 10_000, "99.9 %"), (1, 3, "33.3 %"), (0, 7, "0.0 %")],
)
def test_a_hundred_percent_is_said_only_where_nothing_was_wrong(right, count, text):
    assert percent(Score(right=right, count=count)) == text


def test_every_thousandth_is_shown_as_it_is():
    for right in range(1001):
        shown = float(percent(Score(right=right, count=1000)).removesuffix(" %"))
        assert shown == pytest.approx(right / 10)
