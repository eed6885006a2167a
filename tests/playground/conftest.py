"""What the tests of the page share: agents, a server, and a real browser where there is one."""

import json
import os
import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import monotonic, sleep
from urllib.request import Request, urlopen

import pytest
import torch

from inwit.agent import Agent, load
from inwit.cli.agents import SHIPPED
from inwit.playground.forecast import fit_forecast
from inwit.playground.server import Server
from tests.playground.exported import FEW, pressed_in
from tests.recipes import recipe_of

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests in a browser are slow."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


def untrained(task, **changes):
    """An agent that has learnt nothing; the sizes of its parts are those of a trained one."""
    recipe = recipe_of(task, **changes)
    environment = recipe.environment()
    policy = recipe.network(environment)
    if environment.task.shows_level and hasattr(policy, "reader"):  # these weights begin at zero
        torch.nn.init.normal_(policy.reader.level, generator=torch.Generator().manual_seed(1))
    return Agent(recipe, policy, environment)


@pytest.fixture
def make_agent():
    return untrained


@pytest.fixture(scope="session")
def shipped():
    return load(SHIPPED)


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("there is no Chromium here: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def served():
    """A server that has trained its probes: that takes seconds, and no page is to wait for it."""
    with Server([SHIPPED], 0) as server:
        asked = Request(f"{server.address}api/agent", b"{}", {"content-type": "application/json"})
        while json.load(urlopen(asked))["forecasting"]:
            sleep(0.1)
        yield server


@pytest.fixture
def page(browser):
    """A page that fails the test if it asks another host, or if a script of it fails."""
    context = browser.new_context(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
    page, wrong = context.new_page(), []
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: wrong.append(asked.url) if is_foreign(asked.url) else None)
    page.on("console", lambda told: wrong.append(told.text) if "Security" in told.text else None)
    yield page
    context.close()
    assert wrong == []


def is_foreign(url):
    return not url.startswith(("http://127.0.0.1:", "data:"))


@pytest.fixture
def play(page, served):
    """The page with an episode at a problem, at its end."""

    def open_page(problem="", address=served.address):
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        if problem:
            solve(page, problem)
        return page

    return open_page


def until(page, condition, given=None):
    """Wait. The page's own policy forbids what `page.wait_for_function` does."""
    end = monotonic() + 20
    while not page.evaluate(f"given => {condition}", given):
        assert monotonic() < end, f"in vain: {condition}"
        page.wait_for_timeout(20)


def solve(page, problem):
    page.fill("#problem", problem)
    page.press("#problem", "Enter")
    shown = "document.body.dataset.problem === given"
    until(page, f"{shown} && document.querySelector('.verdict dl') !== null", problem)


class Held:
    """The next answers of a kind, held back while later ones pass."""

    def __init__(self, page, kind, count):
        self.page, self.count, self.routes = page, count, []
        page.route(f"**/api/{kind}", self._decide)

    def _decide(self, route):
        if len(self.routes) < self.count:
            self.routes.append(route)
        else:
            route.continue_()

    def wait(self):
        """Wait until all of them are held."""
        end = monotonic() + 20
        while len(self.routes) < self.count:
            assert monotonic() < end
            self.page.wait_for_timeout(20)

    def let_go(self):
        """Let them come, and give the page time to do something about them."""
        for route in self.routes:
            with self.page.expect_response(lambda got, own=route: got.request == own.request):
                route.continue_()
        self.page.wait_for_timeout(200)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *told):
        pass


@pytest.fixture
def static_host():
    """Serves folders as any static host does."""
    hosts = []

    def host(folder):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
        hosts.append(server)
        Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield host
    for server in hosts:
        server.shutdown()
        server.server_close()


@pytest.fixture
def pressed(page, static_host, tmp_path, monkeypatch):
    """What an agent does in the browser with some problems."""
    monkeypatch.setattr(
        "inwit.playground.export.fit_forecast", lambda agent: fit_forecast(agent, FEW)
    )
    return lambda agent, asked: pressed_in(page, agent, tmp_path / "web", static_host, asked)
