"""What a node of a cluster does, without a cluster: a run in another folder, sent back."""

import pytest

from inwit.agent import train
from inwit.runs.workers import Ended, Finished, Progressed, job_of
from inwit.runs.workers.nodes import Mailbox, Post, work_on_node
from inwit.runs.workers.travelling import unpacked
from inwit.training.checkpoint import RunFolder
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
