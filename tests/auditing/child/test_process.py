import os
import socket
import subprocess
import sys
import time

import pytest

from inwit.auditing.base import Outcome
from inwit.auditing.child.process import MOST_LOST

RIGHT = "23"
"""The answer of the first row."""


@pytest.fixture(autouse=True)
def started(monkeypatch):
    """Children are started here, not forked."""
    monkeypatch.setattr("inwit.auditing.child.process.subprocess", subprocess)


@pytest.mark.slow
def test_scores_come_back_in_order_and_cheaply(opened):
    child = opened("sound")
    readings = child.ask("score", [[0, RIGHT], [1, RIGHT], [0, f" {RIGHT}\n"]])
    assert [each.score for each in readings] == [1.0, 0.0, 1.0]
    begun = time.monotonic()
    readings = child.ask("score", [[n % 24, str(n)] for n in range(4000)])
    assert len(readings) == 4000
    assert time.monotonic() - begun < 10
    assert child.starts == 1


def test_an_exception_is_an_error_with_the_authors_frame(opened):
    reading = opened("raises").ask("score", [[0, "banana"]])[0]
    assert reading.outcome is Outcome.ERROR
    assert "ValueError" in reading.message
    assert len(reading.frames) == 1
    assert "graders.py" in reading.frames[0]
    assert "int(reply)" in reading.frames[0]


def test_any_reply_reaches_the_grader(opened):
    replies = ["\0", "\ud800", "", 7, None, [1, "a"], {"a": 1.5}]
    readings = opened("sound").ask("score", [[0, reply] for reply in replies])
    for reply, reading in zip(replies, readings, strict=True):
        wanted = Outcome.VALUE if isinstance(reply, str) else Outcome.ERROR
        assert reading.outcome is wanted, reply


@pytest.mark.parametrize(
    ("grader", "outcome"),
    [
        ("hangs", Outcome.TIMEOUT),
        pytest.param("stubborn", Outcome.TIMEOUT, marks=pytest.mark.slow),
        ("leaves", Outcome.ERROR),
        ("allocates", Outcome.ERROR),
        ("forks", Outcome.VALUE),
    ],
)
def test_what_a_grader_does_is_a_reading_and_the_next_call_works(opened, grader, outcome):
    child = opened(grader)
    first, second = child.ask("score", [[0, "banana"], [0, RIGHT]])
    assert first.outcome is outcome
    assert second.score == 1.0


@pytest.mark.slow
def test_a_process_that_dies_is_started_again_with_its_items(opened):
    child = opened("leaves")
    first, second = child.ask("score", [[0, ""], [1, str(28 + 25)]])
    assert first.outcome is Outcome.DEATH
    assert "exit code 4" in first.message
    assert second.score == 1.0
    assert child.starts == 2


@pytest.mark.slow
def test_a_grader_that_hangs_on_everything_costs_little(opened):
    child = opened("hangs")
    readings = child.ask("score", [[0, "banana"]] * 20)
    outcomes = [each.outcome for each in readings]
    assert outcomes == [Outcome.TIMEOUT] * MOST_LOST + [Outcome.SKIPPED] * (20 - MOST_LOST)
    assert child.ask("score", [[0, RIGHT]])[0].score == 1.0


def test_a_text_is_no_score(opened):
    reading = opened("returns_text").ask("score", [[0, RIGHT]])[0]
    assert reading.outcome is Outcome.ERROR
    assert "'1.0'" in reading.message


def test_no_secret_no_network_and_a_folder_of_its_own(opened, monkeypatch):
    monkeypatch.setenv("INWIT_TEST_SECRET", "hush")
    assert opened("secrets").ask("score", [[0, ""]])[0].score == 0.0
    assert opened("inside").ask("score", [[0, ""]])[0].score == 1.0
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = str(server.getsockname()[1])
        assert opened("connects").ask("score", [[0, port]])[0].outcome is Outcome.ERROR
        assert opened("connects", network=True).ask("score", [[0, port]])[0].score == 1.0


def test_nothing_is_left_when_it_is_closed(opened):
    child = opened("sound")
    assert child.process is not None
    identity, folder = child.process.pid, child.folder
    child.close()
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(identity, 0)


def test_a_child_and_the_plugin_of_pytest_start_without_torch():
    code = "import sys, inwit.auditing.child.serving, inwit.auditing.formats.function as f; "
    code += "import inwit.testing.plugin; print('torch' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
