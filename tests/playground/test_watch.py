"""How a run learns, while it does and afterwards, and the reports about it, in a real browser."""

from dataclasses import replace
from threading import Event, Thread

import pytest

from inwit import agent as agents
from inwit.auditing.exhaustive import audit_task
from inwit.cli.main import main
from inwit.playground import reports
from inwit.playground.learning import progress, tried
from inwit.playground.runs import Runs
from inwit.playground.server import Server
from inwit.probes import Certificate, Line, Verdict
from inwit.recipes import RECIPES
from inwit.tasks import Stages
from inwit.training.run_folder import RunFolder
from tests.playground.conftest import until
from tests.recipes import HELPED, PLAIN, recipe_of

SMALL = {"updates": 20, "batch": 64, "policy.width": 8}


@pytest.fixture
def live(tmp_path):
    """A run that waits after every update until the test lets it go on."""
    path, gate = tmp_path / "live", Event()
    recipe = recipe_of("expressions", **SMALL, curriculum="uniform", out=path)

    def report(done):
        if done.update == 10:
            gate.wait(60)

    thread = Thread(target=agents.train, args=(recipe,), kwargs={"report": report})
    thread.start()
    with Server([path], 0) as server:
        yield server, gate, thread
        gate.set()
        thread.join()


def test_a_run_is_watched_while_it_trains(page, live):
    server, gate, thread = live
    page.goto(f"{server.address}watch.html")
    until(page, "document.querySelector('#facts')?.textContent.includes('10 of 20')")
    assert page.text_content("#state") == "training"
    assert page.locator(".chart").count() == 4
    told = page.locator(".chart svg").first.get_attribute("aria-label")
    assert all(f"level {level}" in told for level in (1, 2, 3, 4))
    assert "level 4 at" in page.text_content("#facts")
    until(page, "document.querySelectorAll('#tried tr').length >= 6")
    gate.set()
    until(page, "document.querySelector('#state').textContent === 'finished'")
    thread.join()
    until(page, "document.querySelectorAll('#tried tr').length === 12")
    page.fill("#problem", "1+2")
    page.press("#problem", "Enter")
    until(page, "document.querySelector('#tried').textContent.includes('ANS')")


@pytest.mark.slow
def test_what_is_told_of_a_run_is_what_is_in_its_folder(tmp_path):
    path = tmp_path / "run"
    agents.train(HELPED, **SMALL, out=path)
    folder, runs = RunFolder(path), Runs([path])
    told = progress(folder)
    assert told["lines"] == list(folder.metrics())
    assert [line["update"] for line in progress(folder, after=17)["lines"]] == [18, 19, 20]
    assert told["updates"] == 20
    assert told["snapshots"] == [*range(0, 21, 2)]
    assert told["seconds"]["episodes"] == told["lines"][-1]["episodes"]
    assert told["finished"]
    tries = tried(runs, 0, "3*7+2")
    assert [each["update"] for each in tries] == told["snapshots"]
    assert tries[-1]["keys"] == agents.load(path).solve("3*7+2").keys
    assert len({each["keys"] for each in tries}) > 1


@pytest.mark.slow
def test_a_run_that_stopped_early_is_finished(tmp_path, monkeypatch):
    path = tmp_path / "run"

    def stop(report):
        if report.update == 10:
            assert not progress(RunFolder(path))["finished"]

    monkeypatch.setattr("inwit.training.loop.greedy", lambda *_: 1.0)
    agents.train(HELPED, **SMALL | {"updates": 60}, early_stopping=True, out=path, report=stop)
    told = progress(RunFolder(path))
    assert told["lines"][-1]["update"] < 60
    assert told["finished"]


def test_a_long_run_is_told_in_few_lines(tmp_path):
    path = tmp_path / "run"
    folder = RunFolder.create(RECIPES["stages"]().but(updates=5000, out=path))
    for update in range(1, 3001):
        folder.append({"update": update, "episodes": update, "episodes/accuracy": 0.5})
    lines = progress(folder)["lines"]
    assert 500 <= len(lines) <= 601
    assert lines[-1]["update"] == 3000


@pytest.mark.slow
def test_train_with_watch_says_where_the_page_is(capsys, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    options = [f"--{name}={value}" for name, value in SMALL.items()]
    main(["train", "stages", *options, *PLAIN, "--watch", "--out", str(tmp_path / "run")])
    assert opened[0].startswith("http://127.0.0.1:")
    assert opened[0] in capsys.readouterr().out
    assert RunFolder(tmp_path / "run").snapshots()[-1] == 20


def test_warnings_are_shown_in_words(page, tmp_path):
    path = tmp_path / "run"
    agents.train(HELPED, **SMALL, out=path)
    lines = (path / "metrics.jsonl").read_text().splitlines()
    lines[4] = lines[4].replace("{", '{"warning/entropy": 1.0, ', 1)
    (path / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    with Server([path], 0) as server:
        page.goto(f"{server.address}watch.html")
        page.wait_for_selector("#warnings li")
        assert "entropy: at 1 updates, the first is 5" in page.text_content("#warnings")


def card(*_, **__):
    line = Line(part="competence", name="level 1", verdict=Verdict.PASS, figure=1.0, count=9)
    facts = {"task": "t", "policy": "gru", "made": {}, "commit": "", "seed": 0, "problems": 9}
    return Certificate(**facts, lines=(line,))


def test_a_certificate_and_an_audit_are_shown_as_pages(page, served, monkeypatch):
    monkeypatch.setattr(agents.Agent, "certify", card)
    small = audit_task(Stages(once=True), levels=[0], problems=64, budget=300)
    monkeypatch.setattr(reports, "audit_task", lambda task, **_: replace(small, task=task.name))
    page.goto(f"{served.address}report.html")
    page.click("#certificate")
    page.wait_for_selector("#page:not([hidden])")
    assert page.frame_locator("#page").locator("h1").text_content() == "t, gru: passed"
    shade = page.frame_locator("#page").locator("td.pass").first
    assert shade.evaluate("each => getComputedStyle(each).color") != "rgb(0, 0, 0)"
    page.click("#audit")
    page.frame_locator("#page").get_by_text("worth training on?").wait_for(timeout=60_000)
    heading = page.frame_locator("#page").locator("h1")
    assert heading.text_content().startswith("expressions: ")
