"""The probes are trained while the page answers: nobody waits for them."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from time import monotonic, sleep

import pytest

from inwit.cli.agents import SHIPPED
from inwit.playground.runs import Runs
from inwit.playground.server import Server
from tests.playground.conftest import until


@pytest.fixture
def slow_probes(monkeypatch):
    """Probes that are trained only once they are let go."""
    from threading import Event

    from inwit.playground import runs
    from inwit.playground.forecast import fit_forecast

    ready = Event()

    def fit(agent):
        ready.wait(60)
        return fit_forecast(agent, 60)

    monkeypatch.setattr(runs, "fit_forecast", fit)
    yield ready
    ready.set()


def test_an_agent_is_described_before_its_probes_are_trained(slow_probes):
    runs = Runs([SHIPPED])
    begun = monotonic()
    probes = runs.forecast(0)
    assert not probes.done()
    assert runs.forecast(0) is probes
    assert monotonic() - begun < 30
    slow_probes.set()
    assert len(probes.result(60).accuracy) == 8


def test_the_page_shows_what_they_read_as_soon_as_they_are(page, slow_probes):
    with Server([SHIPPED], 0) as server:
        page.goto(server.address)
        page.wait_for_selector("body[data-ready]")
        until(page, "document.querySelector('.verdict dl') !== null")
        assert "being trained" in page.text_content("#mind")
        assert page.locator(".ahead li").count() == 0
        slow_probes.set()
        until(page, "document.querySelectorAll('.ahead li').length === 1")


ENDLESS = """
import signal
import sys
from threading import Event
from inwit.cli.main import main
from inwit.playground import runs
runs.fit_forecast = lambda agent: Event().wait()
signal.signal(signal.SIGINT, signal.default_int_handler)
main(sys.argv[1:])
"""
"""A shell that runs the tests in the background has SIGINT ignored in all that they start."""
PLAY = ["play", "--no-browser", "--port", "0"]
TRAIN = [
    *("train", "stages", "--masks", "given", "--search", "0", "--no-early-stopping", "--watch"),
    *("--batch", "8", "--policy.width", "8", "--out", "run", "--updates"),
]


@contextmanager
def with_endless_probes(arguments, folder):
    """A command whose page has been asked for its agent."""
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | {"BROWSER": "true"},
    ) as command:
        try:
            address = re.search(r"http://[\d.:]+/", command.stdout.readline())[0]
            asked = urllib.request.Request(
                f"{address}api/agent", b'{"run": 0}', {"content-type": "application/json"}
            )
            answer = {}
            while "forecasting" not in answer:  # a run has no agent before its first checkpoint
                sleep(0.1)
                with suppress(urllib.error.HTTPError):
                    answer = json.load(urllib.request.urlopen(asked))
            assert answer["forecasting"]
            yield command
        finally:
            command.kill()


@pytest.mark.slow
def test_nobody_waits_for_them_at_the_end(tmp_path):
    with with_endless_probes(PLAY, tmp_path) as command:
        command.send_signal(signal.SIGINT)
        out, error = command.communicate(timeout=60)
        assert not out
        assert not error.replace("loading: 2 s\n", "").replace("loading: 4 s\n", "")
        assert command.returncode == 0


@pytest.mark.slow
def test_a_watched_run_is_stopped_without_them(tmp_path):
    with with_endless_probes([*TRAIN, "1000000"], tmp_path) as command:
        command.send_signal(signal.SIGINT)
        _, error = command.communicate(timeout=60)
        assert "inwit resume run" in error
        assert command.returncode == 128 + signal.SIGINT


@pytest.mark.slow
def test_a_watched_run_ends_without_them(tmp_path):
    with with_endless_probes([*TRAIN, "60"], tmp_path) as command:
        out, error = command.communicate(timeout=120)
        assert out.endswith("run folder: run\n")
        assert "Error" not in error
        assert command.returncode == 0
