"""What a tracker has is what `metrics.jsonl` has, also after a run was cut off and went on."""

import json
import signal
import sqlite3
import struct
import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch

from inwit.agent import resume, train
from inwit.cli.main import main
from inwit.errors import DamagedRun, Interrupted, InvalidOption, UnknownName
from inwit.tracking import IDENTITY, TensorBoard, Tracker
from inwit.training.metrics import Report
from inwit.training.run_folder import RunFolder
from tests.recipes import PLAIN, recipe_of

UPDATES, CUT = 7, 4
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def recipe(path, **changes):
    return recipe_of(updates=UPDATES, batch=16, replay=8, out=path).but(**changes)


def written(path):
    """The metrics of a run by update."""
    lines = map(json.loads, (path / "metrics.jsonl").read_text().splitlines())
    return {line.pop("update"): line for line in lines}


def cut_off(name, path, *, close=True):
    """A tracked run that is stopped after some updates; `close=False`: the tracker is killed."""
    tracker = Tracker(name, path)

    def report(done):
        tracker(done)
        if done.update == CUT:
            raise Interrupted(signal.SIGINT)

    with pytest.raises(Interrupted):
        train(recipe(path), report=report)
    if close:
        tracker.close()
    return tracker


def events(path):
    """The scalars of a folder of TensorBoard's, as {update: {name: value}}, and its texts."""
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(path / "tensorboard"), size_guidance={"scalars": 0})
    read.Reload()
    found = {}
    for name in read.Tags()["scalars"]:
        steps = [event.step for event in read.Scalars(name)]
        assert steps == sorted(set(steps)), name
        for event in read.Scalars(name):
            found.setdefault(event.step, {})[name] = event.value
    (text,) = read.Tensors("recipe/text_summary")[-1:]
    return found, text.tensor_proto.string_val[0].decode()


def float32(metrics):
    """What TensorBoard keeps of them."""
    return {
        update: {name: torch.tensor(value).float().item() for name, value in line.items()}
        for update, line in metrics.items()
    }


def test_tensorboard_has_what_the_metrics_have(tmp_path, capsys):
    pytest.importorskip("tensorboard")
    small = ("--updates", str(UPDATES), "--batch", "16", "--policy.width", "8", *PLAIN)
    path = tmp_path / "run"
    main(["train", "stages", *small, "--track", "tensorboard", "--out", str(path)])
    assert "run folder" in capsys.readouterr().out
    scalars, text = events(path)
    assert scalars == float32(written(path))
    assert sorted(scalars) == list(range(1, UPDATES + 1))
    assert json.loads(text.strip("`\n"))["batch"] == 16


@pytest.mark.parametrize("close", [True, False], ids=["stopped", "killed"])
def test_tensorboard_goes_on_in_the_same_place(tmp_path, close):
    pytest.importorskip("tensorboard")
    path = tmp_path / "run"
    killed = cut_off("tensorboard", path, close=close)
    with Tracker("tensorboard", path) as tracker:
        resume(path, report=tracker)
    scalars, _ = events(path)
    assert scalars == float32(written(path))
    assert sorted(scalars) == list(range(1, UPDATES + 1))
    killed.close()


def test_tensorboard_has_the_beginning_of_a_run_that_was_not_tracked(tmp_path, capsys):
    pytest.importorskip("tensorboard")
    path = tmp_path / "run"
    with pytest.raises(Interrupted):
        train(recipe(path), report=stop)
    main(["resume", str(path), "--track", "tensorboard"])
    assert events(path)[0] == float32(written(path))


def test_ctrl_c_finishes_the_writing(tmp_path, capsys, monkeypatch):
    pytest.importorskip("tensorboard")
    path, log = tmp_path / "run", TensorBoard.log

    def interrupted(writer, metrics, update):
        log(writer, metrics, update)
        if update == CUT:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(TensorBoard, "log", interrupted)
    small = ("--updates", str(UPDATES), "--batch", "16", "--policy.width", "8", "--out", str(path))
    with pytest.raises(SystemExit) as end:
        main(["train", *small, "--track", "tensorboard"])
    assert end.value.code == 130
    scalars, _ = events(path)
    assert scalars == float32(written(path))
    assert sorted(scalars) == list(range(1, CUT + 1))
    monkeypatch.setattr(TensorBoard, "log", log)
    main(["resume", str(path), "--track", "tensorboard"])
    assert sorted(events(path)[0]) == list(range(1, UPDATES + 1))


def stop(done):
    if done.update == CUT:
        raise Interrupted(signal.SIGTERM)


