"""The probes are trained while the page answers: nobody waits for them."""

import json
import re
import signal
import subprocess
import sys
import urllib.request
from time import monotonic

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
from threading import Event
from inwit.cli.main import main
from inwit.playground import runs
runs.fit_forecast = lambda agent: Event().wait()
main(["play", "--no-browser", "--port", "0"])
"""


def test_nobody_waits_for_them_at_the_end():
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as command:
        try:
            address = re.search(r"http\S+/", command.stdout.readline())[0]
            asked = urllib.request.Request(
                f"{address}api/agent", b'{"run": 0}', {"content-type": "application/json"}
            )
            assert json.load(urllib.request.urlopen(asked))["forecasting"]
            command.send_signal(signal.SIGINT)
            assert command.communicate(timeout=60) == ("", "")
            assert command.returncode == 0
        finally:
            command.kill()
