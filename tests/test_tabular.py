"""Results in a notebook: short in a line, the command line's table as HTML, plain rows."""

import io

import pytest
from rich.console import Console

from inwit.auditing import TargetAudit, Verdict
from inwit.auditing.base import Finding, Item, Reading
from inwit.auditing.exhaustive import audit_task
from inwit.cli.console import print_presses, print_scores
from inwit.cli.games import print_game_score
from inwit.errors import InvalidOption
from inwit.evaluation.scores import LevelScore, Score, Scores
from inwit.evaluation.traces import trace
from inwit.games.scores import GameScore, ReturnScore
from inwit.games.traces import Act, GameTrace
from inwit.probes import Certificate, Line
from inwit.probes import Verdict as Judged
from inwit.reports.audit import print_audit
from inwit.reports.certificate import print_certificate
from inwit.reports.targets import print_target_audit
from inwit.tabular import Sheet
from inwit.tasks import Stages
from tests.tables import tables_of

SCORE = LevelScore(
    level=1,
    form="a<b>&c",
    agent=Score(right=973, count=1000),
    oracle=Score(right=1000, count=1000),
    chance=Score(right=7, count=1000),
    presses=6.0,
)


GAME = GameScore(
    greedy=ReturnScore(returns=(1.0, 0.5), steps=(3, 4)),
    sampled=ReturnScore(returns=(0.25, 0.25), steps=(3, 3)),
    random=ReturnScore(returns=(-1.0, 1.0), steps=(2, 2)),
    best=0.8,
)
MOVES = GameTrace(
    seed=7,
    acts=(
        Act(fields=(0, 2), values=(1.0,), action="left", probability=0.5, value=0.1, reward=0.0),
        Act(fields=(1, 2), values=(0.5,), action="right", probability=0.75, value=0.9, reward=1.0),
    ),
)


def printed(show):
    text = io.StringIO()
    show(Console(file=text, width=1000, no_color=True))
    return text.getvalue()


def assert_same_cells(page, text):
    """Every row of every table is a line of the text, cell by cell."""
    lines = [line.split() for line in text.splitlines()]
    for rows in tables_of(page):
        assert len(rows) > 1
        for row in rows:
            assert " ".join(row).split() in lines


@pytest.fixture(scope="module")
def audit():
    return audit_task(Stages(once=True), problems=64, budget=2000)


@pytest.fixture
def target():
    item = Item(question="<script>alert(1)</script>", gold="4")
    bad = Finding(
        id="wrong/constant",
        verdict=Verdict.FAIL,
        message="a constant is paid",
        hits=3,
        count=4,
        item=item,
        reply="\ud800<i>",
        reading=Reading(value=1.0),
    )
    good = Finding(id="right/gold", verdict=Verdict.PASS, message="golds are paid", hits=4, count=4)
    return TargetAudit(target="f.py:score", kind="graded", seed=0, items=4, findings=(good, bad))


@pytest.fixture
def certificate():
    lines = (
        Line(part="lesions", name="STO off", verdict=Judged.FAIL, figure=0.5, count=1000),
        Line(part="planning", name="key 1 ahead", verdict=Judged.STATED, figure=0.25),
        Line(
            part="planning",
            name="mean",
            verdict=Judged.PASS,
            figure=0.875,
            interval=(0.8, 0.9),
            beside={"untrained": 0.25},
        ),
    )
    return Certificate(
        task="stages", policy="gru", made={}, commit="", seed=1, problems=9, lines=lines
    )


@pytest.fixture
def episode(environment, network):
    return trace(network, environment, environment.task.parse("3*7+2-4*5"))[0]


@pytest.mark.slow
def test_every_result_is_short_in_one_line(audit, target, certificate, episode):
    assert repr(SCORE.agent) == "Score(97.3 %, 973 of 1,000)"
    assert repr(SCORE) == "LevelScore(level 1, a<b>&c: 97.3 %, 973 of 1,000)"
    assert repr(Scores([SCORE])) == "Scores(level 1: 97.3 %)"
    assert repr(target) == "TargetAudit(f.py:score: fail (1 fail, 0 warn, 1 pass; 4 items, 0.0 s))"
    assert repr(certificate).startswith("Certificate(stages, gru: fail (1 pass, 1 fail, 1 stated")
    assert repr(episode).startswith("Trace((3*7+2)-(4*5) = ")
    assert repr(audit).startswith("Audit(stages: ")
    ways = "the most probable 0.750, drawn 0.250, random play 0.000"
    assert repr(GAME) == f"GameScore({ways})"
    assert repr(GAME.greedy) == "ReturnScore(0.750, 2 episodes)"
    assert repr(MOVES) == "GameTrace(seed 7, 2 actions, return 1.000)"
    assert max(len(repr(each)) for each in (audit, target, certificate, episode)) < 100


@pytest.mark.slow
def test_a_notebook_shows_the_tables_of_the_command_line(audit, certificate, episode):
    assert_same_cells(
        Scores([SCORE])._repr_html_(), printed(lambda console: print_scores(console, [SCORE]))
    )
    assert_same_cells(
        episode._repr_html_(), printed(lambda console: print_presses(console, episode))
    )
    assert_same_cells(audit._repr_html_(), printed(lambda console: print_audit(console, audit)))
    played = printed(lambda console: print_game_score(console, GAME))
    assert_same_cells(GAME._repr_html_(), played)
    assert played.splitlines()[-1].endswith("(MMER): 0.800")
    shown = printed(lambda console: print_certificate(console, certificate))
    (rows,) = tables_of(certificate._repr_html_())
    assert [row[0] for row in rows] == ["part", "lesions", "planning"]
    assert all(" ".join(row[1:]).split() in map(str.split, shown.splitlines()) for row in rows)


def test_foreign_text_is_no_tag(target):
    page = target._repr_html_()
    assert_same_cells(page, printed(lambda console: print_target_audit(console, target)))
    assert "<script>" not in page
    assert "<i>" not in page
    page.encode()  # a lone surrogate would fail here


def test_rows_are_plain_values(audit, target, certificate, episode):
    (row,) = SCORE.rows()
    assert (row["accuracy"], row["oracle"], row["chance"]) == (0.973, 1.0, 0.007)
    assert row["low"] < row["accuracy"] < row["high"]
    assert [row["key"] for row in episode.rows()] == episode.keys.split()
    assert [row["id"] for row in target.rows()] == ["right/gold", "wrong/constant"]
    assert target.rows()[1]["score"] == 1.0
    assert [row["figure"] for row in certificate.rows()] == [0.5, 0.25, 0.875]
    assert certificate.rows()[2]["beside: untrained"] == 0.25
    assert [row["mean"] for row in GAME.rows()] == [0.75, 0.25, 0.0]
    assert [row["steps"] for row in GAME.rows()] == [3.5, 3.0, 2.0]
    assert [row["reward"] for row in MOVES.rows()] == [0.0, 1.0]
    assert [row["action"] for row in MOVES.rows()] == ["left", "right"]
    assert [row["name"] for row in audit.rows()] == [each.name for each in audit.findings]


def test_a_table_aligns_what_it_is_asked_to():
    sheet = Sheet(headings=("a", "b"), rows=(("1", "fail"),), left=("b",), note="x < y")
    page = sheet.html()
    assert page.count("text-align: right") == page.count("text-align: left") == 2
    assert "color: #b3261e" in page
    assert page.endswith("<p>x &lt; y</p>")


def test_pandas_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(InvalidOption, match=r"pip install 'inwit\[pandas\]'"):
        SCORE.to_pandas()