def test_trackio_has_what_the_metrics_have_and_goes_on(tmp_path, monkeypatch, capsys):
    trackio = pytest.importorskip("trackio")
    monkeypatch.setattr(trackio.sqlite_storage, "TRACKIO_DIR", tmp_path / "trackio")
    monkeypatch.setattr(trackio.utils, "TRACKIO_DIR", tmp_path / "trackio")
    path = tmp_path / "run"
    cut_off("trackio", path)
    with Tracker("trackio", path) as tracker:
        resume(path, report=tracker)
    (file,) = (tmp_path / "trackio").glob("inwit*.db")
    with sqlite3.connect(file) as database:
        rows = database.execute(
            "SELECT run_name, step, metrics FROM metrics ORDER BY id"
        ).fetchall()
        (config,) = database.execute("SELECT config FROM configs").fetchone()
    database.close()
    identity = json.loads((path / IDENTITY).read_text())["run"]
    assert {name for name, _, _ in rows} == {f"run-{identity}"}
    assert [step for _, step, _ in rows] == list(range(1, UPDATES + 1))
    assert {step: json.loads(metrics) for _, step, metrics in rows} == written(path)
    config = json.loads(config)  # text, or bytes where orjson is installed
    assert config["policy"]["width"] == 8
    assert "None" not in json.dumps(config)


class FakeWandb(ModuleType):
    """Remembers what is asked of it, as the service does; no step is asked for twice."""

    class Error(Exception):
        pass

    def __init__(self):
        super().__init__("wandb")
        self.runs, self.finished = {}, 0

    def init(self, *, id, config, resume, **options):
        assert resume == "allow"
        assert options.keys() == {"project", "name", "dir"}
        self.config, self.rows = config, self.runs.setdefault(id, {})
        return SimpleNamespace(step=max(self.rows, default=-1) + 1, log=self.log, finish=self.end)

    def log(self, metrics, step):
        assert step not in self.rows
        self.rows[step] = metrics

    def end(self):
        self.finished += 1


def test_wandb_is_asked_for_what_the_metrics_have_and_goes_on(tmp_path, monkeypatch):
    fake, path = FakeWandb(), tmp_path / "run"
    monkeypatch.setitem(sys.modules, "wandb", fake)
    cut_off("wandb", path)
    with Tracker("wandb", path) as tracker:
        resume(path, report=tracker)
    (rows,) = fake.runs.values()
    assert rows == written(path)
    assert fake.finished == 2
    assert fake.config["updates"] == UPDATES
    assert fake.config == RunFolder(path).recipe().dump()


def test_wandb_writes_offline(tmp_path, monkeypatch):
    wandb = pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    path = tmp_path / "run"
    with Tracker("wandb", path) as tracker:
        train(recipe(path), report=tracker)
    wandb.teardown()  # waits until all is written
    from wandb.proto import wandb_internal_pb2

    (file,), found = path.glob("wandb/offline-run-*/*.wandb"), {}
    for data in records(file.read_bytes()):
        record = wandb_internal_pb2.Record.FromString(data)
        if record.HasField("history"):
            items = {
                item.key or "/".join(item.nested_key): json.loads(item.value_json)
                for item in record.history.item
            }
            step = items.pop("_step")
            found[step] = {name: items[name] for name in items if not name.startswith("_")}
    assert found == written(path)


def records(content, block=2**15, header=7):
    """The records of a file of wandb's: pieces of whole ones (1), or first to last (2, 3, 4)."""
    place, pieces = header, b""
    while place < len(content):
        if block - place % block < header:  # no room for a header: the block is padded
            place += block - place % block
            continue
        _, length, kind = struct.unpack_from("<IHB", content, place)
        pieces += content[place + header : place + header + length]
        place += header + length
        if kind in (1, 4):
            yield pieces
            pieces = b""


def test_a_service_that_refuses_is_told_in_a_line(tmp_path, monkeypatch):
    fake, path = FakeWandb(), tmp_path / "run"
    monkeypatch.setitem(sys.modules, "wandb", fake)

    def refuse(**options):
        raise fake.Error("no API key")

    monkeypatch.setattr(fake, "init", refuse)
    with pytest.raises(InvalidOption, match="no API key; or set WANDB_MODE=offline"):
        train(recipe(path), report=Tracker("wandb", path))


def test_an_unknown_tracker_is_told():
    with pytest.raises(UnknownName, match="did you mean 'tensorboard'"):
        Tracker("tensorbord", "run")


@pytest.mark.parametrize("content", ["", "[]", '{"run": "../../x"}', '{"run": ""}', "[" * 9999])
def test_a_damaged_name_of_a_stranger_is_refused(tmp_path, monkeypatch, content):
    monkeypatch.setitem(sys.modules, "wandb", FakeWandb())
    path = tmp_path / "run"
    train(recipe(path, updates=1))
    (path / IDENTITY).write_text(content[:1000])
    done = Report(update=1, episodes=1, level=0, metrics={}, seconds=0.0)
    with pytest.raises(DamagedRun, match=r"tracking\.json is damaged"):
        Tracker("wandb", path)(done)
