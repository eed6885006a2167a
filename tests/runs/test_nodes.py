"""What a node of a cluster does, without a cluster: a run in another folder, sent back."""

from types import SimpleNamespace

import pytest

from inwit.agent import train
from inwit.runs.workers import Ended, Finished, Progressed, job_of
from inwit.runs.workers.base import RunExecutor
from inwit.runs.workers.cluster import RayWorkers
from inwit.runs.workers.nodes import Mailbox, Post, work_on_node
from inwit.runs.workers.travelling import unpacked
from inwit.training.metrics import Report
from inwit.training.run_folder import RunFolder
from tests.recipes import recipe_of

SMALL = {"updates": 20, "batch": 32, "policy.width": 8}


class Near:
    """Calls an actor's methods at once."""

    def __init__(self, actor):
        self.actor = actor

    def __getattr__(self, name):
        method = getattr(self.actor, name)
        return type("Method", (), {"remote": staticmethod(method)})


@pytest.fixture
def mailbox(monkeypatch):
    monkeypatch.setattr(Post, "_get", lambda self, answer: bool(answer))
    return Mailbox()


@pytest.mark.slow
def test_a_run_on_a_node_is_the_run_by_itself(tmp_path, mailbox):
    recipe = recipe_of("stages", **SMALL)
    train(recipe, out=tmp_path / "alone")
    job = job_of(recipe.but(out=tmp_path / "node"), "one", problems=20)
    message, archive = work_on_node(job, b"", {}, Near(mailbox))
    assert isinstance(message, Finished)
    assert not (tmp_path / "node").exists()
    unpacked(archive, tmp_path / "node")
    for name in ("weights.safetensors", "metrics.jsonl"):
        assert (tmp_path / "node" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()
    letters = mailbox.take()
    assert all(isinstance(each, Progressed) for _, each, _ in letters)
    assert sum(bool(sent) for _, _, sent in letters) >= 1
    assert mailbox.take() == []


@pytest.mark.slow
def test_a_node_goes_on_with_the_folder_that_another_sent(tmp_path, mailbox):
    recipe = recipe_of("stages", **SMALL)
    train(recipe, out=tmp_path / "alone")
    job = job_of(recipe.but(out=tmp_path / "node"), "one", problems=20)
    mailbox.stop("one")
    first, archive = work_on_node(job, b"", {}, Near(mailbox))
    assert isinstance(first, Ended)
    assert first.stopped
    unpacked(archive, tmp_path / "half")
    assert 0 < RunFolder(tmp_path / "half").latest().update < 20
    second, archive = work_on_node(job, archive, {}, Near(Mailbox()))
    assert isinstance(second, Finished)
    unpacked(archive, tmp_path / "node")
    for name in ("weights.safetensors", "metrics.jsonl"):
        assert (tmp_path / "node" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


class Dies(Exception):
    """A node is gone."""


def test_seconds_are_kept_where_a_node_dies(tmp_path):
    """The next one counts on from what the first has told; Ray itself is left out."""
    begun, letters = [], []
    report = Report(update=1, episodes=32, level=0, metrics={}, seconds=1.0)

    def work(job, archive, sources, mailbox):
        begun.append(job.spent)
        told = Progressed(report=report, cpu=job.spent + 3.0, snapshots={})
        letters.append((job.name, told, b""))
        return Dies() if len(begun) < 3 else (Ended(reason="enough", stopped=False), b"")

    def get(given):
        if isinstance(given, Exception):
            raise given
        return given

    def take():
        told, letters[:] = letters[:], []
        return told

    errors = SimpleNamespace(RayError=Dies, RayTaskError=ZeroDivisionError)
    workers = RayWorkers.__new__(RayWorkers)
    RunExecutor.__init__(workers, 1)
    workers.ray = SimpleNamespace(
        get=get, wait=lambda runs, num_returns, timeout: (runs, []), exceptions=errors
    )
    workers.work, workers.runs, workers.jobs = SimpleNamespace(remote=work), {}, 1
    workers.mailbox = SimpleNamespace(take=SimpleNamespace(remote=take))
    jobs = iter([job_of(recipe_of("stages", **SMALL).but(out=tmp_path / "run"), "one")])
    messages = [message for _, message in workers.train(lambda: next(jobs, None))]
    assert begun == [0.0, 3.0, 6.0]
    assert [getattr(message, "cpu", None) for message in messages] == [3.0, 6.0, 9.0, None]
