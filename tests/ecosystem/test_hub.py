"""A folder for the hub holds the agent; what strangers put there is refused and never run."""

import json
import os
import pickle
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

import inwit
from inwit import files
from inwit.agent import Agent
from inwit.cli.agents import SHIPPED
from inwit.cli.main import main
from inwit.errors import DamagedRun, InvalidOption
from inwit.exports.hub import CARD, CERTIFICATE
from inwit.tasks import WordProblems
from inwit.tasks.questions import Question
from inwit.training.run_folder import RunFolder
from tests.recipes import recipe_of

hub = pytest.importorskip("huggingface_hub")

LEFT = {"config.json", "weights.safetensors", CARD}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The shipped agent, for the hub."""
    path = tmp_path_factory.mktemp("hub") / "agent"
    main(["export", "--hub", str(path), "--count", "50", "--no-certificate"])
    return path


@pytest.fixture
def copy(folder, tmp_path):
    """One to be spoilt."""
    return shutil.copytree(folder, tmp_path / "agent")


def test_the_folder_holds_the_agent_and_its_card(folder):
    assert {path.name for path in folder.iterdir()} == LEFT
    ours, theirs = inwit.load(SHIPPED), Agent.from_pretrained(folder)
    for name, weights in ours.policy.state_dict().items():
        assert torch.equal(weights, theirs.policy.state_dict()[name]), name
    assert theirs.solve("3*7+2-4*5").answer == 3
    assert inwit.load(folder).recipe.but(out=None) == ours.recipe.but(out=None)
    made = json.loads((folder / "config.json").read_text())["made"]
    assert made == RunFolder(SHIPPED).made()


def test_the_card_tells_what_was_measured(folder):
    card = hub.ModelCard.load(folder / CARD)
    assert card.data.library_name == "inwit"
    assert "inwit" in card.data.tags
    scores = inwit.load(SHIPPED).evaluate(50)
    assert [result.metric_value for result in card.data.eval_results] == [
        score.agent.accuracy for score in scores
    ]
    assert [result.dataset_name for result in card.data.eval_results] == [
        f"expressions, level {score.level}: {score.form}" for score in scores
    ]
    for score in scores:
        assert f"| {score.level} | `{score.form}` | {score.agent.right} of 50 |" in card.text
    assert "No certificate was made." in card.text
    assert "| policy | `gru` |" in card.text
    (code,) = [part for part in card.text.split("```") if part.startswith("python")]
    names = {}
    exec(code.removeprefix("python").replace('"agent"', repr(str(folder))), names)


def test_the_card_tells_the_certificate(tmp_path, capsys):
    path, out = tmp_path / "agent", tmp_path / "run"
    inwit.train(recipe_of(updates=2, batch=16, replay=8, out=out))
    main(["export", str(out), "--hub", str(path), "--count", "20"])
    told = json.loads((path / CERTIFICATE).read_text())
    failed = [line for line in told["lines"] if line["verdict"] == "fail"]
    text = (path / CARD).read_text()
    assert failed
    assert "**fail**" in text
    assert f"{len(failed)} fail" in text
    assert all(f"- fail: {line['name']}: {line['fails_if']}" in text for line in failed)


class FakeApi:
    """Remembers what is asked of the hub."""

    calls: list

    def __init__(self, **options):
        pass

    def create_repo(self, name, **options):
        self.calls.append(("create", name, options))
        return f"https://hub/{name}"

    def upload_folder(self, *, repo_id, folder_path, commit_message):
        names = {path.name for path in os.scandir(folder_path)}
        self.calls.append(("upload", repo_id, names))


def pushing(monkeypatch, token="secret"):
    monkeypatch.setattr(FakeApi, "calls", [], raising=False)
    monkeypatch.setattr(hub, "HfApi", FakeApi)
    monkeypatch.setattr(hub, "get_token", lambda: token)
    return FakeApi.calls


QUICK = ("--count", "5", "--no-certificate")


def test_a_push_makes_a_private_repository_and_uploads_the_folder(tmp_path, monkeypatch, capsys):
    calls = pushing(monkeypatch)
    main(["export", "--hub", str(tmp_path / "a"), "--push", "me/agent", *QUICK])
    private = ("create", "me/agent", {"private": True, "exist_ok": True})
    assert calls == [private, ("upload", "me/agent", LEFT)]
    assert "pushed to https://hub/me/agent" in capsys.readouterr().out
    assert 'Agent.from_pretrained("me/agent")' in (tmp_path / "a" / CARD).read_text()
    main(["export", "--hub", str(tmp_path / "b"), "--push", "me/agent", "--no-private", *QUICK])
    assert calls[2][2]["private"] is False


def test_without_a_token_nothing_is_made(tmp_path, monkeypatch, capsys):
    calls = pushing(monkeypatch, token=None)
    with pytest.raises(SystemExit) as stop:
        main(["export", "--hub", str(tmp_path / "a"), "--push", "me/agent"])
    assert stop.value.code == 2
    assert "no token: run hf auth login, or set HF_TOKEN" in capsys.readouterr().err
    assert calls == []
    assert not (tmp_path / "a").exists()


def test_a_hub_that_refuses_is_told_in_a_line(tmp_path, monkeypatch, capsys):
    pushing(monkeypatch)
    monkeypatch.setattr(FakeApi, "create_repo", refuse)
    with pytest.raises(SystemExit):
        main(["export", "--hub", str(tmp_path / "a"), "--push", "me/agent", *QUICK])
    told = capsys.readouterr().err
    assert told == f"inwit: --push me/agent: 403 Forbidden; {tmp_path / 'a'} is whole\n"


def refuse(*_, **__):
    raise hub.errors.HfHubHTTPError(
        "403 Forbidden\nlong",
        response=SimpleNamespace(headers={}, request=None, status_code=403, url="", text=""),
    )


def test_an_agent_that_needs_other_files_is_not_exported(tmp_path, monkeypatch):
    from inwit.exports.hub import export_hub

    agent = inwit.load(SHIPPED)
    question = Question(words=("how", "many"), numbers=(1.0,), answer=1.0)
    task = WordProblems(data=tmp_path, given=((question,), (question,)))
    agent.recipe = replace(agent.recipe, task=task)
    with pytest.raises(InvalidOption, match="nobody else could load it"):
        export_hub(agent, tmp_path / "a", count=5)


def test_what_is_fetched_is_two_files_and_no_code(folder, tmp_path, monkeypatch):
    """As the hub's cache holds them: links to files with other names."""
    asked, cache = {}, tmp_path / "snapshot"
    cache.mkdir()
    for number, name in enumerate(("config.json", "weights.safetensors")):
        shutil.copy(folder / name, tmp_path / f"blob{number}")
        (cache / name).symlink_to(tmp_path / f"blob{number}")

    def snapshot_download(name, **options):
        asked.update(options, name=name)
        return str(cache)

    monkeypatch.setattr(hub, "snapshot_download", snapshot_download)
    agent = Agent.from_pretrained("me/agent", revision="v1")
    assert agent.solve("8*7+3").answer == 59
    assert asked == {
        "name": "me/agent",
        "revision": "v1",
        "allow_patterns": ["config.json", "weights.safetensors"],
    }


