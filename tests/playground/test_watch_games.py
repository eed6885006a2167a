"""How a run in an environment is watched: its return, and one episode played again."""

import pytest

import inwit
from inwit.cli.main import main
from inwit.errors import InvalidProblem
from inwit.games.player import FRESH_SEED, load_game
from inwit.games.scores import fresh_seeds
from inwit.playground.learning import example, progress, tried
from inwit.playground.runs import Runs
from inwit.playground.server import Server
from inwit.training.run_folder import RunFolder
from tests.playground.conftest import until

OPTIONS = {"length": 3, "updates": 10, "batch": 8, "window": 8, "policy.width": 8}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("games") / "run"
    inwit.train("memory-length", out=path, **OPTIONS)
    return path


@pytest.mark.slow
def test_what_is_told_is_what_the_snapshots_do(run):
    runs, folder = Runs([run]), RunFolder(run)
    assert progress(folder)["lines"] == list(folder.metrics())
    seed = example(runs, 0)["problem"]
    assert int(seed) == fresh_seeds(FRESH_SEED, 1)[0]
    tries = tried(runs, 0, seed)
    assert [each["update"] for each in tries] == folder.snapshots()
    for each in tries:
        trace = load_game(folder, snapshot=each["update"]).trace(1)[0]
        assert each["keys"] == " ".join(act.action for act in trace.acts)
        assert each["return"] == trace.total
    with pytest.raises(InvalidProblem, match="is no seed"):
        tried(runs, 0, "3*7")


def test_the_page_shows_it(page, run):
    with Server([run], 0) as server:
        page.goto(f"{server.address}watch.html")
        until(page, "document.querySelectorAll('#tried tr').length === 12")
        until(page, "document.querySelector('#state').textContent === 'finished'")
        assert "mean return" in page.text_content("#facts")
        assert "actions" in page.text_content("#tried")
        told = page.locator(".chart svg").first.get_attribute("aria-label")
        assert told.startswith("Mean return")
        page.fill("#problem", "7")
        page.press("#problem", "Enter")
        assert page.text_content("#asked") == "Seed"


@pytest.mark.slow
def test_train_with_watch_says_where_the_page_is(capsys, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    main(["train", "memory-length", *options, "--watch", "--out", str(tmp_path / "run")])
    assert opened[0] in capsys.readouterr().out


@pytest.mark.slow
def test_play_refuses_it_and_says_what_shows_its_episodes(capsys, run):
    with pytest.raises(SystemExit) as stop:
        main(["play", str(run), "--no-browser", "--port", "0"])
    assert stop.value.code == 2
    assert f"inwit trace {run} shows its episodes" in capsys.readouterr().err