@pytest.mark.parametrize("name", ["no/such/place/here", "me/agent", "", "a b"])
def test_what_cannot_be_fetched_is_told(name, monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidOption, match="is not a folder and cannot be fetched"):
        Agent.from_pretrained(name)


class Trap:
    """Unpickling it leaves a trace."""

    def __reduce__(self):
        return (os.mkdir, (os.environ["TRAP"],))


@pytest.mark.parametrize("name", ["weights.safetensors", "config.json", "pytorch_model.bin"])
def test_a_pickle_is_never_opened(copy, name, tmp_path, monkeypatch):
    monkeypatch.setenv("TRAP", str(tmp_path / "sprung"))
    (copy / name).write_bytes(pickle.dumps(Trap()))
    if name == "pytorch_model.bin":
        assert Agent.from_pretrained(copy).solve("1+2").answer == 3
    else:
        with pytest.raises(DamagedRun):
            Agent.from_pretrained(copy)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("how", ["cut", "shapes", "missing", "renamed", "nan", "huge"])
def test_foreign_weights_are_refused(copy, how):
    path = copy / "weights.safetensors"
    tensors, told = files.unpack(path.read_bytes())
    first = next(iter(tensors))
    match how:
        case "cut":
            path.write_bytes(path.read_bytes()[:-100])
        case "shapes":
            path.write_bytes(files.pack({n: t[..., :-1] for n, t in tensors.items()}, told))
        case "missing":
            tensors.pop(first)
            path.write_bytes(files.pack(tensors, told))
        case "renamed":
            path.write_bytes(files.pack({f"x{n}": t for n, t in tensors.items()}, told))
        case "nan":
            tensors[first] = torch.full_like(tensors[first], torch.nan)
            path.write_bytes(files.pack(tensors, told))
        case "huge":
            config = json.loads((copy / "config.json").read_text())
            config["recipe"]["policy"]["width"] = 10**9
            (copy / "config.json").write_text(json.dumps(config))
    with pytest.raises(DamagedRun):
        Agent.from_pretrained(copy)
